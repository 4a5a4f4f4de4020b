package fold

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/engine"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/keys"
	"github.com/summit-timeline/summit/projections/internal/posting"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/viewdb"
)

// batch folds events into the tables within one transaction. It is a pure
// function of the log: no clock, no randomness, no network.
type batch struct {
	tx    *viewdb.Tx
	epoch string
	last  item.EventRow

	current  *item.Item // the version of a fact that is not written yet; nil between events
	proposed bool       // whether what comes in is asked to be recorded, and is not in the log yet
	recent   *recent
	slots    map[string]bool            // lists and members that are noted
	entities map[string]*item.EntityRow // as they are by now, not yet written
	aside    []engine.Aside             // events that were quarantined
	touched  bool                       // whether rows may have been put for the event in hand
}

func newBatch(tx *viewdb.Tx, at engine.Cursor, known *recent) (*batch, error) {
	last, err := item.ReadEvent(tx, at.Seq)
	if err != nil {
		return nil, err
	}
	return &batch{tx: tx, epoch: at.Epoch, last: last, recent: known, slots: map[string]bool{}, entities: map[string]*item.EntityRow{}}, nil
}

// Apply folds the next event of the log. One that cannot stand is quarantined.
// It returns an error if rows of the event were already written: the transaction must
// then be rolled back.
func (w *batch) Apply(e engine.Event) error {
	if e.Seq == 1 {
		w.epoch = events.EpochOf(e.Raw)
	}
	err, faults := e.Failed, events.Faults{}
	switch {
	case e.Err != nil:
		return w.quarantine(e.Seq, store.ReasonOf(e.Err), e.Err.Error())
	case errors.As(err, &faults):
		return w.quarantine(e.Seq, item.Refused, faults.Error())
	case err != nil:
		return w.quarantine(e.Seq, item.Failed, item.FailedWords)
	}
	it, prepared := e.Prepared.(*item.Item)
	if !prepared {
		it = itemOf(e.Record)
	}
	err = w.step(e.Record, it)
	if errors.As(err, &faults) && !w.touched {
		return w.quarantine(e.Seq, item.Refused, faults.Error())
	}
	return err
}

// step folds one event. The error is an events.Faults where the event cannot
// stand; nothing has then been written, unless touched is set.
func (w *batch) step(rec store.Record, it *item.Item) error {
	w.touched = false
	row := w.nextRow(rec.Seq)
	row.Known = max(row.Known, rec.Event.Recorded.UnixNano())
	if err := w.fold(rec, it, &row); err != nil {
		return err
	}
	return w.putRow(rec.Seq, row)
}

func (w *batch) putRow(seq uint64, row item.EventRow) error {
	w.last = row
	return w.tx.Add(item.TableEvents, keys.Seq(seq), row.Encode())
}

// nextRow advances what accumulates along the log. Knowledge time is moved by events
// that stand alone.
func (w *batch) nextRow(seq uint64) item.EventRow {
	row := w.last
	row.Fact, row.Kind = 0, item.EventFact
	if posting.SegmentOf(seq) != posting.SegmentOf(max(seq-1, 1)) || seq == 1 {
		row.Low, row.High = math.MaxInt64, math.MinInt64
	}
	return row
}

func (w *batch) foldFact(it *item.Item, seq uint64, row *item.EventRow) error {
	w.touched = true
	w.current = it
	defer func() { w.current = nil }()
	row.Fact = seq
	if !it.Hidden() {
		row.Facts++
	}
	if w.proposed {
		if err := w.checkOwed(it, seq); err != nil {
			return err
		}
		if err := w.checkDenied(it, "/data/denies"); err != nil {
			return err
		}
	}
	it.Denied = w.isDenied(it.ID, seq)
	return w.place(nil, it, seq, row)
}

// place puts an item where it now belongs, in the tables and beside the others. Before
// is what it was, or nil if it is new.
func (w *batch) place(before, after *item.Item, seq uint64, row *item.EventRow) error {
	if err := w.announce(after, seq); err != nil {
		return err
	}
	if err := w.post(before, after, seq, row); err != nil {
		return err
	}
	if err := w.rename(before, after, seq); err != nil {
		return err
	}
	moved, err := w.reannounce(before, after, seq)
	if err != nil {
		return err
	}
	if err := w.settlePlans(before, after, seq, moved); err != nil {
		return err
	}
	if err := w.putItem(after, seq); err != nil {
		return err
	}
	if err := w.deny(before, after, seq); err != nil {
		return err
	}
	return w.judge(before, after, seq)
}

func (w *batch) foldAmendment(e events.Event, seq uint64, row *item.EventRow) error {
	before, after, err := w.amend(seq, e)
	if err != nil {
		return err
	}
	w.touched = true
	w.current = after
	defer func() { w.current = nil }()
	if w.proposed {
		if err := w.checkDeniedAnew(before, after, e); err != nil {
			return err
		}
	}
	row.Fact, row.Kind = before.Seq, item.EventAmendment
	row.Amendments++
	shown, err := item.Shown(e, seq, before, after)
	if err != nil {
		return err
	}
	b, err := json.Marshal(shown, json.Deterministic(true))
	if err != nil {
		return fmt.Errorf("encode amendment: %w", err)
	}
	if err := w.tx.Put(item.TableAmendments, keys.Pair(before.Seq, seq), b); err != nil {
		return err
	}
	return w.place(before, after, seq, row)
}

func (w *batch) putItem(it *item.Item, seq uint64) error {
	b, err := it.Encode(w.epoch)
	if err != nil {
		return err
	}
	if err := w.keepDeadline(it, seq); err != nil {
		return err
	}
	w.recent.items.Add(it.Seq, it)
	return w.tx.Put(item.TableFacts, keys.Pair(it.Seq, seq), b)
}

// latest returns the newest version of a fact. It must not be changed, but cloned.
func (w *batch) latest(fact uint64) (*item.Item, error) {
	if w.current != nil && w.current.Seq == fact {
		return w.current, nil
	}
	if it, ok := w.recent.items.Get(fact); ok {
		return it, nil
	}
	it, err := item.ReadLatest(w.tx, fact)
	if err == nil {
		w.recent.items.Add(it.Seq, it)
	}
	return it, err
}

// Finish writes what was kept for the end of the transaction.
func (w *batch) Finish() (engine.Outcome, error) {
	for entity, row := range w.entities {
		if err := w.tx.Put(item.TableEntities, []byte(entity), row.Encode()); err != nil {
			return engine.Outcome{}, err
		}
	}
	return engine.Outcome{Known: time.Unix(0, w.last.Known).UTC(), Aside: w.aside}, nil
}

// quarantine sets an event aside: it stays in the log and in the tree, and
// changes nothing else.
func (w *batch) quarantine(seq uint64, kind store.Reason, reason string) error {
	b, err := item.QuarantineRow{Kind: kind, Reason: reason}.Encode()
	if err != nil {
		return err
	}
	row := w.nextRow(seq)
	row.Kind = item.EventQuarantined
	if err := w.tx.Put(item.TableQuarantined, keys.Seq(seq), b); err != nil {
		return err
	}
	w.aside = append(w.aside, engine.Aside{Seq: seq, Kind: kind, Reason: reason})
	return w.putRow(seq, row)
}
