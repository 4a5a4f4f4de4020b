package bench

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/viewdb"
)

// ProjectOptions define what to measure of the views.
type ProjectOptions struct {
	Programs
	Events int
	Said   io.Writer
}

// Project measures how fast a log is folded into the views and the tree, and
// what a server with such a log costs: its starts, its memory, its files. The
// ceiling of the folding decodes the same bytes and puts each once, with three
// index keys, in transactions of the same size.
func Project(ctx context.Context, o ProjectOptions) (Report, error) {
	report := Report{Name: "project"}
	if err := rebuilds(ctx, o, &report); err != nil {
		return report, err
	}
	return report, restarts(ctx, o, &report)
}

func rebuilds(ctx context.Context, o ProjectOptions, report *Report) error {
	fmt.Fprintf(o.Said, "making a story of %d events\n", o.Events)
	log := &kept{}
	for s, err := range told("bench", o.Events) {
		if err != nil {
			return err
		}
		log.list = append(log.list, s)
	}
	return inFolder(func(dir string) error {
		fmt.Fprintln(o.Said, "putting raw rows")
		ceiling, err := timed(o.Events, func() error { return rawRows(filepath.Join(dir, "raw.db"), log) })
		if err != nil {
			return err
		}
		fmt.Fprintln(o.Said, "folding the views")
		built, err := timed(o.Events, func() error {
			return projections.Build(ctx, filepath.Join(dir, "views.db"), log, uint64(o.Events), func(uint64) {})
		})
		if err != nil {
			return err
		}
		report.add(Row{What: fmt.Sprintf("rebuild of %d events, all views and the tree", o.Events), Value: built, Unit: "events/s", Ceiling: ceiling, Note: "beside raw rows with three index keys"})
		return nil
	})
}

func timed(n int, do func() error) (float64, error) {
	began := time.Now()
	err := do()
	return float64(n) / time.Since(began).Seconds(), err
}

// kept is a log in memory whose events are decoded as they are read, as those
// of a broker are.
type kept struct{ list []store.Stored }

func (l *kept) Summit() string { return "bench" }

func (l *kept) decoded(seq uint64) store.Record {
	s := l.list[seq-1]
	return store.NewRecord("bench", seq, s.Stored, s.Raw, s.Subject, s.MsgID)
}

func (l *kept) Get(_ context.Context, seq uint64) (store.Record, error) { return l.decoded(seq), nil }

func (l *kept) Info(context.Context) (store.Info, error) {
	return store.Info{First: 1, Last: uint64(len(l.list)), Messages: uint64(len(l.list))}, nil
}

func (l *kept) Follow(ctx context.Context, from uint64) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		for seq := from; seq <= uint64(len(l.list)); seq++ {
			if !yield(l.decoded(seq), nil) {
				return
			}
		}
		<-ctx.Done()
		yield(store.Record{}, ctx.Err())
	}
}

// rawBatch is the most rows of one raw transaction.
const rawBatch = 20_000

func rawRows(path string, log *kept) error {
	db, err := viewdb.Open(path, viewdb.Options{Append: map[string]bool{"rows": true, "ids": true, "times": true}})
	if err != nil {
		return err
	}
	decoded := make(chan []store.Record, 2)
	go func() {
		defer close(decoded)
		for from := 0; from < len(log.list); from += rawBatch {
			var batch []store.Record
			for i := from; i < min(from+rawBatch, len(log.list)); i++ {
				batch = append(batch, log.decoded(uint64(i)+1))
			}
			decoded <- batch
		}
	}()
	for batch := range decoded {
		if err == nil {
			err = db.Update(func(tx *viewdb.Tx) error { return putRows(tx, batch) })
		}
	}
	if err != nil {
		return err
	}
	return db.Close()
}

func putRows(tx *viewdb.Tx, batch []store.Record) error {
	for _, r := range batch {
		id, err := uuid.Parse(r.Event.ID)
		if err != nil {
			return err
		}
		key := binary.BigEndian.AppendUint64(nil, r.Seq)
		at := binary.BigEndian.AppendUint64(nil, uint64(r.Event.Recorded.UnixNano()))
		for _, row := range []struct {
			table      string
			key, value []byte
		}{{"rows", key, r.Raw}, {"ids", id[:], key}, {"entities", append([]byte(r.Event.Subject.String()), key...), nil}, {"times", append(at, key...), nil}} {
			if err := tx.Put(row.table, row.key, row.value); err != nil {
				return err
			}
		}
	}
	return nil
}
