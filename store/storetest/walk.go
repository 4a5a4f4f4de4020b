package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
)

// testWalk appends at random, with losses, duplicates and wrong expectations,
// and holds each outcome against a list.
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
	list := Notes(w.summit, rapid.IntRange(1, 12).Draw(t, "first"), rapid.IntRange(1, 4).Draw(t, "count"))
	expect, right := store.Anywhere(), true
	if rapid.Bool().Draw(t, "expecting") {
		last := rapid.IntRange(max(0, len(w.want)-2), len(w.want)).Draw(t, "last")
		expect, right = store.After(uint64(last)), last == len(w.want)
	}
	switch rapid.IntRange(0, 9).Draw(t, "loss") {
	case 0:
		w.b.LosePublish(w.log)
	case 1:
		w.b.LoseAck(w.log)
	}
	results, err := appendOnce(deadline(t), w.log, list, expect)
	since := uint64(0)
	if !right {
		since, _ = expect.Last()
	}
	w.compare(t, list, since, right, results, err)
}

// compare holds an outcome against the list, and extends it. What stands at or
// before since need not be found.
func (w *walker) compare(t *rapid.T, list []events.Event, since uint64, right bool, results []store.Result, err error) {
	found, seqs := 0, make([]uint64, len(list))
	for i, e := range list {
		if at := slices.IndexFunc(w.want, func(x events.Event) bool { return x.ID == e.ID }); at >= int(since) {
			seqs[i] = uint64(at) + 1
			found++
		}
	}
	var conflict *store.ConflictError
	var partial *store.PartialError
	switch {
	case found == len(list):
	case !right:
		if !errors.As(err, &conflict) {
			t.Fatalf("%v, %v; want a conflict", results, err)
		}
		return
	case found > 0:
		if !errors.As(err, &partial) {
			t.Fatalf("%v, %v; want a partial", results, err)
		}
		return
	default:
		for i := range seqs {
			seqs[i] = uint64(len(w.want) + i + 1)
		}
		w.want = append(w.want, list...)
	}
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range results {
		if r.Seq != seqs[i] {
			t.Fatalf("event %d is at %d, want %d", i, r.Seq, seqs[i])
		}
	}
}
