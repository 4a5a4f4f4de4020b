package engine

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store/durable"
	"github.com/summit-timeline/summit/store/merkle"
	"github.com/summit-timeline/summit/store/viewdb"
)

// Fetch brings the views of another replica into a file that does not exist yet,
// durably, and returns what a trusted key attests about them. note is called with how
// far it is.
type Fetch func(ctx context.Context, path string, note func(done, of uint64)) (Attestation, error)

// Attestation is what a key attests about views, and the text that it signed: if it lied,
// they are what proves it.
type Attestation struct {
	ViewDigest
	Signed []byte
}

// WorthFetching is the length of a log from which on views are fetched: a
// shorter one is folded before another replica could be asked.
const WorthFetching = 1000

// The endings of views that came from elsewhere and did not fit, and of what was
// signed of them.
const (
	suffixRefused = ".refused"
	suffixSigned  = ".signed"
)

// beginElsewhere lets views that are empty begin from those of another replica.
// What does not fit is put aside, and the log is folded from its first event: a
// replica that cannot be asked, or lies, costs time and nothing else.
func (e *Engine) beginElsewhere(ctx context.Context) error {
	if e.fetch == nil || e.head.Seq > 0 || e.Health().Last < WorthFetching {
		return nil
	}
	if err := removeFile(e.path + suffixNew); err != nil {
		return fmt.Errorf("fetch views: %w", err)
	}
	job := &rebuild{fetched: true}
	e.noteRebuild(job)
	defer e.noteRebuild(nil)
	e.logger.Info("fetching the views of another replica", "summit", e.log.Summit(), "events", e.Health().Last)
	said, err := e.fetch(ctx, e.path+suffixNew, func(done, of uint64) { job.done.Store(done); job.until.Store(of) })
	if err == nil {
		err = VerifyCopy(ctx, e.path+suffixNew, e.log, e.newFold(), said.ViewDigest)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return e.putAside(err, said.Signed)
	}
	if err := forgetStream(e.path+suffixNew, e.newFold()); err != nil {
		return fmt.Errorf("fetch views: %w", err)
	}
	if err := e.swap(); err != nil {
		return err
	}
	e.mu.Lock()
	e.began = said.Position.Seq
	e.mu.Unlock()
	e.logger.Info("started from the views of another replica", "summit", e.log.Summit(), "position", said.Position.String(), "root", said.Root.String())
	return removeFile(e.path + suffixOld) // it is the empty one
}

// putAside keeps what was fetched and does not fit, and what was signed of it.
func (e *Engine) putAside(why error, signed []byte) error {
	if !exists(e.path + suffixNew) {
		e.logger.Warn("no views could be fetched: folding from the first event", "summit", e.log.Summit(), "error", why)
		return nil
	}
	aside := e.path + suffixRefused
	for n := 2; exists(aside); n++ {
		aside = fmt.Sprintf("%s%s-%d", e.path, suffixRefused, n)
	}
	err := os.Rename(e.path+suffixNew, aside)
	if err == nil && len(signed) > 0 {
		err = durable.WriteFile(aside+suffixSigned, signed, 0o600)
	}
	if err != nil {
		return fmt.Errorf("put a snapshot aside: %w", err)
	}
	e.logger.Error("a snapshot was refused: folding from the first event", "summit", e.log.Summit(), "reason", why, "kept", aside)
	return nil
}

// forgetStream takes out of a file which it was, and when the stream was made
// that its views came from: the same events may lie in another stream here.
func forgetStream(path string, fold Fold) error {
	db, err := viewdb.Open(path, viewdb.Options{Append: ascending(fold)})
	if err != nil {
		return err
	}
	err = db.Update(func(tx *viewdb.Tx) error {
		return errors.Join(tx.Delete(tableMeta, createdKey), tx.Delete(tableMeta, identityKey))
	})
	return errors.Join(err, db.Close())
}

// VerifyCopy checks a file of views that was made elsewhere against what a trusted
// key attests, against itself and against the log: its version, its position,
// every hash of its tree, every row of its tables, and the events of the log at
// positions that nobody could choose. The error reports what does not fit.
//
// What rows follow from the events is not folded again: for that, the key is
// trusted, and an audit finds a key that lied.
func VerifyCopy(ctx context.Context, path string, log Log, fold Fold, said ViewDigest) error {
	return readFile(path, func(tx *viewdb.Tx) error {
		head, err := readCursor(tx, fold.Version())
		if err != nil {
			return err
		}
		if err := head.fits(said, fold.Version()); err != nil {
			return err
		}
		if err := soundTree(tx, head); err != nil {
			return err
		}
		if err := sameRows(ctx, tx, fold, said); err != nil {
			return err
		}
		return sampled(ctx, tx, head, log)
	})
}

func (c Cursor) fits(said ViewDigest, version int) error {
	switch {
	case c.Version != version || said.Version != version:
		return fmt.Errorf("it has version %d of the views, but this program has version %d", c.Version, version)
	case c.Position() != said.Position || c.Seq == 0:
		return fmt.Errorf("it is at %s, but the statement is at %s", c.Position(), said.Position)
	case !bytes.Equal(c.Root, said.Root[:]):
		return fmt.Errorf("its root is %x, but %x is signed", c.Root, said.Root[:])
	}
	return nil
}

// soundTree computes the whole tree again from its leaves, and compares every
// hash that is stored.
func soundTree(tx *viewdb.Tx, head Cursor) error {
	held := &heldTree{tiles: tileStore{tx}}
	tree, err := merkle.OpenTree(0, held)
	if err != nil {
		return err
	}
	var leaf merkle.Hash
	for index := int64(0); uint64(tree.Size()) < head.Seq; index++ {
		tile, err := held.Tile(0, index)
		if err != nil {
			return err
		}
		count := min(tileWidth, int(head.Seq-uint64(tree.Size())))
		if len(tile) < count*len(leaf) {
			return fmt.Errorf("its tree lacks the hashes of the events from %d on", tree.Size()+1)
		}
		for i := range count {
			leaf = merkle.Hash(tile[i*len(leaf) : (i+1)*len(leaf)])
			tree.Append(leaf)
		}
		if err := tree.Flush(); err != nil {
			return fmt.Errorf("its tree does not match its leaves: %w", err)
		}
	}
	root, err := tree.Root()
	if err != nil {
		return err
	}
	if !bytes.Equal(root[:], head.Root) || !bytes.Equal(leaf[:], head.Leaf) {
		return fmt.Errorf("its tree has the root %s and the last leaf %s, but its cursor has %x and %x", root, leaf, head.Root, head.Leaf)
	}
	return nil
}

// sameRows compares the digests of the tables, and lets there be no others.
func sameRows(ctx context.Context, tx *viewdb.Tx, fold Fold, said ViewDigest) error {
	for _, table := range tx.Tables() {
		if table != tableMeta && !slices.Contains(tablesOf(fold), table) {
			return fmt.Errorf("it has an unknown table %.40q", table)
		}
	}
	have, err := viewDigestOf(ctx, tx, fold.Version(), tablesOf(fold))
	if err != nil {
		return err
	}
	if len(have.Tables) != len(said.Tables) {
		return fmt.Errorf("%d tables are signed, but it has %d", len(said.Tables), len(have.Tables))
	}
	for i, t := range have.Tables {
		if t != said.Tables[i] {
			return fmt.Errorf("the table %s has %d rows with the digest %x, but %d rows of %s with %x are signed",
				t.Table, t.Rows, t.Sum, said.Tables[i].Rows, said.Tables[i].Table, said.Tables[i].Sum)
		}
	}
	return nil
}

// samples is how many events of the log are read.
const samples = 64

// sampled compares events of the log with the leaves of the tree: the first,
// the last, and others that follow from the root.
func sampled(ctx context.Context, tx *viewdb.Tx, head Cursor, log Log) error {
	info, err := log.Info(ctx)
	if err != nil {
		return fmt.Errorf("ask the log: %w", err)
	}
	if info.First != 1 || info.Last < head.Seq {
		return fmt.Errorf("it is at %d, but the log has events %d to %d", head.Seq, info.First, info.Last)
	}
	for _, seq := range sampleOf(head) {
		rec, err := log.Get(ctx, seq)
		if err != nil {
			return fmt.Errorf("read event %d: %w", seq, err)
		}
		if epoch := events.EpochOf(rec.Raw); seq == 1 && epoch != head.Epoch {
			return fmt.Errorf("its epoch is %s, but that of the log is %s", head.Epoch, epoch)
		}
		want, err := merkle.LeafAt(tileStore{tx}, int64(seq-1))
		if err != nil {
			return err
		}
		if got := merkle.LeafHash(rec.Raw); got != want {
			return fmt.Errorf("event %d of the log has the hash %s, but its tree has %s: it was made from another log", seq, got, want)
		}
	}
	return nil
}

func sampleOf(head Cursor) []uint64 {
	list := []uint64{1, head.Seq}
	for i := range min(samples, head.Seq) {
		sum := sha256.Sum256(binary.BigEndian.AppendUint64(slices.Clone(head.Root), i))
		list = append(list, binary.BigEndian.Uint64(sum[:])%head.Seq+1)
	}
	slices.Sort(list)
	return slices.Compact(list)
}
