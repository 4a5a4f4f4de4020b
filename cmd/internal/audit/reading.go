package audit

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/merkle"
)

// reading is the log as it is read again: each event is counted and hashed once
// on its way into the scratch views.
type reading struct {
	server   Server
	summit   string
	until    uint64 // what is counted
	target   uint64 // what is read: the views may have to go further
	aside    setAside
	marks    map[int64]merkle.Hash
	progress func(done uint64)

	epoch   string
	tree    *merkle.Accumulator
	report  *Report
	sources map[string]bool
	roots   map[string]bool
}

// shortError reports that the log ends before it should.
type shortError struct{ next uint64 }

func (s *shortError) Error() string { return fmt.Sprintf("event %d is not there", s.next) }

// unreadError reports that the server cannot read an event.
type unreadError struct {
	seq    uint64
	reason string
}

func (u *unreadError) Error() string { return fmt.Sprintf("event %d: %s", u.seq, u.reason) }

// Summit is the id of the summit.
func (r *reading) Summit() string { return r.summit }

// Info is not needed to build views.
func (r *reading) Info(context.Context) (store.Info, error) {
	return store.Info{First: 1, Last: r.until, Messages: r.until}, nil
}

// Get is not needed to build views.
func (r *reading) Get(context.Context, uint64) (store.Record, error) {
	return store.Record{}, errors.ErrUnsupported
}

// Follow reads the log from a sequence on, up to the target, and then waits as a
// log does. A connection that breaks is re-established for as long as that
// brings anything.
func (r *reading) Follow(ctx context.Context, from uint64) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		for next := from; next <= r.target; {
			read, stop, err := r.read(ctx, next, yield)
			if stop {
				return
			}
			if refused := (*RefusedError)(nil); errors.As(err, &refused) {
				err = &unreadError{read, refused.Detail}
			} else if read > next {
				err = nil // it broke off: try again from there
			} else if err == nil {
				err = &shortError{read}
			}
			if err != nil {
				yield(store.Record{}, err)
				return
			}
			next = read
		}
		<-ctx.Done()
	}
}

// read reads from one sequence on as far as it goes, and tells which is next.
func (r *reading) read(ctx context.Context, next uint64, yield func(store.Record, error) bool) (read uint64, stop bool, err error) {
	for line, err := range r.server.Lines(ctx, next, r.target) {
		if err != nil {
			return next, false, err
		}
		rec := r.record(next, line)
		if err := r.count(rec); err != nil {
			return next, false, err
		}
		if next++; !yield(rec, nil) {
			return next, true, nil
		}
	}
	return next, false, nil
}

func (r *reading) record(seq uint64, raw []byte) store.Record {
	rec := store.ReadRecord(r.summit, seq, raw)
	if told := r.aside.told[seq]; told != nil && rec.Err == nil {
		rec.Event, rec.Err = events.Event{}, told
	}
	return rec
}

// ProgressEvery is how many events are read between two reports of progress.
const ProgressEvery = 4096

// count takes an event into the tree and the report, once.
func (r *reading) count(rec store.Record) error {
	if rec.Seq > r.until || rec.Seq <= r.report.Events {
		return nil
	}
	if err := r.tree.AppendEntry(rec.Raw); err != nil {
		return err
	}
	if _, marked := r.marks[r.tree.Size()]; marked {
		root, err := r.tree.Root()
		if err != nil {
			return err
		}
		r.marks[r.tree.Size()] = root
	}
	p := r.report
	p.Events, p.Bytes = rec.Seq, p.Bytes+uint64(len(rec.Raw))
	if rec.Seq == 1 {
		r.epoch = events.EpochOf(rec.Raw)
	}
	if rec.Err == nil && !r.aside.seqs[rec.Seq] {
		r.describe(rec.Event)
	}
	if rec.Seq%ProgressEvery == 0 {
		r.progress(rec.Seq)
	}
	return nil
}

// describe counts what an event says that stands.
func (r *reading) describe(e events.Event) {
	p := r.report
	p.Types[e.Type]++
	p.Known.add(e.Recorded.Time)
	m := events.MomentOf(e.Data, e.Time)
	if from, to, begun, ended := m.Bounds(); m.Phase == events.PhaseActual {
		if begun {
			p.Occurred.add(from)
		}
		if ended {
			p.Occurred.add(to)
		}
	}
	for _, s := range e.Data.Base().Sources {
		r.note(r.sources, s.Name)
		if len(s.Via) == 0 {
			r.note(r.roots, s.Name)
		}
	}
}

// namesKept is the most names that are told apart: beyond it they are no longer
// counted, so that memory stays what it is.
const namesKept = 100_000

func (r *reading) note(names map[string]bool, name string) {
	key := events.NameKey(name)
	if len(names) < namesKept && !names[key] {
		names[strings.Clone(key)] = true
	}
}

// setAside are the events that a server has in quarantine. That they are the right
// ones shows when the views are compared.
type setAside struct {
	seqs map[uint64]bool
	told map[uint64]*store.MessageError // those whose reason is not in their bytes
}

// quarantined reads which events the server has set aside.
func quarantined(ctx context.Context, server Server, until uint64, report *Report) (setAside, error) {
	aside := setAside{map[uint64]bool{}, map[uint64]*store.MessageError{}}
	err := eachRow(ctx, server, "quarantined", func(row projections.Row) {
		q := projections.ReadQuarantined(seqOf(row.Key), row.Value)
		if q.Seq > until {
			return
		}
		aside.seqs[q.Seq] = true
		if q.Kind.InMessage() {
			aside.told[q.Seq] = &store.MessageError{Kind: q.Kind, Detail: strings.TrimPrefix(q.Reason, "(event): ")}
			report.Misfiled++
		}
		if len(report.Quarantined) < quarantineShown {
			report.Quarantined = append(report.Quarantined, q)
		} else {
			report.QuarantinedMore++
		}
	})
	return aside, err
}

const quarantineShown = 100

// eachRow goes through a table of the server.
func eachRow(ctx context.Context, server Server, table string, fn func(projections.Row)) error {
	var after []byte
	for {
		page, err := server.Rows(ctx, table, after)
		if err != nil {
			return err
		}
		for _, row := range page.Rows {
			fn(row)
			after = row.Key
		}
		if !page.More || len(page.Rows) == 0 {
			return nil
		}
	}
}
