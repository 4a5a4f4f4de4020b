package store

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/store/stored"
)

// Stored is an event as the broker keeps it.
type Stored = stored.Event

// Restore makes the log of a summit out of stored events, in their order and
// byte for byte. It is ErrExists if there is a log of that name, except with
// more, which continues with a log that holds the first of these very events:
// nothing that is there is ever changed. It returns how many events were
// added; done is called with the last sequence restored.
func (l *Logs) Restore(ctx context.Context, summit string, list iter.Seq2[Stored, error], more bool, done func(seq uint64)) (added uint64, err error) {
	log, err := l.begin(ctx, summit, more)
	if err != nil {
		return 0, fmt.Errorf("restore %s: %w", summit, err)
	}
	r := &restorer{log: log, done: done}
	next, stop := iter.Pull2(list)
	defer stop()
	if err := r.compare(ctx, next); err != nil {
		return 0, fmt.Errorf("restore %s: %w", summit, err)
	}
	if err := r.run(ctx, next); err != nil {
		return r.added, fmt.Errorf("restore %s: %w", summit, err)
	}
	return r.added, nil
}

func (l *Logs) begin(ctx context.Context, summit string, more bool) (*Log, error) {
	_, err := l.read.Stream(ctx, streamPrefix+summit)
	switch {
	case err == nil && !more:
		return nil, ErrExists
	case err != nil && !errors.Is(err, jetstream.ErrStreamNotFound):
		return nil, unavailable(err)
	case err != nil:
		if err := l.makeStream(ctx, summit); err != nil {
			return nil, unavailable(err)
		}
	}
	return l.Open(ctx, summit)
}

// restoreBytes bounds what is sent in one batch.
const restoreBytes = 8 << 20

// restorer appends stored events.
type restorer struct {
	log   *Log
	done  func(seq uint64)
	last  uint64 // of the log
	added uint64
}

func (r *restorer) run(ctx context.Context, next func() (Stored, error, bool)) error {
	var batch []entry
	size := 0
	for {
		s, err, ok := next()
		if err != nil {
			return err
		}
		if ok {
			batch, size = append(batch, entry{Stored: s, again: true}), size+len(s.Raw)
		}
		if len(batch) > 0 && (!ok || len(batch) == MaxBatch || size >= restoreBytes) {
			if err := r.put(ctx, batch); err != nil {
				return err
			}
			batch, size = batch[:0], 0
		}
		if !ok {
			return nil
		}
	}
}

// compare compares the events that exist with the first of the list.
func (r *restorer) compare(ctx context.Context, next func() (Stored, error, bool)) error {
	info, err := r.log.Info(ctx)
	if err != nil || info.Last == 0 {
		return err
	}
	there := info.Last
	for rec, err := range r.log.ReadBytes(ctx, 1, there) {
		if err != nil {
			return err
		}
		s, err, ok := next()
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("%w, and it has %d events, more than the archive", ErrExists, there)
		}
		if string(s.Raw) != string(rec.Raw) || s.Subject != rec.Subject || s.MsgID != rec.MsgID {
			return fmt.Errorf("%w, and its event %d differs", ErrExists, rec.Seq)
		}
		r.last = rec.Seq
	}
	r.done(r.last)
	return nil
}

// put appends a batch. An event whose id the broker remembers waits until it is
// forgotten: two events of an archive may have the same.
func (r *restorer) put(ctx context.Context, batch []entry) error {
	most := len(batch)
	for len(batch) > 0 {
		n, err := r.try(ctx, batch[:min(most, len(batch))])
		if remembered(err) && most > 1 {
			most = 1 // of a batch nothing was taken
			continue
		}
		if remembered(err) {
			if err := pause(ctx); err != nil {
				return unavailable(err)
			}
			continue
		}
		if err != nil {
			return err
		}
		if err := r.log.force(r.last + uint64(n)); err != nil {
			return err
		}
		r.last += uint64(n)
		r.added += uint64(n)
		r.done(r.last)
		batch = batch[n:]
	}
	return nil
}

// try publishes once, and returns how many events were added. A lost acknowledgement
// ends the restoring: it continues with the events that are there when it is begun
// again.
func (r *restorer) try(ctx context.Context, batch []entry) (int, error) {
	publish := func() ([]Result, error) { return r.log.publish(ctx, batch, r.last, false) }
	if r.log.Each() {
		publish = func() ([]Result, error) { return r.log.publishEach(ctx, batch, r.last) }
	}
	results, err := publish()
	if final(err) || remembered(err) {
		return 0, err
	}
	if err != nil {
		return 0, unavailable(err)
	}
	if got := results[0].Seq; got != r.last+1 {
		return 0, fmt.Errorf("event %d was stored as %d", r.last+1, got)
	}
	return len(results), nil
}
