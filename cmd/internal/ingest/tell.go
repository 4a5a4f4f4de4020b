package ingest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
)

// Server is where facts are recorded.
type Server interface {
	// History are the events that touch a fact, oldest first, or none if there is
	// no such fact.
	History(ctx context.Context, summit, id string) ([]jsontext.Value, error)
	// Record records an event.
	Record(ctx context.Context, summit string, event []byte) (created bool, err error)
	// Refused reports whether an error is the server's word on this event alone, so
	// that others may be tried.
	Refused(err error) bool
}

// Report is what came of a reading.
type Report struct {
	Source    string `json:"source"`
	Identity  string `json:"identity"`
	Items     int    `json:"items"`
	Created   int    `json:"created"`
	Duplicate int    `json:"duplicate"`
	Corrected int    `json:"corrected"`
	Retracted int    `json:"retracted"`
	// Unchanged reports whether the source was skipped because it has not changed since
	// it was read last.
	Unchanged bool      `json:"unchanged"`
	Skipped   []Skipped `json:"skipped"`
	Refused   []Skipped `json:"refused"`
}

// Recorder records readings at a server.
type Recorder struct {
	Server Server
	Summit string
	// Desk is who records.
	Desk string
	// Progress, if it is not nil, is called after each fact.
	Progress func(done, of int)
	// recorded are digests of what was told of each fact of the last reading, so that
	// the server is not asked again about a source that is watched.
	recorded map[string]digest
}

type digest [sha256.Size]byte

// Record records what is new. What a source changed later under the same key is
// a correction of class refile: the first word stays, and so does what an
// editor corrected since. What it has withdrawn is retracted.
func (rec *Recorder) Record(ctx context.Context, r Reading) (Report, error) {
	sum := Report{
		Source: r.Name, Identity: shownIdentity(r.Identity), Items: len(r.Facts) + len(r.Gone) + len(r.Skipped),
		Skipped: append([]Skipped{}, r.Skipped...), Refused: []Skipped{},
	}
	before := rec.recorded
	rec.recorded = make(map[string]digest, len(r.Facts)+len(r.Gone))
	of := len(r.Facts) + len(r.Gone)
	for i := range of {
		var err error
		var key string
		if i < len(r.Facts) {
			key, err = r.Facts[i].Key, rec.recordFact(ctx, r, r.Facts[i], before, &sum)
		} else {
			gone := r.Gone[i-len(r.Facts)]
			key, err = gone.Key, rec.withdraw(ctx, r, gone, before, &sum)
		}
		if err != nil && !rec.Server.Refused(err) {
			return sum, err
		}
		if err != nil {
			sum.Refused = append(sum.Refused, Skipped{key, err.Error()})
		}
		if rec.Progress != nil {
			rec.Progress(i+1, of)
		}
	}
	return sum, nil
}

func (rec *Recorder) recordFact(ctx context.Context, r Reading, f Fact, before map[string]digest, sum *Report) error {
	data, err := events.EncodeData(f.Data)
	if err != nil {
		return fmt.Errorf("tell %s: %w", f.Key, err)
	}
	name := f.Key
	if f.Shared {
		name += "\n" + f.Apart
	}
	now := sha256.Sum256([]byte(string(data) + "\n" + f.Time.String()))
	if was, told := before[name]; told && was == now {
		rec.recorded[name] = now
		sum.Duplicate++
		return nil
	}
	k, err := rec.find(ctx, r, f)
	if err != nil {
		return err
	}
	if k.exists() {
		err = rec.update(ctx, k, f, data, sum)
	} else {
		err = rec.recordFirst(ctx, k.id, f, data, identify(r.Identity, f.Key), sum)
	}
	if err == nil {
		rec.recorded[name] = now
	}
	return err
}

// event is an event as it is handed in.
type event struct {
	ID      string         `json:"id"`
	Source  string         `json:"source"`
	Type    string         `json:"type"`
	Subject string         `json:"subject"`
	Time    events.Instant `json:"time,omitzero"`
	Data    jsontext.Value `json:"data"`
}

func (rec *Recorder) send(ctx context.Context, e event) (created bool, err error) {
	e.Source = rec.Desk
	b, err := json.Marshal(e)
	if err != nil {
		return false, fmt.Errorf("encode the event: %w", err)
	}
	return rec.Server.Record(ctx, rec.Summit, b) //nolint:wrapcheck // the server says what it is about
}

// recordFirst records a fact. Its subject ends with its id, so that facts that share
// a key have subjects of their own.
func (rec *Recorder) recordFirst(ctx context.Context, id uuid.UUID, f Fact, data []byte, byKey uuid.UUID, sum *Report) error {
	f.Subject.ID = strings.TrimSuffix(f.Subject.ID, byKey.String()[:8]) + id.String()[:8]
	created, err := rec.send(ctx, event{ID: id.String(), Type: f.Type, Subject: f.Subject.String(), Time: f.Time, Data: data})
	switch {
	case err != nil:
		return err
	case created:
		sum.Created++
	default: // somebody else told it at the same moment
		sum.Duplicate++
	}
	return nil
}

// update compares what a source says now with what it said last, and records what
// it has changed.
func (rec *Recorder) update(ctx context.Context, k known, f Fact, data []byte, sum *Report) error {
	if err := rec.restore(ctx, k, sum); err != nil {
		return err
	}
	patch, err := k.change(f, data)
	if err != nil {
		return fmt.Errorf("tell %s: %w", f.Key, err)
	}
	if string(patch) == "{}" {
		sum.Duplicate++
		return nil
	}
	correction := &events.FactCorrected{Class: events.ClassRefile, Notice: k.notice(patch), Patch: patch}
	correction.Target = events.Target{Target: k.id.String()}
	said, err := events.EncodeData(correction)
	if err != nil {
		return fmt.Errorf("tell %s: %w", f.Key, err)
	}
	if _, err := rec.send(ctx, event{
		ID: refileID(k.id, len(k.states)).String(), Type: events.TypeFactCorrected, Subject: k.subject, Time: f.Changed, Data: said,
	}); err != nil {
		return err
	}
	sum.Corrected++
	return nil
}
