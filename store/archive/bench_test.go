package archive

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/logtest"
	"github.com/summit-timeline/summit/store/merkle"
	"github.com/summit-timeline/summit/store/merkle/merkletest"
)

// The figures of an archive of many events of about 600 bytes.
const many = 100_000

// long returns events made one at a time, so that a benchmark's memory is that
// of the archive.
func long(b *testing.B, n int) func(yield func(store.Record, error) bool) {
	return func(yield func(store.Record, error) bool) {
		for i := range n {
			e := logtest.Opened(summit)
			if i > 0 {
				e = logtest.Note(summit, i)
				e.Data.(*events.NoteAdded).Text = fmt.Sprint(i, strings.Repeat(" and what was said of it", 10))
			}
			raw, err := events.Encode(e)
			if err != nil {
				b.Fatal(err)
			}
			if !yield(store.Record{Seq: uint64(i + 1), Raw: raw, Event: e, Subject: store.Subject(e), MsgID: e.ID}, nil) {
				return
			}
		}
	}
}

// longContent is an archive of many events, in memory that does not hold them.
func longContent(b *testing.B, n int) Content {
	b.Helper()
	d := newDesk(b, 1)
	m := merkletest.Tiles{}
	tree, err := merkle.OpenTree(0, m)
	if err != nil {
		b.Fatal(err)
	}
	for r, err := range long(b, n) {
		if err != nil {
			b.Fatal(err)
		}
		tree.Append(merkle.LeafHash(r.Raw))
	}
	if err := tree.Flush(); err != nil {
		b.Fatal(err)
	}
	root, err := tree.Root()
	if err != nil {
		b.Fatal(err)
	}
	c := d.content(story(b, 1, false))
	c.Checkpoint = merkle.Checkpoint{Origin: c.Checkpoint.Origin, Size: int64(n), Root: root}
	if c.Note, err = merkle.Sign(c.Checkpoint, d.signer()); err != nil {
		b.Fatal(err)
	}
	c.Tile = func(p merkle.TilePath) ([]byte, error) { return merkle.ReadTile(m, p, int64(n)) }
	return c
}

func BenchmarkWrite(b *testing.B) {
	c := longContent(b, many)
	var records []store.Record
	for r, err := range long(b, many) {
		if err != nil {
			b.Fatal(err)
		}
		records = append(records, r)
	}
	for b.Loop() {
		c.Records = each(records)
		if err := Write(io.Discard, c); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(many*b.N)/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkVerify(b *testing.B) {
	c := longContent(b, many)
	c.Records = long(b, many)
	path := filepath.Join(b.TempDir(), "archive")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	if err := Write(f, c); err != nil {
		b.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		b.Fatal(err)
	}
	for name, o := range map[string]Options{"tree": {BytesOnly: true}, "tree and events": {}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				a, err := Open(f, info.Size())
				if err == nil {
					_, err = a.Verify(context.Background(), o)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(many*b.N)/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(float64(info.Size())/many, "B/event")
		})
	}
}

// The tree alone, without the zip: leaf hash, one implementation, the other.
func BenchmarkTree(b *testing.B) {
	entry := bytes.Repeat([]byte("e"), 600)
	b.Run("leaf", func(b *testing.B) {
		for b.Loop() {
			merkle.LeafHash(entry)
		}
	})
	leaf := merkle.LeafHash(entry)
	b.Run("accumulator", func(b *testing.B) {
		acc := merkle.NewAccumulator()
		for b.Loop() {
			if err := acc.Append(leaf); err != nil {
				b.Fatal(err)
			}
		}
	})
}
