package projections

import (
	"errors"
	"testing"
	"time"
)

// What was known at an instant is settled two seconds later: until then it is answered as of
// the last event, and from then on as of the last that was known.
func TestAnInstantIsSettledTwoSecondsLater(t *testing.T) {
	m := randomStory(t, 11, 40)
	e := openStory(t, m, m.records, 20)
	head := e.Head().Seq
	known := func(seq uint64) time.Time {
		t.Helper()
		at, err := e.KnowledgeTime(seq)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	earlier := 0
	for seq := uint64(1); seq <= head; seq++ {
		at, last := known(seq), seq
		for last < head && !known(last+1).After(at) {
			last++
		}
		for after, want := range map[time.Duration]uint64{0: head, Settled - time.Millisecond: head, Settled: last, time.Hour: last} {
			got, err := e.Resolve(at.Format(time.RFC3339Nano), at.Add(after))
			if err != nil || got.Seq != want || !got.Pinned {
				t.Fatalf("known when event %d was, asked %v later: %+v, %v; want %d", seq, after, got, err, want)
			}
		}
		if last < head {
			earlier++
		}
	}
	if earlier == 0 {
		t.Error("no instant is before the last event")
	}
	var fault *ParamError
	if _, err := e.Resolve(known(head).Format(time.RFC3339Nano), known(head).Add(-time.Minute)); !errors.As(err, &fault) {
		t.Errorf("in the future: %v", err)
	}
}
