package host

import (
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
)

// Whoever appends to the same log without a rest, as another replica that is
// nearer to the broker does, does not keep others from recording.
func TestARivalThatNeverRestsKeepsNobodyFromRecording(t *testing.T) {
	b := newBroker(t)
	s := b.summit(b.run("here"), "rival")
	js, err := jetstream.New(b.connect("rival"), jetstream.WithPublishAsyncMaxPending(4))
	b.must(err)
	ctx, cancel := context.WithCancel(t.Context())
	rested := make(chan error, 1)
	go func() {
		for i := 0; ctx.Err() == nil; i++ {
			e := note("rival", numbered("theirs", i), "theirs")
			raw, err := events.Encode(e)
			if err == nil {
				_, err = js.PublishAsync(store.Subject(e), raw, jetstream.WithStallWait(time.Minute))
			}
			if err != nil {
				rested <- err
				return
			}
		}
		rested <- nil
	}()
	patient, end := context.WithTimeout(t.Context(), time.Minute)
	defer end()
	for i := range 3 {
		if _, err := s.Record(patient, []events.Event{note("rival", numbered("note", i), "ours")}, nil); err != nil {
			t.Errorf("note %d: %v", i, err)
			break
		}
	}
	cancel()
	b.must(<-rested)
}
