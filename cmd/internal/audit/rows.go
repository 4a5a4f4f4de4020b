package audit

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store/merkle"
)

const (
	tableTiles  = "tiles"
	sizeOfHash  = 32
	widthOfTile = 256
)

// compareRows finds the first row of a table that differs. Each page of the
// server is compared with scratch views of the very position it was read at: the
// log may grow meanwhile.
func (a *auditor) compareRows(ctx context.Context, table string) error {
	var after []byte
	for {
		page, err := a.server.Rows(ctx, table, after)
		if err != nil {
			return err
		}
		if err := a.reach(ctx, page.Seq); err != nil {
			return err
		}
		own, err := a.rowsUpTo(ctx, table, after, page)
		if err != nil {
			return err
		}
		if f, differ := firstDifference(table, own, page.Rows); differ {
			a.report.find(f)
			return nil
		}
		if !page.More || len(page.Rows) == 0 {
			a.report.find(Finding{Check: CheckViews, Table: table, Detail: "the digest of table " + table + " differs, but none of its rows does: the server changed them in the meantime"})
			return nil
		}
		after = page.Rows[len(page.Rows)-1].Key
	}
}

// rowsUpTo reads the scratch rows that a page of the server should hold: those
// up to its last key, or all that are left if it is the last page.
func (a *auditor) rowsUpTo(ctx context.Context, table string, after []byte, page Rows) (rows []projections.Row, err error) {
	own, err := a.openScratch()
	if err != nil {
		return nil, err
	}
	defer func() {
		if closed := own.Close(); err == nil {
			err = closed
		}
	}()
	for more := true; more; {
		var some []projections.Row
		if _, some, more, err = own.Rows(ctx, table, after, len(page.Rows)+1); err != nil {
			return nil, err
		}
		for _, row := range some {
			if page.More && bytes.Compare(row.Key, page.Rows[len(page.Rows)-1].Key) > 0 {
				return rows, nil
			}
			rows = append(rows, row)
			after = row.Key
		}
		if len(rows) > len(page.Rows) {
			return rows, nil // one too many is enough to differ
		}
	}
	return rows, nil
}

func firstDifference(table string, own, served []projections.Row) (Finding, bool) {
	for i := range max(len(own), len(served)) {
		var mine, theirs *projections.Row
		if i < len(own) {
			mine = &own[i]
		}
		if i < len(served) {
			theirs = &served[i]
		}
		if mine != nil && theirs != nil {
			switch bytes.Compare(mine.Key, theirs.Key) {
			case -1:
				theirs = nil // it is missing there
			case 1:
				mine = nil // it should not be there
			default:
				if bytes.Equal(mine.Value, theirs.Value) {
					continue
				}
			}
		}
		return difference(table, mine, theirs), true
	}
	return Finding{}, false
}

// difference describes a row that differs between the two sides, or that one of them
// alone.
func difference(table string, mine, theirs *projections.Row) Finding {
	key := keyOf(mine, theirs)
	f := Finding{Check: CheckViews, Table: table, Key: keyText(table, key), Seq: seqIn(table, key), Log: "no such row", Server: "no such row"}
	if mine != nil {
		f.Log = readable(mine.Value)
	}
	if theirs != nil {
		f.Server = readable(theirs.Value)
	}
	f.Detail = fmt.Sprintf("row %s of table %s does not follow from the log", f.Key, table)
	if table == tableTiles {
		tileDifference(&f, key, mine, theirs)
	}
	return f
}

func keyOf(rows ...*projections.Row) []byte {
	for _, r := range rows {
		if r != nil {
			return r.Key
		}
	}
	return nil
}

// tileDifference names the first event whose hash differs, or lies under one
// that does.
func tileDifference(f *Finding, key []byte, mine, theirs *projections.Row) {
	f.Check = CheckTree
	if len(key) != 16 {
		return
	}
	level, index := seqOf(key), seqOf(key[8:])
	at := 0
	if mine != nil && theirs != nil {
		for at*sizeOfHash < min(len(mine.Value), len(theirs.Value)) && bytes.Equal(hashAt(mine.Value, at), hashAt(theirs.Value, at)) {
			at++
		}
		f.Log, f.Server = hex.EncodeToString(hashAt(mine.Value, at)), hex.EncodeToString(hashAt(theirs.Value, at))
	}
	f.Seq = (index*widthOfTile+uint64(at))<<(8*min(level, 7)) + 1
	f.Detail = fmt.Sprintf("the hash of event %d in the server's tree is not that of the event in its log", f.Seq)
	if level > 0 {
		f.Detail = fmt.Sprintf("a hash of level %d in the server's tree, over the events from %d on, does not follow from its log", level, f.Seq)
	}
}

// compareLeaves compares the leaves of the server's tree with as much of the log
// as could be read: what is missing at the end must not hide what was changed
// before it.
func (a *auditor) compareLeaves(ctx context.Context) (err error) {
	own, err := a.openScratch()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, own.Close()) }()
	var found *Finding
	var unread error
	err = eachRow(ctx, a.server, tableTiles, func(theirs projections.Row) {
		if level := seqOf(theirs.Key); level > 0 || found != nil {
			return
		}
		unread = errors.Join(unread, own.Tree(func(_ events.Position, tiles merkle.Store) error {
			tile, err := tiles.Tile(0, int64(seqOf(theirs.Key[8:])))
			n := min(len(tile), len(theirs.Value))
			if err == nil && !bytes.Equal(tile[:n], theirs.Value[:n]) {
				f := difference(tableTiles, &projections.Row{Key: theirs.Key, Value: bytes.Clone(tile)}, &theirs)
				found = &f
			}
			return err
		}))
	})
	if found != nil {
		a.report.find(*found)
	}
	return errors.Join(err, unread)
}

func hashAt(tile []byte, n int) []byte {
	from := min(n*sizeOfHash, len(tile))
	return tile[from:min(from+sizeOfHash, len(tile))]
}

func seqOf(b []byte) uint64 {
	if len(b) < 8 {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}

// seqIn is the position that a key of a table points at, or 0 if it tells none.
func seqIn(table string, key []byte) uint64 {
	switch table {
	case "events", "quarantined", "conflicts":
		return seqOf(key)
	case "facts", "amendments", "index":
		return seqOf(key[max(0, len(key)-8):])
	}
	return 0
}

// keyText shows a key: numbers if it is made of them, else its text.
func keyText(table string, key []byte) string {
	switch {
	case table == "ids":
		return hex.EncodeToString(key)
	case len(key) == 8 && table != "entities":
		return fmt.Sprint(seqOf(key))
	case len(key) == 16 && table != "entities":
		return fmt.Sprintf("%d/%d", seqOf(key), seqOf(key[8:]))
	}
	return readable(key)
}

// shown is how much of a value is shown.
const shown = 400

// readable shows bytes: as a text if they are mostly one, else in hex.
func readable(b []byte) string {
	s := strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, string(b))
	if len(s) < len(b)*3/4 {
		s = hex.EncodeToString(b)
	}
	if runes := []rune(s); len(runes) > shown {
		return string(slices.Concat(runes[:shown], []rune("…")))
	}
	return s
}
