package logtest

import (
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
)

// testWalk appends at random, with losses and wrong expectations, and holds each
// outcome against a list.
func testWalk(t *testing.T, b Bench) {
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		if n++; b.Walks > 0 && n > b.Walks {
			return // enough: a log is dear here
		}
		summit := fmt.Sprintf("walk-%d", n)
		w := &walker{b: b, log: b.New(t, summit), summit: summit, want: []events.Event{Opened(summit)}}
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			w.append(t)
		}
		holds(t, w.log, w.want)
	})
}

type walker struct {
	b      Bench
	log    Log
	summit string
	want   []events.Event
}

func (w *walker) append(t *rapid.T) {
	list := Notes(w.summit, len(w.want), rapid.IntRange(1, 4).Draw(t, "count"))
	last := rapid.IntRange(max(0, len(w.want)-2), len(w.want)).Draw(t, "last")
	switch rapid.IntRange(0, 9).Draw(t, "loss") {
	case 0:
		w.b.LosePublish(w.log)
	case 1:
		w.b.LoseAck(w.log)
	}
	results, err := appendOnce(t, w.log, list, store.After(uint64(last)))
	w.compare(t, list, last, results, err)
}

// compare compares an outcome with the list, and extends it.
func (w *walker) compare(t *rapid.T, list []events.Event, last int, results []store.Result, err error) {
	if last != len(w.want) {
		var conflict *store.ConflictError
		if !errors.As(err, &conflict) || conflict.Last != uint64(len(w.want)) {
			t.Fatalf("%v, %v; want a conflict", results, err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range results {
		if r.Seq != uint64(last+i+1) {
			t.Fatalf("event %d is at %d, want %d", i, r.Seq, last+i+1)
		}
	}
	w.want = append(w.want, list...)
}
