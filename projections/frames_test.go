package projections

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"github.com/summit-timeline/summit/events"
)

// BenchmarkFrames reads the frames of 50,000 events, as a reader who comes
// late is sent them.
func BenchmarkFrames(b *testing.B) {
	const length = 50_000
	m := longStory(b, length, true)
	e := caughtUp(b, m, length, Options{NoSync: true})
	var err error
	bytes := 0
	for b.Loop() {
		for at := uint64(0); at < length; {
			if at, err = e.Frames(at, 256, nil, func(f Frame) bool { bytes += len(f.Data); return true }); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(length*b.N)/b.Elapsed().Seconds(), "frames/s")
	b.SetBytes(int64(bytes / b.N))
	if err := e.Close(); err != nil {
		b.Fatal(err)
	}
}

// Whoever is far behind is sent what one at a time would have been sent, and
// what the fact is as known then: however many versions lie between two facts.
func TestFramesAreFactsAsKnownThen(t *testing.T) {
	m := newStory(t)
	var ids []string
	on := func(n int) events.Entity { return entity(events.KindNote, fmt.Sprint("n-", n)) }
	for n := range 3 * nearby {
		ids = append(ids, m.add(t, events.TypeNoteAdded, on(n), &events.NoteAdded{Common: word("Wire"), Text: "a text"}))
		for of := range n { // versions of facts that came before
			m.add(t, events.TypeFactDisputed, on(of), &events.FactDisputed{Common: word("another"), Target: events.Target{Target: ids[of]}})
		}
	}
	e := openStory(t, m, m.records, 7)
	length := len(m.records)
	var together []Frame
	if _, err := e.Frames(1, length, nil, func(f Frame) bool { together = append(together, f); return true }); err != nil {
		t.Fatal(err)
	}
	if len(together) != length-1 {
		t.Fatalf("%d frames, want %d", len(together), length-1)
	}
	for _, f := range together {
		at := AsOf{Seq: f.Position.Seq, Pinned: true}
		if _, err := e.Frames(at.Seq-1, 1, nil, func(one Frame) bool {
			if !reflect.DeepEqual(one, f) {
				t.Errorf("alone %+v\ntogether %+v", one, f)
			}
			return true
		}); err != nil {
			t.Fatal(err)
		}
		var told struct{ Fact string }
		if err := json.Unmarshal(f.Data, &told); err != nil {
			t.Fatal(err)
		}
		fact, err := e.Fact(t.Context(), told.Fact, at, at.Now)
		if err != nil || string(fact.Item) != string(f.Data) {
			t.Errorf("%s\n told %s\n is   %s (%v)", f.Position, f.Data, fact.Item, err)
		}
	}
}
