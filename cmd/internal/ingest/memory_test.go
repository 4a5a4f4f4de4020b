package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
)

// memory is a server that takes events by the rules of a summit and keeps them.
type memory struct {
	t      *testing.T
	events []events.Event
	raw    []jsontext.Value
	asked  int
}

var errRefused = errors.New("refused")

func (m *memory) History(_ context.Context, _, id string) ([]jsontext.Value, error) {
	m.asked++
	about := map[string]bool{id: true}
	var list []jsontext.Value
	for i, e := range m.events {
		target := ""
		if a, ok := e.Data.(interface{ TargetID() string }); ok {
			target = a.TargetID()
		}
		if e.ID == id || about[target] {
			about[e.ID] = true
			list = append(list, m.raw[i])
		}
	}
	return list, nil
}

func (m *memory) Record(_ context.Context, summit string, raw []byte) (bool, error) {
	e, err := events.Submit(raw, summit)
	if err != nil {
		m.t.Errorf("refused: %v: %s", err, raw)
		return false, fmt.Errorf("%w: %w", errRefused, err)
	}
	for _, had := range m.events {
		if had.ID == e.ID {
			return false, nil
		}
	}
	if e.Recorded, err = events.ParseInstant("2026-11-26T00:00:00Z"); err != nil {
		m.t.Fatal(err)
	}
	b, err := events.Encode(e)
	m.events, m.raw = append(m.events, e), append(m.raw, b)
	return true, err
}

func (m *memory) Refused(err error) bool { return errors.Is(err, errRefused) }

// notes are the notes as they stand: the title and the text of each, with its
// time, and a mark on those that were withdrawn.
func (m *memory) notes() []string {
	var list []string
	for _, e := range m.events {
		if e.Type != events.TypeNoteAdded {
			continue
		}
		history, _ := m.History(m.t.Context(), "", e.ID)
		data, err := events.EncodeData(e.Data)
		gone := map[string]bool{}
		for i := len(history) - 1; i > 0 && err == nil; i-- {
			a, _ := events.Decode(history[i])
			if r, ok := a.Data.(*events.FactRetracted); ok && !gone[a.ID] {
				gone[r.TargetID()] = true
			}
		}
		for _, raw := range history[1:] {
			a, _ := events.Decode(raw)
			if c, ok := a.Data.(*events.FactCorrected); ok {
				data, err = jsonpatch.MergePatch(data, c.Patch)
			}
		}
		if err != nil {
			m.t.Fatal(err)
		}
		s := sayingOf(data)
		at := e.Time
		if s.When != nil {
			at = s.When.Best
		}
		line := strings.Join([]string{s.title(), at.String()}, "|")
		if gone[e.ID] {
			line += "|withdrawn"
		}
		list = append(list, line)
	}
	return list
}

// reading is a feed as text, read as if from an address.
func reading(t *testing.T, feed, address string) Reading {
	t.Helper()
	r, err := makeReading(Page{Body: []byte(feed), Address: address}, Request{From: address})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// told records a reading to a server.
func (m *memory) told(r Reading, teller *Recorder) Report {
	m.t.Helper()
	if teller == nil {
		teller = &Recorder{}
	}
	teller.Server, teller.Summit, teller.Desk = m, "geneva", "/desks/test"
	sum, err := teller.Record(m.t.Context(), r)
	if err != nil {
		m.t.Fatal(err)
	}
	return sum
}

// took is what a telling came to.
func took(s Report) string {
	return fmt.Sprintf("%d created, %d corrected, %d retracted, %d refused", s.Created, s.Corrected, s.Retracted, len(s.Refused))
}

// load records what stands in a file, an event a line.
func (m *memory) load(path string) {
	m.t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		m.t.Fatal(err)
	}
	for raw := range bytes.Lines(b) {
		if _, err := m.Record(m.t.Context(), "geneva", raw); err != nil {
			m.t.Fatal(err)
		}
	}
}

func fileText(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
