package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Log is the log of one summit.
type Log struct {
	summit      string
	write, read jetstream.JetStream
	stream      jetstream.Stream
	ackWait     time.Duration
}

// Summit is the id of the summit.
func (l *Log) Summit() string { return l.summit }

// Info asks the broker about the log.
func (l *Log) Info(ctx context.Context) (Info, error) {
	info, err := l.stream.Info(ctx)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return Info{}, fmt.Errorf("ask the log of %s: %w", l.summit, ErrNotFound)
	}
	if err != nil {
		return Info{}, fmt.Errorf("ask the log of %s: %w", l.summit, unavailable(err))
	}
	return Info{
		First: info.State.FirstSeq, Last: info.State.LastSeq, Messages: info.State.Msgs, Bytes: info.State.Bytes, Created: info.Created,
		Settings: compare(info.Config, settings(l.summit, info.Config.Replicas, info.Config.MaxBytes)),
	}, nil
}

// Settings compares the stream's settings with those of a log.
func (l *Log) Settings(ctx context.Context) error {
	info, err := l.stream.Info(ctx)
	if err != nil {
		return fmt.Errorf("ask the log of %s: %w", l.summit, unavailable(err))
	}
	return compare(info.Config, settings(l.summit, info.Config.Replicas, info.Config.MaxBytes))
}

// Get reads one event.
func (l *Log) Get(ctx context.Context, seq uint64) (Record, error) {
	m, err := l.stream.GetMsg(ctx, seq)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return l.fromLeader(ctx, seq)
	}
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return Record{}, fmt.Errorf("read event %d of %s: %w", seq, l.summit, ErrNotFound)
	}
	if err != nil {
		return Record{}, fmt.Errorf("read event %d of %s: %w", seq, l.summit, unavailable(err))
	}
	return NewRecord(l.summit, m.Sequence, m.Time, m.Data, m.Subject, m.Header.Get(jetstream.MsgIDHeader)), nil
}
