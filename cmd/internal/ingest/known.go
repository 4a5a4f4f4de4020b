package ingest

import (
	"cmp"
	"context"
	"fmt"
	"strconv"

	"github.com/google/uuid"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/events"
)

// known is what the server has of a fact.
type known struct {
	id      uuid.UUID
	subject string
	at      events.Instant // the time of the event
	// states are what the source said, oldest first, each as data. What editors
	// corrected is not of the source. There are none if there is no fact.
	states [][]byte
	// withdrawn and returned count how often the source took it back and
	// published it again.
	withdrawn, returned int
}

func (k known) exists() bool { return len(k.states) > 0 }
func (k known) said() []byte { return k.states[len(k.states)-1] }

// time is when it happened, as far as the source has said.
func (k known) time() events.Instant {
	if when := sayingOf(k.said()).When; when != nil {
		return cmp.Or(when.Best, k.at)
	}
	return k.at
}

// saying is what the data of a fact says in words.
type saying struct {
	Headline string         `json:"headline"`
	Text     string         `json:"text"`
	Note     string         `json:"note"`
	When     *events.Moment `json:"when"`
	Sources  events.Sources `json:"sources"`
}

// sayingOf reads data; what is of another shape says nothing.
func sayingOf(data []byte) saying {
	var s saying
	if err := json.Unmarshal(data, &s); err != nil {
		return saying{}
	}
	return s
}

// seen is what a reader sees of it.
func (s saying) seen() saying {
	s.Headline, s.Text, s.Note = visible(s.Headline), visible(s.Text), visible(s.Note)
	return s
}

func (s saying) title() string { return cmp.Or(s.Headline, s.Text) }

// outlet is the feed among the sources.
func (s saying) outlet() events.Source {
	for _, source := range s.Sources {
		if source.ID == "feed" {
			return source
		}
	}
	return events.Source{}
}

// The ids of what is told of a fact later: two who read the source at the same
// time make the same.
func refileID(id uuid.UUID, n int) uuid.UUID     { return numbered(id, "change ", n) }
func withdrawalID(id uuid.UUID, n int) uuid.UUID { return numbered(id, "withdrawal ", n) }
func returnID(id uuid.UUID, n int) uuid.UUID     { return numbered(id, "return ", n) }

func numbered(id uuid.UUID, what string, n int) uuid.UUID {
	return uuid.NewSHA1(id, []byte(what+strconv.Itoa(n)))
}

// known asks the server what it has of a fact.
func (rec *Recorder) known(ctx context.Context, id uuid.UUID) (known, error) {
	k := known{id: id}
	history, err := rec.Server.History(ctx, rec.Summit, id.String())
	if err != nil {
		return k, err //nolint:wrapcheck // the server says what it is about
	}
	for _, raw := range history {
		e, err := events.Decode(raw)
		if err == nil {
			err = k.learn(e)
		}
		if err != nil {
			return k, fmt.Errorf("read the history of %s: %w", id, err)
		}
	}
	return k, nil
}

// learn adds an event of the history, where the source is the one that said it:
// those are known by their ids.
func (k *known) learn(e events.Event) error {
	switch e.ID {
	case k.id.String():
		data, err := events.EncodeData(e.Data)
		k.subject, k.at, k.states = e.Subject.String(), e.Time, [][]byte{data}
		return err //nolint:wrapcheck // wrapped by who asks
	case withdrawalID(k.id, k.withdrawn+1).String():
		k.withdrawn++
	case returnID(k.id, k.returned+1).String():
		k.returned++
	case refileID(k.id, max(1, len(k.states))).String():
		c, ok := e.Data.(*events.FactCorrected)
		if !ok || !k.exists() {
			return nil
		}
		data, err := jsonpatch.MergePatch(k.said(), c.Patch)
		k.states = append(k.states, data)
		return err //nolint:wrapcheck // wrapped by who asks
	}
	return nil
}
