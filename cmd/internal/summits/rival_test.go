package summits

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
)

// Another replica that records without a rest keeps nobody from recording here,
// and nothing is recorded twice.
func TestARivalThatNeverRestsKeepsNobodyFromRecording(t *testing.T) {
	b := newBroker(t)
	here, there := b.run("here"), b.run("there")
	b.summit(here, "rival")
	s, other := b.known(here, "rival"), b.known(there, "rival")
	ctx, cancel := context.WithCancel(t.Context())
	var rivals sync.WaitGroup
	const callers = 32
	recorded := make([]int, callers)
	for k := range callers {
		rivals.Go(func() {
			for ; ctx.Err() == nil; recorded[k]++ {
				e := note("rival", numbered("theirs", recorded[k]*callers+k), "theirs")
				if _, err := other.Record(ctx, []events.Event{e}, nil); err != nil && !errors.Is(err, context.Canceled) {
					t.Errorf("a rival: %v", err)
				}
			}
		})
	}
	const n = 20
	began := time.Now()
	for i := range n {
		a := record(t.Context(), s, note("rival", numbered("note", i), "ours"))
		b.must(a.err)
		if a.outcomes[0].Outcome != store.Created {
			t.Errorf("note %d: %+v", i, a.outcomes[0])
		}
	}
	took := time.Since(began)
	cancel()
	rivals.Wait()
	sum := 0
	for _, n := range recorded {
		sum += n
	}
	t.Logf("%d notes in %v, beside %d of the rivals", n, took, sum)
	for id, times := range b.stored(s) {
		if times != 1 {
			t.Errorf("%s is in the log %d times", id, times)
		}
	}
}
