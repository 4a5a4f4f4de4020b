package viewdb

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
)

// The rows carry sums, and the pages of bbolt that lead to them do not. A page that
// leads to itself would keep a reading for ever, and one that leads astray hides rows, so
// the frame is walked before a file is used, and again whenever its rows are verified.
// It is read as bytes: that a page leads nowhere must not be found by following it.
//
// The format is that of bbolt, version 2 of its files: a header of 16 bytes (number,
// flags, count, further pages), then elements of 16 bytes each, then keys and values. A
// table is an element with a flag, whose value begins with the number of its root, or 0
// where the whole table follows.

const (
	pageHeader  = 16
	pageElement = 16
	branchPage  = 0x01
	leafPage    = 0x02
	tableFlag   = 0x01

	// deepest is deeper than any tree of pages gets: two children a page at least.
	deepest = 64
)

// walked is the size up to which the frame of a file is walked when the file is opened.
// The pages of a larger one are met by [DB.Verify].
const walked = 1 << 30

// frame is one walk.
type frame struct {
	path  string
	file  io.ReaderAt
	brief bool   // no page with rows is looked at but the first below each other
	page  uint64 // the size of one
	pages uint64
	seen  []uint64 // a bit for each page
	one   []byte   // the page at hand
}

// frame compares what leads to the rows with what bbolt writes. It reads no row. When it
// is brief, it looks at no page with rows but the first below each other, as all rows of
// a table are equally deep.
func (t *Tx) frame(brief bool) error {
	path := t.db.Path()
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	page := uint64(t.db.bolt.Info().PageSize)
	pages := uint64(t.tx.Size()) / page
	w := &frame{path: path, file: f, brief: brief, page: page, pages: pages, seen: make([]uint64, pages/64+1), one: make([]byte, page)}
	err = w.tree(uint64(t.tx.Cursor().Bucket().Root()), nil, nil, 0)
	return errors.Join(err, f.Close())
}

// tree walks what a page leads to. Its keys begin with from and end before to, where these
// are not nil.
func (w *frame) tree(number uint64, from, to []byte, depth int) error {
	if depth > deepest {
		return damaged(w.path, "its pages lead too deep, at page %d", number)
	}
	b, err := w.read(number)
	if err != nil {
		return err
	}
	flags, count := flagsOf(b), countOf(b)
	if len(b) < pageHeader+count*pageElement {
		return damaged(w.path, "page %d is too short for its %d entries", number, count)
	}
	switch {
	case flags == leafPage:
		return w.leaf(number, b, from, to, depth)
	case flags == branchPage && count > 0:
		return w.branch(number, bytes.Clone(b), from, to, depth)
	}
	return damaged(w.path, "page %d is of no kind that leads to rows", number)
}

func flagsOf(page []byte) uint16 { return binary.NativeEndian.Uint16(page[8:]) }
func countOf(page []byte) int    { return int(binary.NativeEndian.Uint16(page[10:])) }

// isLeaf looks at the kind of a page.
func (w *frame) isLeaf(number uint64) bool {
	if number >= w.pages {
		return false
	}
	header := w.one[:pageHeader]
	return w.at(header, number) == nil && flagsOf(header) == leafPage
}

// meet notes that a page was met. None is met twice.
func (w *frame) meet(number uint64) error {
	if number < 2 || number >= w.pages {
		return damaged(w.path, "a page leads to page %d of %d", number, w.pages)
	}
	if w.seen[number/64]&(1<<(number%64)) != 0 {
		return damaged(w.path, "more than one page leads to page %d", number)
	}
	w.seen[number/64] |= 1 << (number % 64)
	return nil
}

// read reads a page, with those that belong to it.
func (w *frame) read(number uint64) ([]byte, error) {
	if err := w.meet(number); err != nil {
		return nil, err
	}
	if err := w.at(w.one, number); err != nil {
		return nil, err
	}
	if at := binary.NativeEndian.Uint64(w.one); at != number {
		return nil, damaged(w.path, "page %d says that it is page %d", number, at)
	}
	more := uint64(binary.NativeEndian.Uint32(w.one[12:]))
	if more == 0 || longRow(w.one) {
		return w.one, nil
	}
	if number+more >= w.pages {
		return nil, damaged(w.path, "page %d is longer than the file", number)
	}
	all := make([]byte, (1+more)*w.page)
	return all, w.at(all, number)
}

func (w *frame) at(b []byte, number uint64) error {
	if _, err := w.file.ReadAt(b, int64(number*w.page)); err != nil {
		return damaged(w.path, "page %d: %v", number, err)
	}
	return nil
}

// longRow reports whether a page is the first of one row's, and has the key.
func longRow(b []byte) bool {
	if flagsOf(b) != leafPage || countOf(b) != 1 {
		return false
	}
	e := elementOf(b, 0)
	return !e.table && e.at+e.size <= uint64(len(e.bytes))
}

// element is an entry of a leaf.
type element struct {
	bytes    []byte // from its first on
	table    bool
	at, size uint64 // of its key, counted from its first byte
}

func elementOf(leaf []byte, i int) element {
	b := leaf[pageHeader+i*pageElement:]
	return element{b, binary.NativeEndian.Uint32(b)&tableFlag != 0, uint64(binary.NativeEndian.Uint32(b[4:])), uint64(binary.NativeEndian.Uint32(b[8:]))}
}

// branch walks what each child leads to, between its key and that of the next.
func (w *frame) branch(number uint64, b, from, to []byte, depth int) error {
	keys := make([][]byte, countOf(b))
	for i := range keys {
		e := b[pageHeader+i*pageElement:]
		var err error
		if keys[i], err = w.part(number, e, uint64(binary.NativeEndian.Uint32(e)), uint64(binary.NativeEndian.Uint32(e[4:]))); err != nil {
			return err
		}
	}
	if err := w.ordered(number, keys, from, to); err != nil {
		return err
	}
	child := func(i int) uint64 { return binary.NativeEndian.Uint64(b[pageHeader+i*pageElement+8:]) }
	below := w.brief && w.isLeaf(child(0))
	for i, k := range keys {
		end := to
		if i+1 < len(keys) {
			end = keys[i+1]
		}
		var err error
		if below {
			err = w.meet(child(i))
		} else {
			err = w.tree(child(i), k, end, depth+1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// leaf compares the first key of a page and its last with where it stands, and walks the
// tables that it holds.
func (w *frame) leaf(number uint64, b, from, to []byte, depth int) error {
	var ends [][]byte
	var roots []uint64
	for i, count := 0, countOf(b); i < count; i++ {
		e := elementOf(b, i)
		if isEnd := i == 0 || i == count-1; isEnd {
			k, err := w.part(number, e.bytes, e.at, e.size)
			if err != nil {
				return err
			}
			ends = append(ends, k)
		}
		if !e.table {
			continue
		}
		root, err := w.part(number, e.bytes, e.at+e.size, 8)
		if err != nil {
			return err
		}
		if n := binary.NativeEndian.Uint64(root); n != 0 {
			roots = append(roots, n)
		}
	}
	if err := w.ordered(number, ends, from, to); err != nil {
		return err
	}
	for _, n := range roots {
		if err := w.tree(n, nil, nil, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// part returns what an element has at a place that it counts from its first byte.
func (w *frame) part(number uint64, e []byte, at, size uint64) ([]byte, error) {
	if at+size > uint64(len(e)) {
		return nil, damaged(w.path, "an entry of page %d lies beyond it", number)
	}
	return e[at:][:size:size], nil
}

func (w *frame) ordered(number uint64, keys [][]byte, from, to []byte) error {
	last := from
	for i, k := range keys {
		if order := bytes.Compare(k, last); order < 0 || order == 0 && i > 0 {
			return damaged(w.path, "the keys of page %d are out of order", number)
		}
		last = k
	}
	if to != nil && len(keys) > 0 && bytes.Compare(last, to) >= 0 {
		return damaged(w.path, "page %d has keys of the one after it", number)
	}
	return nil
}
