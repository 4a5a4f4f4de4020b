package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/summit-timeline/summit/events"
)

// MaxBatch is the most events of one append: JetStream takes no larger atomic
// batch.
const MaxBatch = 1000

// entry is an event as it goes to the broker.
type entry struct {
	Stored      // the time of a new event is when it was recorded
	again  bool // it was stored before, at its time
}

// Append adds events to the log right after the sequence it is expected to end
// at, all of them or none. It is a *ConflictError if the log ends elsewhere:
// whether an event already exists is for the caller to look up, who knows the
// ids of what stands before. ErrUnavailable leaves the outcome open. The call may
// then be repeated, with the same events or others: however late a publish
// arrives, one of those that follow the same sequence is taken at most.
func (l *Log) Append(ctx context.Context, list []events.Event, expect Expect) ([]Result, error) {
	return l.append(ctx, list, expect, false)
}

// AppendEach adds events like Append, but each on its own: it returns the results of
// those that were added, which are the first of the list. The others were not added
// yet, and may be appended again. There is an error only if none was added. It costs
// less than Append where [Log.Each] says so.
func (l *Log) AppendEach(ctx context.Context, list []events.Event, expect Expect) ([]Result, error) {
	return l.append(ctx, list, expect, true)
}

// Each reports whether AppendEach costs less than an Append of the same events, and
// not more than an Append for each of them.
func (l *Log) Each() bool { return l.shared != nil }

func (l *Log) append(ctx context.Context, list []events.Event, expect Expect, each bool) ([]Result, error) {
	if len(list) == 0 {
		return nil, nil
	}
	if len(list) > MaxBatch {
		return nil, fmt.Errorf("append to %s: %d events; the limit is %d", l.summit, len(list), MaxBatch)
	}
	a := appending{log: l, entries: make([]entry, len(list)), after: expect.last, before: expect.before, each: each}
	for i, e := range list {
		raw, err := events.Encode(e)
		if err != nil {
			return nil, fmt.Errorf("append to %s: event %d: %w", l.summit, i, err)
		}
		a.entries[i] = entry{Stored: Stored{MsgID: e.ID, Subject: Subject(e), Raw: raw, Stored: e.Recorded.Time}}
	}
	settle := l.note(a.entries, a.after)
	results, err := a.run(ctx)
	if len(results) > 0 {
		l.Seen(results[len(results)-1].Seq)
	}
	if failed := settle(len(results)); failed != nil {
		err = failed // whether the log has them is open
	}
	if err != nil {
		return nil, fmt.Errorf("append to %s: %w", l.summit, err)
	}
	l.tell(a.entries[:len(results)], results[0].Seq)
	return results, nil
}

// appending is one append, published until its outcome is certain.
type appending struct {
	log     *Log
	entries []entry
	after   uint64
	before  time.Time // until when it may be published; zero is without a bound
	each    bool      // each event on its own: the first of them may be added without the others
	doubt   bool      // a publish of it was not answered, and may have been taken
	known   int       // how often the broker said that it knows an id
}

// frozen returns an ErrFrozen if nothing can be written.
func frozen(failing func(error) error, failed error) error {
	if err := failing(failed); err != nil {
		return unavailable(fmt.Errorf("%w: %w", ErrFrozen, err))
	}
	return nil
}

// retryPause spaces repeated publishing while the broker is out of reach.
const retryPause = 100 * time.Millisecond

func pause(ctx context.Context) error { return wait(ctx, retryPause) }

func (a *appending) run(ctx context.Context) ([]Result, error) {
	publishing, stop := context.WithCancel(ctx)
	if !a.before.IsZero() {
		publishing, stop = context.WithDeadline(ctx, a.before)
	}
	defer stop()
	for {
		results, err := a.publish(publishing)
		if results != nil {
			return results, nil
		}
		a.doubt = a.doubt || noAnswer(err)
		if remembered(err) {
			a.known++
		}
		results, lookErr := a.look(ctx)
		if err := frozen(a.log.failing, failure(err)); err != nil {
			return nil, err // what a log that could not be written shows may not outlast it
		}
		switch {
		case results != nil || conflicts(lookErr):
			return results, lookErr
		case ctx.Err() != nil:
			return nil, unavailable(errors.Join(err, lookErr, ctx.Err()))
		case lookErr == nil && full(err):
			return nil, unavailable(fmt.Errorf("%w: %w", ErrFull, err))
		case lookErr == nil && final(err):
			return nil, err
		}
		if err := pause(ctx); err != nil {
			return nil, unavailable(err)
		}
	}
}

// publish publishes the events once more, unless that would be too late, or
// nothing can be written.
func (a *appending) publish(ctx context.Context) ([]Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := frozen(a.log.failing, nil); err != nil {
		return nil, err
	}
	if bare := a.known >= distrusted; bare || !a.each || len(a.entries) == 1 {
		return a.log.publish(ctx, a.all(), a.after, bare)
	}
	return a.log.publishEach(ctx, a.entries, a.after)
}

// all are the events to be published together: each alone if they may be parted.
func (a *appending) all() []entry {
	if a.each {
		return a.entries[:1]
	}
	return a.entries
}

// distrusted is after how many answers that the broker knows an id, though the
// event is not in the log, the events are published without their ids. A broker
// remembers the id of a message that it refused or lost, for as long as its
// window of duplicates is: that of a log is so short that one pause outlasts it,
// but one made by an older version has half a minute. What the log holds does not
// hang on it, for each publish names the sequence it follows.
const distrusted = 3

func conflicts(err error) bool {
	var conflict *ConflictError
	return errors.As(err, &conflict)
}

// look reads back what came of a publish that was refused or not answered: the
// events stand right after the expected sequence, or cannot stand any more, or
// may still be taken.
func (a *appending) look(ctx context.Context) ([]Result, error) {
	info, err := a.log.Info(ctx)
	if err != nil || info.Last == a.after {
		return nil, err
	}
	conflict := &ConflictError{Expected: a.after, Last: info.Last}
	if !a.doubt || info.Last < a.after {
		return nil, conflict
	}
	end := a.after + uint64(len(a.entries))
	last, err := a.standing(ctx, min(end, info.Last))
	switch {
	case err != nil:
		return nil, err
	case last == a.after:
		return nil, conflict
	case last < end && !a.each:
		return nil, nil // the batch is being written: all of it will be there, or none
	}
	return created(last, int(last-a.after)), nil
}

// standing returns the sequence of the last event that stands in the log, at most the
// one at, or the expected sequence if none does. Each was published to follow the one
// before.
func (a *appending) standing(ctx context.Context, at uint64) (uint64, error) {
	for ; at > a.after; at-- {
		rec, err := a.log.Get(ctx, at)
		if err != nil {
			return 0, err
		}
		if string(rec.Raw) == string(a.entries[at-a.after-1].Raw) {
			return at, nil
		}
		if !a.each {
			break // all of them would be there
		}
	}
	return a.after, nil
}

// created are the results of events that were added, the last of them at end.
func created(end uint64, n int) []Result {
	results := make([]Result, n)
	for i := range results {
		results[i] = Result{Seq: end - uint64(n-1-i), Outcome: Created}
	}
	return results
}
