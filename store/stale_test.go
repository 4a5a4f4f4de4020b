package store

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/nats-io/nats.go/jetstream"
)

// backward is a stream whose server says less than was acknowledged, the first
// so many times it is asked.
type backward struct {
	jetstream.Stream
	stale int
}

func (b *backward) Info(context.Context, ...jetstream.StreamInfoOpt) (*jetstream.StreamInfo, error) {
	info := &jetstream.StreamInfo{State: jetstream.StreamState{FirstSeq: 1, LastSeq: 9}}
	if b.stale > 0 {
		info.State.LastSeq = 5
	}
	b.stale--
	return info, nil
}

func TestAServerThatHasLostTheLeadIsNoEvidence(t *testing.T) {
	for _, c := range []struct {
		name                 string
		servers, stale, last int
	}{
		{"for a while", 3, staleTries - 1, 9},
		{"for good", 3, staleTries + 5, 5},
		{"alone", 1, 1, 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				stream := &backward{stale: c.stale}
				l := &Log{summit: "geneva", stream: stream, servers: c.servers}
				l.Seen(9)
				info, err := l.Info(t.Context())
				if err != nil || info.Last != uint64(c.last) {
					t.Errorf("the log ends at %d (%v), want %d", info.Last, err, c.last)
				}
				if again, err := l.Info(t.Context()); err != nil || c.name == "for good" && stream.stale != 4 {
					t.Errorf("what has stayed missing is waited for again: %v, %v", again, err)
				}
			})
		})
	}
	t.Run("until the caller gives up", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			l := &Log{summit: "geneva", stream: &backward{stale: staleTries}, servers: 3}
			l.Seen(9)
			ctx, cancel := context.WithTimeout(t.Context(), 3*staleEvery)
			defer cancel()
			if info, err := l.Info(ctx); !errors.Is(err, ErrUnavailable) {
				t.Errorf("what is in doubt is given for certain: %+v, %v", info, err)
			}
		})
	})
}
