package store

import (
	"context"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/store/stored"
)

// ackWait is how long to wait for the broker where nothing else is said.
const ackWait = 5 * time.Second

// The headers of an atomic batch (NATS ADR-50).
const (
	batchID     = "Nats-Batch-Id"
	batchSeq    = "Nats-Batch-Sequence"
	batchCommit = "Nats-Batch-Commit"
)

// publish sends events once, to follow a sequence; bare is without their ids.
func (l *Log) publish(ctx context.Context, entries []entry, after uint64, bare bool) ([]Result, error) {
	ctx, cancel := context.WithTimeout(ctx, l.ackWait)
	defer cancel()
	if len(entries) == 1 {
		return l.publishOne(ctx, entries[0], after, bare)
	}
	return l.publishBatch(ctx, entries, after, bare)
}

func (l *Log) publishOne(ctx context.Context, e entry, after uint64, bare bool) ([]Result, error) {
	ack, err := l.write.PublishMsg(ctx, message(e, bare), jetstream.WithExpectLastSequence(after))
	switch {
	case err != nil:
		return nil, err
	case ack.Duplicate:
		return nil, errRemembered
	}
	return created(ack.Sequence, 1), nil
}

// publishBatch sends events as one atomic batch.
func (l *Log) publishBatch(ctx context.Context, entries []entry, after uint64, bare bool) ([]Result, error) {
	conn, id := l.write.Conn(), uuid.NewString()
	for i, e := range entries {
		m := message(e, bare)
		m.Header.Set(batchID, id)
		m.Header.Set(batchSeq, strconv.Itoa(i+1))
		if i == 0 {
			m.Header.Set(jetstream.ExpectedLastSeqHeader, strconv.FormatUint(after, 10))
		}
		if i < len(entries)-1 {
			if err := conn.PublishMsg(m); err != nil {
				return nil, err
			}
			continue
		}
		m.Header.Set(batchCommit, "1")
		reply, err := conn.RequestMsgWithContext(ctx, m)
		if err != nil {
			return nil, err
		}
		return batchResults(reply.Data, len(entries))
	}
	return nil, nil
}

// publishEach sends events one after the other without waiting in between. Each must
// follow the one before, by sequence and by id: one that arrives late, after another
// event has taken the place of the one before it, is refused. It returns the results
// of the first that were added, and an error if there is none.
func (l *Log) publishEach(ctx context.Context, entries []entry, after uint64) ([]Result, error) {
	ctx, cancel := context.WithTimeout(ctx, l.ackWait)
	defer cancel()
	var sent []jetstream.PubAckFuture
	for i, e := range entries {
		o := []jetstream.PublishOpt{jetstream.WithExpectLastSequence(after + uint64(i)), jetstream.WithRetryAttempts(0)}
		if i > 0 && entries[i-1].MsgID != "" {
			o = append(o, jetstream.WithExpectLastMsgID(entries[i-1].MsgID))
		}
		f, err := l.write.PublishMsgAsync(message(e, false), o...)
		if err != nil && i == 0 {
			return nil, err
		}
		if err != nil {
			break
		}
		sent = append(sent, f)
	}
	for i, f := range sent {
		if err := acknowledged(ctx, f); err != nil && i == 0 {
			return nil, err
		} else if err != nil {
			return created(after+uint64(i), i), nil
		}
	}
	return created(after+uint64(len(sent)), len(sent)), nil
}

// acknowledged waits until an event that was sent is in the log.
func acknowledged(ctx context.Context, f jetstream.PubAckFuture) error {
	select {
	case ack := <-f.Ok():
		if ack.Duplicate {
			return errRemembered
		}
		return nil
	case err := <-f.Err():
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func message(e entry, bare bool) *nats.Msg {
	if bare {
		e.MsgID = ""
	}
	if e.again {
		return e.Message()
	}
	return stored.Message(e.Subject, e.MsgID, e.Raw)
}
