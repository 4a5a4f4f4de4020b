package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/store/stored"
)

// Log is the log of one summit.
type Log struct {
	summit      string
	write, read jetstream.JetStream
	stream      jetstream.Stream
	created     time.Time     // of the stream that was opened; zero where there was none
	servers     int           // that keep it
	seen        atomic.Uint64 // the last event that is known to be in it
	short       atomic.Bool   // what was seen has stayed missing
	ackWait     time.Duration
	silence     time.Duration     // see Options
	failing     func(error) error // see Options
	shared      *shared           // nil where the broker syncs by itself
}

// Summit is the id of the summit.
func (l *Log) Summit() string { return l.summit }

// askWait is how long one question may take: a server that stops takes
// questions with it, and one that is asked again answers at once.
const askWait = 2 * time.Second

// anyWait is how long whichever server was asked may take: the others may not
// know yet that it is gone.
const anyWait = 500 * time.Millisecond

// Info asks the broker about the log.
func (l *Log) Info(ctx context.Context) (Info, error) {
	return insist(ctx, l, func() (Info, bool, error) {
		seen := l.seen.Load() // before it is asked: it only grows
		info, err := l.info(ctx)
		l.Seen(info.Last)
		return info, errors.Is(err, ErrNotFound) || err == nil && info.Last < seen, err
	})
}

func (l *Log) info(ctx context.Context) (Info, error) {
	ctx, cancel := context.WithTimeout(ctx, askWait)
	defer cancel()
	info, err := l.stream.Info(ctx)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return Info{}, fmt.Errorf("ask the log of %s: %w", l.summit, ErrNotFound)
	}
	if err != nil {
		return Info{}, fmt.Errorf("ask the log of %s: %w", l.summit, unavailable(err))
	}
	return infoOf(l.summit, info), nil
}

func infoOf(summit string, info *jetstream.StreamInfo) Info {
	return Info{
		First: info.State.FirstSeq, Last: info.State.LastSeq, Messages: info.State.Msgs, Bytes: info.State.Bytes, Created: info.Created,
		Settings: compare(info.Config, settings(summit, info.Config.Replicas, info.Config.MaxBytes)),
		Heard:    heard(info.Cluster, info.Config.Replicas),
	}
}

// never is how long ago a server heard from a majority that has not heard from one.
const never = time.Duration(math.MaxInt64)

// heard returns Info.Heard from what a leader reports about its followers.
func heard(c *jetstream.ClusterInfo, servers int) time.Duration {
	others := servers / 2 // that make a majority with the leader
	if others == 0 {
		return 0
	}
	if c == nil {
		return never
	}
	var ago []time.Duration
	for _, r := range c.Replicas {
		if r.Active > 0 || r.Current { // else it was not heard from yet
			ago = append(ago, r.Active)
		}
	}
	if len(ago) < others {
		return never
	}
	slices.Sort(ago)
	return ago[others-1]
}

// Settings compares the stream's settings with those of a log.
func (l *Log) Settings(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, askWait)
	defer cancel()
	info, err := l.stream.Info(ctx)
	if err != nil {
		return fmt.Errorf("ask the log of %s: %w", l.summit, unavailable(err))
	}
	return compare(info.Config, settings(l.summit, info.Config.Replicas, info.Config.MaxBytes))
}

// Get reads one event. Any server that has the stream may answer; what one
// that lags does not have yet, or one that is silent does not give, is asked
// of the leader.
func (l *Log) Get(ctx context.Context, seq uint64) (Record, error) {
	return insist(ctx, l, func() (Record, bool, error) {
		rec, err := l.get(ctx, seq, NewRecord)
		return rec, errors.Is(err, ErrNotFound) && seq <= l.seen.Load(), err
	})
}

func (l *Log) get(ctx context.Context, seq uint64, as asRecord) (Record, error) {
	ctx, cancel := context.WithTimeout(ctx, askWait)
	defer cancel()
	first, leave := context.WithTimeout(ctx, anyWait)
	m, err := l.stream.GetMsg(first, seq)
	leave()
	if errors.Is(err, jetstream.ErrMsgNotFound) || errors.Is(err, context.DeadlineExceeded) {
		m, err = l.ofLeader(ctx, seq)
	}
	if errors.Is(err, jetstream.ErrMsgNotFound) || errors.Is(err, jetstream.ErrStreamNotFound) {
		return Record{}, fmt.Errorf("read event %d of %s: %w", seq, l.summit, ErrNotFound)
	}
	if err != nil {
		return Record{}, fmt.Errorf("read event %d of %s: %w", seq, l.summit, unavailable(err))
	}
	if err := l.force(seq); err != nil {
		return Record{}, err
	}
	return as(l.summit, m.Sequence, stored.At(m.Header, m.Time), m.Data, m.Subject, m.Header.Get(jetstream.MsgIDHeader)), nil
}
