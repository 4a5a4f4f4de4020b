package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/summit-timeline/summit/projections/internal/keys"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/merkle"
	"github.com/summit-timeline/summit/store/viewdb"
)

// Check compares the log with the views, in a few reads however long it is; a
// difference puts it in doubt. The error reports that the log could not be asked.
func (e *Engine) Check(ctx context.Context) error {
	if e.InDoubt() || e.isUnproven() || e.damaged() {
		return nil
	}
	_, err := e.examine(ctx)
	if d := inconsistencyIn(err); d != nil {
		e.Doubt(d)
		return nil
	}
	return err
}

// examine looks where the log was in doubt before, then compares.
func (e *Engine) examine(ctx context.Context) (created time.Time, err error) {
	if err := e.lookAgain(ctx); err != nil {
		return created, err
	}
	return e.compare(ctx)
}

// compare compares the log with the cursor: its stream must be the one the
// views were made from, begin at 1, reach the cursor, have no gap, hold at the
// cursor the event that was seen, and forget nothing. It returns when the stream
// was made.
func (e *Engine) compare(ctx context.Context) (created time.Time, err error) {
	head, known := e.seen() // before the log is asked: it only grows
	info, err := e.log.Info(ctx)
	if err != nil {
		return created, fmt.Errorf("ask the log: %w", err)
	}
	e.noteLast(info.Last)
	if info.First > 1 {
		return created, inconsistent(Trimmed, 1, "it begins at %d instead of 1: it was trimmed%s", info.First, alsoSettings(info))
	}
	if head > 0 {
		if err := e.compareSeen(ctx, info, head); err != nil {
			return created, err
		}
		if err := sameStream(info, head, known); err != nil {
			return created, err
		}
	}
	if info.Last > info.Messages {
		if err := e.firstGap(ctx, info); err != nil {
			return created, err
		}
	}
	if info.Settings != nil {
		return created, inconsistent(Settings, max(head, 1), "%v", info.Settings)
	}
	return info.Created, nil
}

// sameStream compares what the broker says of the log with what was seen of it:
// how far it went, and when its stream was made.
func sameStream(info store.Info, head uint64, known time.Time) error {
	switch {
	case info.Last < head:
		return inconsistent(RolledBack, info.Last+1, "it ends at %d, but %d was seen: it was rolled back", info.Last, head)
	case head > 0 && !known.IsZero() && !known.Equal(info.Created):
		return inconsistent(Replaced, 1, "its stream was made on %s, but the views were made from one of %s: it was deleted and made again",
			info.Created.UTC().Format(time.RFC3339Nano), known.UTC().Format(time.RFC3339Nano))
	}
	return nil
}

func alsoSettings(info store.Info) string {
	if info.Settings == nil {
		return ""
	}
	return "; " + info.Settings.Error()
}

// seen returns how far the views are, and of which stream.
func (e *Engine) seen() (seq uint64, created time.Time) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.head.Seq, e.created
}

// compareSeen compares the last event that both have, and looks for the first
// that differs if it is another.
func (e *Engine) compareSeen(ctx context.Context, info store.Info, head uint64) error {
	last := min(info.Last, head)
	if last > 0 {
		err := e.sameLeaf(ctx, last)
		if d := inconsistencyIn(err); d != nil {
			return e.fork(ctx, d)
		}
		if err != nil {
			return err
		}
	}
	if info.Last < head {
		return inconsistent(RolledBack, info.Last+1, "it ends at %d, but %d was seen: it was rolled back", info.Last, head)
	}
	return nil
}

// fork finds where a log that ends otherwise begins to differ, by halving: a
// history that was taken up again at some event differs from there on.
func (e *Engine) fork(ctx context.Context, last *InconsistencyError) error {
	first := last
	for low, high := uint64(1), last.Seq; low < high; {
		mid := low + (high-low)/2
		err := e.sameLeaf(ctx, mid)
		switch d := inconsistencyIn(err); {
		case d != nil:
			first, high = d, mid
		case err != nil:
			return err
		default:
			low = mid + 1
		}
	}
	switch {
	case first == last:
		return last
	case first.Kind == Gap:
		return inconsistent(Gap, first.Seq, "event %d and those after it were seen and cannot be read any more", first.Seq)
	}
	return inconsistent(Forked, first.Seq, "event %d and those after it are others than those that were seen", first.Seq)
}

// sameLeaf compares an event with its leaf in the tree.
func (e *Engine) sameLeaf(ctx context.Context, seq uint64) error {
	rec, err := e.log.Get(ctx, seq)
	if errors.Is(err, store.ErrNotFound) {
		return inconsistent(Gap, seq, "event %d was seen and cannot be read any more", seq)
	}
	if err != nil {
		return fmt.Errorf("read event %d again: %w", seq, err)
	}
	want, err := e.leaf(seq)
	if err != nil {
		return err
	}
	if got := merkle.LeafHash(rec.Raw); got != want {
		return inconsistent(Altered, seq, "event %d is another than the one that was seen: its leaf hash is %s, the tree has %s", seq, got, want)
	}
	return nil
}

// leaf reads the hash of an event out of the tree.
func (e *Engine) leaf(seq uint64) (h merkle.Hash, err error) {
	err = e.View(func(s Snapshot) error {
		index := int64(seq - 1)
		path := merkle.TilePath{Level: 0, Index: index / tileWidth, Width: int(index%tileWidth) + 1}
		tile, err := merkle.ReadTile(tileStore{s.Tx}, path, int64(s.Head.Seq))
		if err != nil {
			return fmt.Errorf("read the tree at %d: %w", seq, err)
		}
		h = merkle.Hash(tile[len(tile)-len(h):])
		return nil
	})
	return h, err
}

// tileWidth is the number of hashes in a full tile.
const tileWidth = 256

// firstGap reads until an event is missing.
func (e *Engine) firstGap(ctx context.Context, info store.Info) error {
	for rec, err := range e.log.Follow(ctx, 1) {
		var gap *store.GapError
		if errors.As(err, &gap) {
			return inconsistent(Gap, gap.Want, "%d of %d events are missing, the first is %d", info.Last-info.Messages, info.Last, gap.Want)
		}
		if err != nil {
			return err
		}
		if rec.Seq >= info.Last {
			break
		}
	}
	return nil
}

var createdKey = []byte("created")

func readCreated(tx *viewdb.Tx) (t time.Time, err error) {
	if b := tx.Get(tableMeta, createdKey); b != nil {
		if err := t.UnmarshalBinary(b); err != nil {
			return t, fmt.Errorf("read the creation time of the stream: %w", err)
		}
	}
	return t, nil
}

// remember keeps when the stream was made and in which file the views are, beside
// the cursor and outside of what the digests cover: the same events may lie in
// another stream.
func (e *Engine) remember(created time.Time) error {
	_, known := e.seen()
	if created.IsZero() {
		created = known
	}
	if known.Equal(created) && e.db.noted {
		return nil
	}
	b, err := created.MarshalBinary()
	if err != nil {
		return fmt.Errorf("store the creation time of the stream: %w", err)
	}
	err = e.db.Update(func(tx *viewdb.Tx) error {
		if err := tx.Put(tableMeta, identityKey, keys.Seq(e.db.Identity())); err != nil || created.IsZero() {
			return err
		}
		return tx.Put(tableMeta, createdKey, b)
	})
	if err != nil {
		return fmt.Errorf("store the creation time of the stream: %w", err)
	}
	e.db.noted = true
	e.mu.Lock()
	defer e.mu.Unlock()
	e.created = created
	return nil
}
