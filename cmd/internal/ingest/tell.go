package ingest

import (
	"context"
	"fmt"
	"strconv"

	"github.com/google/uuid"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
)

// Server is what facts are told to.
type Server interface {
	// History are the events that touch a fact, oldest first; none where there is
	// no such fact.
	History(ctx context.Context, summit, id string) ([]jsontext.Value, error)
	// Record records an event.
	Record(ctx context.Context, summit string, event []byte) (created bool, err error)
	// Refused says whether an error is the server's word on this event alone, so
	// that others may be tried.
	Refused(err error) bool
}

// Told is what came of a reading.
type Told struct {
	Source    string    `json:"source"`
	Identity  string    `json:"identity"`
	Items     int       `json:"items"`
	Created   int       `json:"created"`
	Duplicate int       `json:"duplicate"`
	Corrected int       `json:"corrected"`
	Skipped   []Skipped `json:"skipped"`
	Refused   []Skipped `json:"refused"`
}

// Teller tells readings to a server.
type Teller struct {
	Server Server
	Summit string
	// Desk is who records.
	Desk string
	// Progress, where it is not nil, is told after each fact.
	Progress func(done, of int)
	// told is what was told last of each fact, so that a source that is watched
	// is not asked about again.
	told map[string]string
}

// Tell records what is new. What a source changed later under the same key is
// a correction of class refile: the first word stays, and so does what an
// editor corrected since.
func (t *Teller) Tell(ctx context.Context, r Reading) (Told, error) {
	sum := Told{Source: r.Name, Identity: r.Identity, Items: len(r.Facts) + len(r.Skipped), Skipped: append([]Skipped{}, r.Skipped...), Refused: []Skipped{}}
	if t.told == nil {
		t.told = map[string]string{}
	}
	for i, f := range r.Facts {
		err := t.tell(ctx, identify(r.Identity, f.Key), f, &sum)
		if err != nil && !t.Server.Refused(err) {
			return sum, err
		}
		if err != nil {
			sum.Refused = append(sum.Refused, Skipped{f.Key, err.Error()})
		}
		if t.Progress != nil {
			t.Progress(i+1, len(r.Facts))
		}
	}
	return sum, nil
}

func (t *Teller) tell(ctx context.Context, id uuid.UUID, f Fact, sum *Told) error {
	data, err := events.EncodeData(f.Data)
	if err != nil {
		return fmt.Errorf("tell %s: %w", f.Key, err)
	}
	if t.told[f.Key] == string(data) {
		sum.Duplicate++
		return nil
	}
	history, err := t.Server.History(ctx, t.Summit, id.String())
	if err != nil {
		return err //nolint:wrapcheck // the server says what it is about
	}
	if len(history) == 0 {
		err = t.first(ctx, id, f, data, sum)
	} else {
		err = t.again(ctx, id, f, data, history, sum)
	}
	if err == nil {
		t.told[f.Key] = string(data)
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

func (t *Teller) record(ctx context.Context, e event) (created bool, err error) {
	b, err := json.Marshal(e)
	if err != nil {
		return false, fmt.Errorf("encode the event: %w", err)
	}
	return t.Server.Record(ctx, t.Summit, b) //nolint:wrapcheck // the server says what it is about
}

func (t *Teller) first(ctx context.Context, id uuid.UUID, f Fact, data []byte, sum *Told) error {
	created, err := t.record(ctx, event{ID: id.String(), Source: t.Desk, Type: f.Type, Subject: f.Subject.String(), Time: f.Time, Data: data})
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

// again holds what a source says now against what it said last.
func (t *Teller) again(ctx context.Context, id uuid.UUID, f Fact, data []byte, history []jsontext.Value, sum *Told) error {
	last, times, subject, err := t.last(id, history)
	if err != nil {
		return fmt.Errorf("what the server has of %s: %w", f.Key, err)
	}
	patch, err := difference(last, data)
	if err != nil {
		return fmt.Errorf("tell %s: %w", f.Key, err)
	}
	if string(patch) == "{}" {
		sum.Duplicate++
		return nil
	}
	correction := &events.FactCorrected{Class: events.ClassRefile, Notice: "The source has changed it", Patch: patch}
	correction.Target = events.Target{Target: id.String()}
	said, err := events.EncodeData(correction)
	if err != nil {
		return fmt.Errorf("tell %s: %w", f.Key, err)
	}
	if _, err := t.record(ctx, event{
		ID: refileID(id, times).String(), Source: t.Desk, Type: events.TypeFactCorrected, Subject: subject, Time: f.Changed, Data: said,
	}); err != nil {
		return err
	}
	sum.Corrected++
	return nil
}

// refileID is the id of the n-th change of a fact: two who read the source at
// the same time make the same.
func refileID(id uuid.UUID, n int) uuid.UUID {
	return uuid.NewSHA1(id, []byte("change "+strconv.Itoa(n)))
}

// last is what the source said last, as far as the server has it: the fact, and
// the changes that were told since, which are known by their ids. What editors
// corrected is not of the source.
func (t *Teller) last(id uuid.UUID, history []jsontext.Value) (data []byte, changes int, subject string, err error) {
	changes = 1
	for _, raw := range history {
		e, err := events.Decode(raw)
		if err != nil {
			return nil, 0, "", fmt.Errorf("read its history: %w", err)
		}
		switch e.ID {
		case id.String():
			subject = e.Subject.String()
			data, err = events.EncodeData(e.Data)
		case refileID(id, changes).String():
			changes++
			if c, ok := e.Data.(*events.FactCorrected); ok {
				data, err = jsonpatch.MergePatch(data, c.Patch)
			}
		}
		if err != nil {
			return nil, 0, "", fmt.Errorf("read its history: %w", err)
		}
	}
	return data, changes, subject, nil
}

// weightless are the fields whose change alone is no news: feeds touch dates
// and links of items that say what they said.
var weightless = []string{"sources", "grade"}

// difference is the merge patch from what was said to what is said now.
func difference(was, now []byte) (jsontext.Value, error) {
	var before, after map[string]jsontext.Value
	if err := json.Unmarshal(was, &before); err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	if err := json.Unmarshal(now, &after); err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	for _, name := range weightless {
		delete(before, name)
		delete(after, name)
	}
	was, err := json.Marshal(before)
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	now, err = json.Marshal(after)
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	patch, err := jsonpatch.CreateMergePatch(was, now)
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	return patch, nil
}
