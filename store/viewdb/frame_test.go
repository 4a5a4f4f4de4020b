package viewdb

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// framed is a closed file with several levels of pages, tables among them, and a row
// of many pages.
func framed(t *testing.T) (f *file, whole []byte, branches, leaves []int, digest [32]byte) {
	t.Helper()
	f = newFile(t)
	var rows []string
	for n := range 1_500 {
		rows = append(rows, fmt.Sprintf("%04d%s=%s", n, strings.Repeat("k", n%90), strings.Repeat("x", 100)))
	}
	f.put("one", rows...)
	f.put("one", "long="+strings.Repeat("y", 50_000))
	f.put("two", "a=b")
	f.must(f.View(func(tx *Tx) error { digest, _ = tx.Digest("one"); return nil }))
	f.must(f.Verify(t.Context()))
	f.must(f.Close())
	whole, err := os.ReadFile(f.path)
	f.must(err)
	f.open()
	branches, leaves = f.pagesThat(whole, branchPage), f.pagesThat(whole, leafPage)
	f.must(f.Close())
	if len(branches) < 3 || len(leaves) < 30 {
		t.Fatalf("the file has %d branches and %d leaves", len(branches), len(leaves))
	}
	return f, whole, branches, leaves, digest
}

// pagesThat are the places in a file of the pages in use that are of a kind.
func (f *file) pagesThat(whole []byte, kind uint16) (places []int) {
	f.must(f.View(func(tx *Tx) error {
		for n := 2; n < len(whole)/os.Getpagesize(); n++ {
			at := n * os.Getpagesize()
			info, err := tx.tx.Page(n)
			f.must(err)
			if info != nil && info.Type != "free" && flagsOf(whole[at:]) == kind && binary.NativeEndian.Uint64(whole[at:]) == uint64(n) {
				places = append(places, at)
			}
		}
		return nil
	}))
	return places
}

// A file that was copied while it was written may hold pages of several moments, and a
// disk may give one that was never written. A page that leads astray is found before
// anybody follows it, and one with rows when they are verified.
func TestAPageThatLeadsAstrayIsFound(t *testing.T) {
	f, whole, branches, leaves, _ := framed(t)
	last := func(page []byte) []byte { return page[pageHeader+(countOf(page)-1)*pageElement:] }
	for name, c := range map[string]struct {
		places []int
		spoil  func(page []byte)
	}{
		"to itself":         {branches, func(p []byte) { copy(last(p)[8:], p[:8]) }},
		"to a meta page":    {branches, func(p []byte) { binary.NativeEndian.PutUint64(last(p)[8:], 1) }},
		"out of the file":   {branches, func(p []byte) { binary.NativeEndian.PutUint64(last(p)[8:], 1<<62) }},
		"twice":             {branches, func(p []byte) { copy(last(p)[8:], p[pageHeader+8:][:8]) }},
		"to a key too far":  {branches, func(p []byte) { binary.NativeEndian.PutUint32(last(p), 1<<31) }},
		"to a long key":     {branches, func(p []byte) { binary.NativeEndian.PutUint32(last(p)[4:], 1<<31) }},
		"back":              {branches, func(p []byte) { clear(last(p)[4:8]) }}, // behind no key
		"nowhere":           {branches, func(p []byte) { clear(p[10:12]) }},
		"to many":           {branches, func(p []byte) { binary.NativeEndian.PutUint16(p[10:], 60_000) }},
		"longer than it is": {branches, func(p []byte) { binary.NativeEndian.PutUint32(p[12:], 1<<30) }},
		"of another number": {leaves, func(p []byte) { p[0]++ }},
		"of no kind":        {leaves, func(p []byte) { p[8] = 0x20 }},
		"of both kinds":     {leaves, func(p []byte) { p[8] = branchPage | leafPage }},
		"as a branch":       {leaves, func(p []byte) { p[8] = branchPage }},
	} {
		for _, at := range []int{c.places[0], c.places[len(c.places)/2], c.places[len(c.places)-1]} {
			bad := append([]byte(nil), whole...)
			c.spoil(bad[at:])
			f.must(os.WriteFile(f.path, bad, 0o600))
			db, err := Open(f.path, Options{})
			if err == nil && c.places[0] == leaves[0] {
				err = errors.Join(db.Verify(t.Context()), db.Close())
			}
			wantDamaged(t, fmt.Sprintf("page %d leads %s", at/os.Getpagesize(), name), err)
		}
	}
	f.must(os.WriteFile(f.path, whole, 0o600))
	f.open()
}

// Whatever is wrong with a few bytes of what leads to the rows, a file is found damaged
// or gives the rows that it was given.
func TestAFrameIsFoundDamagedOrRight(t *testing.T) {
	f, whole, branches, leaves, want := framed(t)
	places := append(branches, leaves...)
	dice := rand.New(rand.NewPCG(7, 8))
	opened, found := 0, 0
	for round := range 120 {
		bad := append([]byte(nil), whole...)
		at := places[dice.IntN(len(places))]
		if dice.IntN(2) == 0 {
			at += dice.IntN(pageHeader)
		} else {
			at += dice.IntN(os.Getpagesize())
		}
		for i := range 1 + dice.IntN(8) {
			bad[at+i] ^= byte(dice.UintN(256))
		}
		f.must(os.WriteFile(f.path, bad, 0o600))
		db, err := Open(f.path, Options{})
		if err != nil {
			wantDamaged(t, "open", err)
			found++
			continue
		}
		opened++
		verified := db.Verify(t.Context())
		err = db.View(func(tx *Tx) error {
			if got, _ := tx.Digest("one"); got != want && verified == nil {
				t.Errorf("round %d: byte %d is wrong and nobody says so", round, at)
			}
			return nil
		})
		if err != nil {
			wantDamaged(t, "read", err)
		}
		if err = errors.Join(verified, err); err != nil && verified == nil {
			t.Errorf("round %d: byte %d is wrong, and found by reading alone: %v", round, at, err)
		}
		f.must(db.Close())
	}
	if opened == 0 || found == 0 {
		t.Errorf("%d files opened and %d did not", opened, found)
	}
	f.must(os.WriteFile(f.path, whole, 0o600))
	f.open()
}

// BenchmarkOpen opens a file of 64 MB, whose frame is walked.
func BenchmarkOpen(b *testing.B) {
	f := newFile(b)
	row := strings.Repeat("x", 400)
	for n := range 30 {
		var rows []string
		for i := range 5_000 {
			rows = append(rows, fmt.Sprintf("%08d=%s", n*5_000+i, row))
		}
		f.put("one", rows...)
	}
	f.must(f.Close())
	info, err := os.Stat(f.path)
	f.must(err)
	b.ReportMetric(float64(info.Size()>>20), "MiB")
	for b.Loop() {
		db, err := Open(f.path, Options{})
		f.must(err)
		f.must(db.Close())
	}
	f.open()
}
