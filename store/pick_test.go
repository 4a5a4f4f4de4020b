package store_test

import (
	"errors"
	"testing"

	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/logtest"
)

// Some events of a log are read in their order, whether they stand close
// together or far apart.
func TestSomeEventsArePicked(t *testing.T) {
	logs, _ := open(t, t.TempDir())
	log, _, err := logs.Create(t.Context(), logtest.Opened("one"))
	if err == nil {
		_, err = log.Append(t.Context(), logtest.Notes("one", 2, 199), store.After(1))
	}
	if err != nil {
		t.Fatal(err)
	}
	every := func(from, step, count uint64) (list []uint64) {
		for i := range count {
			list = append(list, from+i*step)
		}
		return list
	}
	for name, seqs := range map[string][]uint64{
		"none": nil, "one": {7}, "a few": {1, 90, 200}, "close together": every(3, 2, 40), "all": every(1, 1, 200), "far apart": every(1, 10, 20),
	} {
		raw, err := log.Pick(t.Context(), seqs)
		if err != nil || len(raw) != len(seqs) {
			t.Errorf("%s: %d events, %v", name, len(raw), err)
			continue
		}
		for i, seq := range seqs {
			if rec, err := log.Get(t.Context(), seq); err != nil || string(rec.Raw) != string(raw[i]) {
				t.Errorf("%s: event %d is %s, %v", name, seq, raw[i], err)
			}
		}
	}
	for _, seqs := range [][]uint64{{201}, every(190, 1, 30)} {
		if _, err := log.Pick(t.Context(), seqs); err == nil || errors.Is(err, store.ErrUnavailable) {
			t.Errorf("beyond the end: %v", err)
		}
	}
}
