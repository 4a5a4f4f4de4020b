package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/store/stored"
)

const (
	// prefetch is how many events are asked for at a time.
	prefetch = 2000
	// silence is how long nothing may come before the log is asked whether
	// there is anything: a consumer can stall while the broker reports no lag
	// (nats-server #8630).
	silence = 5 * time.Second
)

// Read goes through the events from one sequence to another, both included; to
// 0 is the last at the time of the call. A missing sequence is a *GapError.
func (l *Log) Read(ctx context.Context, from, to uint64) iter.Seq2[Record, error] {
	return l.part(ctx, from, to, NewRecord)
}

// ReadBytes is Read for who wants the bytes alone: what they say is not looked
// at, and Event and Err are zero.
func (l *Log) ReadBytes(ctx context.Context, from, to uint64) iter.Seq2[Record, error] {
	return l.part(ctx, from, to, unread)
}

func unread(_ string, seq uint64, stored time.Time, raw []byte, subject, id string) Record {
	return Record{Seq: seq, Stored: stored, Raw: raw, Subject: subject, MsgID: id}
}

// asRecord makes a record of a stored message.
type asRecord func(summit string, seq uint64, stored time.Time, raw []byte, subject, id string) Record

func (l *Log) part(ctx context.Context, from, to uint64, as asRecord) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		info, err := l.Info(ctx)
		if err != nil {
			yield(Record{}, err)
			return
		}
		if to == 0 || to > info.Last {
			to = info.Last
		}
		if from = max(from, 1); from > to {
			return
		}
		if to-from < few && l.same(info) == nil {
			if from = l.oneByOne(ctx, from, to, as, yield); from > to {
				return
			}
		}
		for rec, err := range l.follow(ctx, from, as) {
			if !yield(rec, err) || err != nil || rec.Seq >= to {
				return
			}
		}
	}
}

// few is how many events are asked for one by one: it takes longer to make a consumer.
const few = 8

// oneByOne reads events without a consumer. It returns the first that it did not read: one
// that is missing, or that could not be asked for, is for the consumer to tell of.
func (l *Log) oneByOne(ctx context.Context, from, to uint64, as asRecord, yield func(Record, error) bool) (next uint64) {
	for ; from <= to; from++ {
		rec, err := l.get(ctx, from, as)
		if err != nil {
			return from
		}
		if !yield(rec, nil) {
			return to + 1
		}
	}
	return from
}

// Follow goes through the events from a sequence on, and waits for more at the
// end, until ctx ends. It comes back by itself after a lost connection. A
// missing sequence is a *GapError, a stream that was deleted and made again
// meanwhile a *ReplacedError: no event of it is given.
func (l *Log) Follow(ctx context.Context, from uint64) iter.Seq2[Record, error] {
	if l.shared != nil {
		return func(yield func(Record, error) bool) { l.followForced(ctx, from, yield) }
	}
	return l.follow(ctx, from, NewRecord)
}

func (l *Log) follow(ctx context.Context, from uint64, as asRecord) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		next := max(from, 1)
		for ctx.Err() == nil {
			stop, err := l.consume(ctx, &next, endless, as, yield)
			if stop {
				return
			}
			if err != nil && ctx.Err() == nil {
				if lost(err) {
					yield(Record{}, err)
					return
				}
				if pause(ctx) != nil {
					break
				}
			}
		}
		yield(Record{}, ctx.Err())
	}
}

// lost reports whether there is nothing any more that could be followed.
func lost(err error) bool {
	var replaced *ReplacedError
	return errors.Is(err, ErrNotFound) || errors.As(err, &replaced)
}

// endless is the end of what is followed for ever.
const endless = math.MaxUint64

// consume reads with one consumer for as long as it works, or up to an event.
func (l *Log) consume(ctx context.Context, next *uint64, to uint64, as asRecord, yield func(Record, error) bool) (stop bool, err error) {
	c, err := l.consumer(ctx, *next)
	if err != nil {
		return false, err
	}
	defer c.leave()
	defer context.AfterFunc(ctx, c.Stop)()
	for {
		m, meta, err := c.next(l.silence)
		if errors.Is(err, nats.ErrTimeout) && ctx.Err() == nil {
			behind, err := l.behind(ctx, *next)
			var gap *GapError
			if errors.As(err, &gap) {
				yield(Record{}, gap)
				return true, nil
			}
			if err != nil || behind {
				return false, err
			}
			continue
		}
		if err != nil {
			return false, fmt.Errorf("follow the log of %s: %w", l.summit, err)
		}
		if meta.Sequence.Consumer == 1 { // it may be of another stream
			if err := l.sameStream(ctx); err != nil {
				return false, err
			}
		}
		rec := as(l.summit, meta.Sequence.Stream, stored.At(m.Headers(), meta.Timestamp), m.Data(), m.Subject(), m.Headers().Get(jetstream.MsgIDHeader))
		if rec.Seq != *next {
			yield(Record{}, &GapError{Want: *next, Got: rec.Seq})
			return true, nil
		}
		l.Seen(rec.Seq)
		if err := l.force(rec.Seq); err != nil {
			return false, err
		}
		*next = rec.Seq + 1
		if !yield(rec, nil) {
			return true, nil
		}
		if rec.Seq >= to {
			return false, nil
		}
	}
}

// behind reports whether the log has what the consumer did not bring. If it is
// said to have it and cannot give it, that is a *GapError: damage at its end
// shows in no jump.
func (l *Log) behind(ctx context.Context, next uint64) (bool, error) {
	info, err := l.Info(ctx)
	if err != nil || info.Last < next {
		return false, err
	}
	if _, err := l.Get(ctx, next); errors.Is(err, ErrNotFound) {
		return false, &GapError{Want: next}
	}
	return true, nil
}

// sameStream reports whether the stream is the one that was opened. A consumer is
// of one stream for ever: it is asked once for each, before the first message
// of it counts.
func (l *Log) sameStream(ctx context.Context) error {
	if l.created.IsZero() {
		return nil
	}
	info, err := l.Info(ctx)
	if err != nil {
		return err
	}
	return l.same(info)
}

// same reports whether what was told of a stream is of the one that was opened.
func (l *Log) same(info Info) error {
	if !l.created.IsZero() && !info.Created.Equal(l.created) {
		return fmt.Errorf("follow the log of %s: %w", l.summit, &ReplacedError{Opened: l.created, Now: info.Created})
	}
	return nil
}
