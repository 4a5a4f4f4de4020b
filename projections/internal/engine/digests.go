package engine

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/class"
	"github.com/summit-timeline/summit/store/merkle"
	"github.com/summit-timeline/summit/store/viewdb"
)

// TableDigest is what the rows of one table come to.
type TableDigest struct {
	Table string
	Rows  int
	Sum   [sha256.Size]byte // see [viewdb.Tx.Digest]
}

// ViewDigest is what the views come to at a position.
type ViewDigest struct {
	Position events.Position
	Version  int         // of the views
	Root     merkle.Hash // of the tree, as the cursor has it
	Tables   []TableDigest
}

// Digests returns the digest of every table of the views, at the position that is
// served and in the version the views have. Two engines of one version that
// folded the same events give the same digests: that is what an audit compares.
func (e *Engine) Digests(ctx context.Context) (at events.Position, version int, list []TableDigest, err error) {
	a, err := e.ViewDigest(ctx)
	return a.Position, a.Version, a.Tables, err
}

// ViewDigest returns the digests together with the root of the tree.
func (e *Engine) ViewDigest(ctx context.Context) (a ViewDigest, err error) {
	err = e.longView(func(tx *viewdb.Tx) error {
		a, err = viewDigestOf(ctx, tx, e.version, e.tables)
		return err
	})
	return a, err
}

// ViewDigestOf returns what a file of views comes to that no engine has open.
func ViewDigestOf(ctx context.Context, path string, fold Fold) (a ViewDigest, err error) {
	err = readFile(path, func(tx *viewdb.Tx) error {
		a, err = viewDigestOf(ctx, tx, fold.Version(), tablesOf(fold))
		return err
	})
	return a, err
}

func viewDigestOf(ctx context.Context, tx *viewdb.Tx, version int, tables []string) (ViewDigest, error) {
	head, err := readCursor(tx, version)
	if err != nil {
		return ViewDigest{}, err
	}
	a := ViewDigest{Position: head.Position(), Version: head.Version}
	copy(a.Root[:], head.Root)
	for _, table := range tables {
		if err := ctx.Err(); err != nil {
			return a, err
		}
		sum, rows := tx.Digest(table)
		a.Tables = append(a.Tables, TableDigest{Table: table, Rows: rows, Sum: sum})
	}
	return a, nil
}

// tablesOf returns the tables that a digest covers: those of the fold, then the tree.
func tablesOf(fold Fold) []string { return append(slices.Clone(fold.Tables()), tableTiles) }

// Tables returns the tables that a digest covers.
func (e *Engine) Tables() []string { return slices.Clone(e.tables) }

// longView reads from one consistent state without the cursor that is read.
func (e *Engine) longView(fn func(tx *viewdb.Tx) error) error {
	f, done, err := e.use()
	if err != nil {
		return err
	}
	defer done()
	err = f.View(fn)
	e.notice(f, err)
	return err
}

// Row is a row of a table, as stored.
type Row struct{ Key, Value []byte }

// rowBytes is about how many bytes of rows are read in one go.
const rowBytes = 1 << 20

// Rows reads rows of a table of the views in the order of their keys, those
// after a key, and the position they are read at. more reports whether there
// are others behind them.
func (e *Engine) Rows(ctx context.Context, table string, after []byte, most int) (at events.Position, rows []Row, more bool, err error) {
	err = e.View(func(s Snapshot) error {
		at = s.Head.Position()
		var from []byte
		if after != nil {
			from = append(slices.Clone(after), 0) // the least key behind it
		}
		size := 0
		for k, v := range s.Tx.Scan(table, viewdb.Range{From: from}) {
			if len(rows) == most || size > rowBytes {
				more = true
				return nil
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			rows = append(rows, Row{slices.Clone(k), slices.Clone(v)})
			size += len(k) + len(v)
		}
		return nil
	})
	return at, rows, more, err
}

// Tree reads the Merkle tree over the events that are served: fn gets the
// position, whose sequence is the size of the tree, and the tiles. They are
// good until fn returns.
func (e *Engine) Tree(fn func(head events.Position, tiles merkle.Store) error) error {
	return e.View(func(s Snapshot) error { return fn(s.Head.Position(), tileStore{s.Tx}) })
}

// Proving is Tree for proofs: it remembers hashes that were computed from the tiles.
func (e *Engine) Proving(fn func(head events.Position, tiles merkle.Store) error) error {
	return e.View(func(s Snapshot) error { return fn(s.Head.Position(), s.middles.Over(tileStore{s.Tx})) })
}

// ErrNotYet is the error of views that cannot be copied yet.
var ErrNotYet = class.New(class.Passing, "the views are being built: try again when they are ready")

// Snapshot writes a copy of the views of one moment while they go on being read
// and added to. Pages that are freed meanwhile are not used again until it is
// written: write to something as fast as a disk.
func (e *Engine) Snapshot(w io.Writer) error {
	return e.longView(func(tx *viewdb.Tx) error {
		head, err := readCursor(tx, e.version)
		if err != nil {
			return err
		}
		if head.Seq == 0 || head.Version != e.version { // another file is about to take its place
			return fmt.Errorf("copy the views of %s: %w", e.log.Summit(), ErrNotYet)
		}
		if _, err := tx.WriteTo(w); err != nil {
			return fmt.Errorf("copy the views of %s: %w", e.log.Summit(), err)
		}
		return nil
	})
}
