package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/summit-timeline/summit/store/merkle"
)

// Scrub is how far the reading of the whole log has come.
type Scrub struct {
	Running bool
	Checked uint64 // events of this or the last pass
	Until   uint64 // where that pass ends
	Passes  uint64 // passes that found the log sound
}

// scrubBatch is how many events are compared in one read transaction.
const scrubBatch = 512

// Scrub reads the whole log again and holds every hash of the tree against it;
// a difference puts the log in doubt. pace is asked before each batch and keeps
// the reading from getting in the way. The error reports that the log could not be
// read to the end, or that it is in doubt.
func (e *Engine) Scrub(ctx context.Context, pace func(ctx context.Context, events int) error) error {
	err := e.scrubRows(ctx) // a tree that is damaged says nothing of the log
	if err == nil {
		err = e.scrubTo(ctx, e.Head().Seq, pace)
	}
	if d := inconsistencyIn(err); d != nil {
		e.Doubt(d)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.scrub.Running = false
	if err == nil {
		e.scrub.Passes++
	}
	return err
}

// scrubRows compares the rows of the views with the sums they were written with.
// A copy that is as it was written counts from then on.
func (e *Engine) scrubRows(ctx context.Context) error {
	f, done, err := e.use()
	if err != nil {
		return fmt.Errorf("scrub: %w", err)
	}
	defer done()
	err = f.Verify(ctx)
	e.notice(f, err)
	if err != nil {
		return fmt.Errorf("scrub: %w", err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.unproven {
		e.unproven = false
		e.wake()
	}
	return nil
}

func (e *Engine) scrubTo(ctx context.Context, until uint64, pace func(context.Context, int) error) error {
	e.noteScrub(0, until)
	if until == 0 {
		return nil
	}
	held := &heldTree{}
	tree, err := merkle.OpenTree(0, held)
	if err != nil {
		return fmt.Errorf("scrub: %w", err)
	}
	for rec, err := range e.log.Follow(ctx, 1) {
		if err != nil {
			return fmt.Errorf("scrub: %w", err)
		}
		tree.Append(merkle.LeafHash(rec.Raw))
		if rec.Seq%scrubBatch != 0 && rec.Seq < until {
			continue
		}
		if err := e.hold(tree, held); err != nil {
			return err
		}
		e.noteScrub(rec.Seq, until)
		if rec.Seq >= until {
			return nil
		}
		if err := pace(ctx, scrubBatch); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (e *Engine) noteScrub(checked, until uint64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.scrub.Running, e.scrub.Checked, e.scrub.Until = true, checked, until
}

// hold compares what was read so far with the tree of the views.
func (e *Engine) hold(tree *merkle.Tree, held *heldTree) error {
	return e.View(func(s Snapshot) error {
		held.tiles = tileStore{s.Tx}
		var wrong *wrongHash
		if err := tree.Flush(); errors.As(err, &wrong) {
			return s.explain(wrong)
		} else if err != nil {
			return err
		}
		root, err := tree.Root()
		if err != nil {
			return fmt.Errorf("scrub: %w", err)
		}
		if uint64(tree.Size()) == s.Head.Seq && !bytes.Equal(root[:], s.Head.Root) {
			return inconsistent(Unsound, s.Head.Seq, "the root in the view file is not that of its tree")
		}
		return nil
	})
}

// heldTree is a store of tiles that writes nothing: what a tree would put is
// compared with what is there.
type heldTree struct{ tiles tileStore }

func (h *heldTree) Tile(level int, index int64) ([]byte, error) { return h.tiles.Tile(level, index) }

func (h *heldTree) SetTile(level int, index int64, hashes []byte) error {
	have, err := h.tiles.Tile(level, index)
	if err != nil {
		return err
	}
	const size = len(merkle.Hash{})
	for at := 0; at < len(hashes); at += size {
		if at+size > len(have) || !bytes.Equal(have[at:at+size], hashes[at:at+size]) {
			return &wrongHash{level: level, index: index*tileWidth + int64(at/size)}
		}
	}
	return nil
}

// wrongHash is a hash of the tree that does not follow from the log.
type wrongHash struct {
	level int
	index int64 // within its level
}

func (w *wrongHash) Error() string {
	return fmt.Sprintf("hash %d of level %d differs", w.index, w.level)
}

// explain returns which of the two was changed, as an inconsistency. A tree whose other hashes do not
// follow from this one is itself unsound.
func (s Snapshot) explain(w *wrongHash) error {
	first := uint64(w.index)<<(8*w.level) + 1
	if w.level > 0 {
		return inconsistent(Unsound, first, "the log is as it was, but hash %d of level %d of the tree in the view file is not", w.index, w.level)
	}
	sound, err := s.soundTile(w.index / tileWidth)
	if err != nil {
		return err
	}
	if !sound {
		return inconsistent(Unsound, first, "the hash of event %d in the view file does not fit the rest of its tree", first)
	}
	return inconsistent(Altered, first, "event %d is another than the one that was seen", first)
}

// soundTile reports whether what lies above a tile of leaves follows from it: the
// hash in the tile above, or the root if it is not full.
func (s Snapshot) soundTile(index int64) (bool, error) {
	tiles := tileStore{s.Tx}
	leaves, err := tiles.Tile(0, index)
	if err != nil {
		return false, err
	}
	const size = len(merkle.Hash{})
	if len(leaves) < tileWidth*size {
		root, err := merkle.RootAt(tiles, int64(s.Head.Seq))
		return err == nil && bytes.Equal(root[:], s.Head.Root), err
	}
	a := merkle.NewAccumulator()
	for at := 0; at < len(leaves); at += size {
		if err := a.Append(merkle.Hash(leaves[at : at+size])); err != nil {
			return false, err
		}
	}
	root, err := a.Root()
	if err != nil {
		return false, err
	}
	above, err := tiles.Tile(1, index/tileWidth)
	at := int(index%tileWidth) * size
	return err == nil && len(above) >= at+size && bytes.Equal(above[at:at+size], root[:]), err
}
