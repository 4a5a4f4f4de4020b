package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/events"
)

// MaxBatch is the most events of one append: JetStream takes no larger atomic
// batch.
const MaxBatch = 1000

// entry is an event as it goes to the broker.
type entry struct {
	id      string
	subject string
	raw     []byte
	event   events.Event
	stored  string // what StoredHeader says; "" is no header
}

// Append adds events to the log, all of them or none, in one atomic batch. An
// event that is there already, and says the same, is a duplicate with its
// first sequence; the ids checked are those that the broker and the events
// after the expected position can tell. The call may be repeated: what came of
// a lost acknowledgement is read back from the log.
func (l *Log) Append(ctx context.Context, list []events.Event, expect Expect) ([]Result, error) {
	if len(list) == 0 {
		return nil, nil
	}
	if len(list) > MaxBatch {
		return nil, fmt.Errorf("append to %s: %d events; %d are the most", l.summit, len(list), MaxBatch)
	}
	if _, _, narrow := expect.On(); narrow && len(list) > 1 {
		return nil, fmt.Errorf("append to %s: %d events; what is expected of one entity is for one", l.summit, len(list))
	}
	entries := make([]entry, len(list))
	for i, e := range list {
		raw, err := events.Encode(e)
		if err != nil {
			return nil, fmt.Errorf("append to %s: event %d: %w", l.summit, i, err)
		}
		entries[i] = entry{id: e.ID, subject: Subject(e), raw: raw, event: e}
	}
	return l.append(ctx, entries, expect)
}

// append publishes until the outcome is certain.
func (l *Log) append(ctx context.Context, entries []entry, expect Expect) ([]Result, error) {
	from, err := l.beginning(ctx, expect)
	if err != nil {
		return nil, err
	}
	for try := 0; ; try++ {
		results, err := l.publish(ctx, entries, expect)
		if err == nil && results != nil {
			l.Seen(results[len(results)-1].Seq)
			return results, nil
		}
		// Refused or in doubt: what stands after the position tells which.
		results, settled, lookErr := l.settle(ctx, entries, expect, from, err, try < writingTries)
		switch {
		case settled:
			return results, lookErr
		case lookErr == errWriting && ctx.Err() == nil: //nolint:errorlint // settle gives it bare
		case ctx.Err() != nil:
			return nil, fmt.Errorf("append to %s: %w", l.summit, unavailable(errors.Join(err, lookErr, ctx.Err())))
		case lookErr == nil && full(err):
			return nil, fmt.Errorf("append to %s: %w", l.summit, unavailable(err))
		case lookErr == nil && final(err):
			return nil, fmt.Errorf("append to %s: %w", l.summit, err)
		}
		if err := pause(ctx); err != nil {
			return nil, fmt.Errorf("append to %s: %w", l.summit, unavailable(err))
		}
	}
}

// beginning is the sequence after which this append can first stand.
func (l *Log) beginning(ctx context.Context, expect Expect) (uint64, error) {
	if expect.set {
		return expect.last, nil
	}
	info, err := l.Info(ctx)
	return info.Last, err
}

// publish sends the events once. Nil results mean that the broker knew an id.
func (l *Log) publish(ctx context.Context, entries []entry, expect Expect) ([]Result, error) {
	if len(entries) == 1 {
		return l.publishOne(ctx, entries[0], expect)
	}
	return l.publishBatch(ctx, entries, expect)
}

func (l *Log) publishOne(ctx context.Context, e entry, expect Expect) ([]Result, error) {
	m := message(e)
	var opts []jetstream.PublishOpt
	switch subject, last, narrow := expect.On(); {
	case narrow:
		opts = append(opts, jetstream.WithExpectLastSequenceForSubject(last, subject))
	case expect.set:
		opts = append(opts, jetstream.WithExpectLastSequence(expect.last))
	}
	ctx, cancel := context.WithTimeout(ctx, l.ackWait)
	defer cancel()
	ack, err := l.write.PublishMsg(ctx, m, opts...)
	if err != nil || ack.Duplicate {
		return nil, err
	}
	return []Result{{Seq: ack.Sequence, Outcome: Created}}, nil
}

// The headers of an atomic batch (NATS ADR-50).
const (
	batchID     = "Nats-Batch-Id"
	batchSeq    = "Nats-Batch-Sequence"
	batchCommit = "Nats-Batch-Commit"
)

// ackWait is how long to wait for the broker where nothing else is said.
const ackWait = 5 * time.Second

func (l *Log) publishBatch(ctx context.Context, entries []entry, expect Expect) ([]Result, error) {
	conn := l.write.Conn()
	id := uuid.NewString()
	ctx, cancel := context.WithTimeout(ctx, l.ackWait)
	defer cancel()
	for i, e := range entries {
		m := message(e)
		m.Header.Set(batchID, id)
		m.Header.Set(batchSeq, strconv.Itoa(i+1))
		if i == 0 && expect.set {
			m.Header.Set(jetstream.ExpectedLastSeqHeader, strconv.FormatUint(expect.last, 10))
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

func message(e entry) *nats.Msg {
	m := nats.NewMsg(e.subject)
	if e.id != "" {
		m.Header.Set(jetstream.MsgIDHeader, e.id)
	}
	m.Header.Set("Content-Type", events.ContentType)
	if e.stored != "" {
		m.Header.Set(StoredHeader, e.stored)
	}
	m.Data = e.raw
	return m
}

// settle looks at what stands after the beginning. It is certain of the
// outcome where it finds the events, or another in the expected place, or where
// the broker said that what was expected of one entity is not so. What
// stands before the beginning is looked at only where the broker may have
// refused an id for it: a log that has moved on needs no search of its past.
func (l *Log) settle(ctx context.Context, entries []entry, expect Expect, from uint64, said error, patient bool) (results []Result, settled bool, err error) {
	info, err := l.Info(ctx)
	if err != nil {
		return nil, false, err
	}
	results = make([]Result, len(entries))
	found := 0
	if info.Last > from {
		if found, err = l.match(ctx, entries, results, from+1, info.Last); err != nil {
			return nil, certain(err), err
		}
	}
	if patient && writing(results, found, info.Last) {
		return nil, false, errWriting
	}
	moved, search := expect.set && info.Last != expect.last, true
	if _, _, narrow := expect.On(); narrow { // others may have moved
		moved, search = refused(said), said == nil
	}
	if found < len(entries) && !moved && search {
		more, err := l.matchRecent(ctx, entries, results, min(from, info.Last))
		if err != nil {
			return nil, certain(err), err
		}
		found += more
	}
	switch {
	case found == len(entries):
		return results, true, nil
	case moved:
		return nil, true, &ConflictError{Expected: expect.last, Last: info.Last}
	case found > 0:
		return nil, true, &PartialError{Results: results}
	}
	return nil, false, nil
}

// writingTries is how often a batch that is being written is looked at again
// before it counts as one of which a part was there already.
const writingTries = 20

var errWriting = errors.New("the batch is being written")

// writing says whether a batch of this call may be going in at this moment: a
// broker takes all of it or nothing, but it can be asked in between. Its first
// events then stand at the end of the log, and the others not yet.
func writing(results []Result, found int, last uint64) bool {
	if found == 0 || found == len(results) {
		return false
	}
	for i, r := range results[:found] {
		if r.Outcome != Created || r.Seq != last-uint64(found-1-i) {
			return false
		}
	}
	return true
}

// certain says whether an error is an outcome. What could not be read is none:
// it is looked at again.
func certain(err error) bool {
	var taken *IDTakenError
	return errors.As(err, &taken)
}

// PartialError says that some events of a batch are there already, so that the
// batch as a whole cannot be appended. Results has a sequence for each that is.
type PartialError struct{ Results []Result }

func (e *PartialError) Error() string { return "some events of the batch are in the log already" }

// few is up to how many events are read one by one: to make a consumer costs
// more, most of all where several servers must agree on it.
const few = 16

// match finds the entries among the events of a range.
func (l *Log) match(ctx context.Context, entries []entry, results []Result, from, to uint64) (int, error) {
	wanted := map[string]int{}
	for i, e := range entries {
		wanted[e.id] = i
	}
	read := l.Read
	if to-from < few {
		read = l.pick
	}
	found := 0
	for rec, err := range read(ctx, from, to) {
		if err != nil {
			return found, err
		}
		i, ok := wanted[rec.Event.ID]
		if rec.Err != nil || !ok || results[i].Seq != 0 {
			continue
		}
		outcome, err := sameOutcome(entries[i], rec)
		if err != nil {
			return found, err
		}
		results[i] = Result{Seq: rec.Seq, Outcome: outcome}
		found++
	}
	return found, nil
}

// sameOutcome holds an entry against the stored event with its id: the very
// bytes are this call's own, the same fact recorded before is a duplicate.
func sameOutcome(e entry, rec Record) (Outcome, error) {
	if string(rec.Raw) == string(e.raw) {
		return Created, nil
	}
	same, err := events.Same(e.event, rec.Event)
	if err != nil {
		return "", err
	}
	if !same {
		return "", &IDTakenError{ID: e.id, Seq: rec.Seq}
	}
	return Duplicate, nil
}

// matchRecent finds entries before the beginning, as far back as the broker
// refuses their ids.
func (l *Log) matchRecent(ctx context.Context, entries []entry, results []Result, until uint64) (int, error) {
	if until == 0 {
		return 0, nil
	}
	last, err := l.Get(ctx, until)
	if err != nil {
		return 0, err
	}
	oldest := last.Published.Add(-dedupWindow)
	from := until
	for from > 1 {
		step := min(from-1, 256)
		rec, err := l.Get(ctx, from-step)
		if err != nil {
			return 0, err
		}
		from -= step
		if rec.Published.Before(oldest) {
			break
		}
	}
	found, err := l.match(ctx, entries, results, from, until)
	for i := range results {
		if results[i].Seq != 0 && results[i].Seq <= until {
			results[i].Outcome = Duplicate
		}
	}
	return found, err
}

// retryPause spaces repeated publishing while the broker is out of reach.
const retryPause = 100 * time.Millisecond

func pause(ctx context.Context) error { return wait(ctx, retryPause) }
