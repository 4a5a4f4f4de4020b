package archive

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"iter"

	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/merkle"
)

// Content is what an archive is made of.
type Content struct {
	Summit     string
	Key        string // verifier key of the log
	Checkpoint merkle.Checkpoint
	Note       []byte // the same, signed
	// Held is how many events the log has. An archive of fewer says so, and is
	// not verified.
	Held uint64
	// Records are the events from 1 to the checkpoint's size.
	Records iter.Seq2[store.Record, error]
	// Tile returns a tile of hashes of the tree of that size.
	Tile               func(merkle.TilePath) ([]byte, error)
	Software, Revision string
	Views              *Views
	// Attest signs the manifest with the log's key.
	Attest func(text []byte) ([]byte, error)
}

// about is summit.json: what has to be known to begin.
type about struct {
	Format int    `json:"format"`
	Summit string `json:"summit"`
	Key    string `json:"key"`
}

// Write writes an archive, front to back, in memory that does not grow with
// the log. Bytes that are not those of the tree are not written: the error is
// then a *Fault.
func Write(w io.Writer, c Content) error {
	seal := newSealer(w)
	out := &writer{zip: zip.NewWriter(seal), c: c, envelopes: newTally()}
	if err := out.zip.SetComment(noSeal); err != nil {
		return fmt.Errorf("write archive: %w", err)
	}
	for _, step := range []func() error{out.head, out.entries, out.tiles, out.manifest, out.zip.Close, seal.finish} {
		if err := step(); err != nil {
			return fmt.Errorf("write archive: %w", err)
		}
	}
	return nil
}

type writer struct {
	zip       *zip.Writer
	c         Content
	envelopes *tally
}

func (w *writer) member(name string, b []byte, method uint16) error {
	m, err := w.zip.CreateHeader(&zip.FileHeader{Name: name, Method: method})
	if err != nil {
		return err
	}
	_, err = m.Write(b)
	return err
}

func (w *writer) head() error {
	b, err := json.Marshal(about{Format: format, Summit: w.c.Summit, Key: w.c.Key})
	if err != nil {
		return err
	}
	if err := w.member(nameSummit, b, zip.Store); err != nil {
		return err
	}
	return w.member(nameCheckpoint, w.c.Note, zip.Store)
}

// entries writes the bundles, each with the envelopes of its events.
func (w *writer) entries() error {
	var bundle [][]byte
	var odd []envelope
	size, seq := uint64(w.c.Checkpoint.Size), uint64(0)
	for rec, err := range w.c.Records {
		if err != nil {
			return err
		}
		if seq++; rec.Seq != seq {
			return &store.GapError{Want: seq, Got: rec.Seq}
		}
		if bundle = append(bundle, rec.Raw); needed(rec) {
			odd = append(odd, envelopeOf(rec))
		}
		if len(bundle) < merkle.TileWidth && seq < size {
			continue
		}
		if err := w.bundle(seq-uint64(len(bundle))+1, bundle, odd); err != nil {
			return err
		}
		if bundle, odd = bundle[:0], odd[:0]; seq == size {
			break
		}
	}
	if seq != size {
		return faultAt(seq+1, "", "the log ends before it: %d events are signed", size)
	}
	return nil
}

func (w *writer) bundle(first uint64, bundle [][]byte, odd []envelope) error {
	p := merkle.TilePath{Index: int64(first-1) / merkle.TileWidth, Width: len(bundle)}
	leaves, err := w.c.Tile(p)
	if err != nil {
		return err
	}
	if i, ok := sameLeaves(bundle, leaves); !ok {
		return faultAt(first+uint64(i), "", "the stored bytes are not those that the tree has")
	}
	b, err := merkle.FormatEntries(bundle)
	if err != nil {
		return err
	}
	p.Level = merkle.EntriesLevel
	name, err := p.Format()
	if err != nil {
		return err
	}
	if err := w.member(name, b, zip.Deflate); err != nil || len(odd) == 0 {
		return err
	}
	text, err := formatEnvelopes(odd)
	if err != nil {
		return err
	}
	w.envelopes.add(len(odd), text)
	return w.member(envelopesName(p.Index), text, zip.Deflate)
}

func envelopesName(index int64) string { return fmt.Sprintf("%s%d", nameEnvelopes, index) }

// sameLeaves returns the first entry whose hash is not the one of the tile.
func sameLeaves(entries [][]byte, tile []byte) (int, bool) {
	for i, e := range entries {
		at := i * merkle.HashSize
		if leaf := merkle.LeafHash(e); at+merkle.HashSize > len(tile) || string(leaf[:]) != string(tile[at:at+merkle.HashSize]) {
			return i, false
		}
	}
	return 0, true
}

func (w *writer) tiles() error {
	for p := range merkle.TilePaths(w.c.Checkpoint.Size) {
		if p.Level == merkle.EntriesLevel {
			continue
		}
		name, err := p.Format()
		if err != nil {
			return err
		}
		b, err := w.c.Tile(p)
		if err != nil {
			return err
		}
		if err := w.member(name, b, zip.Store); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) manifest() error {
	m := Manifest{
		Origin: w.c.Checkpoint.Origin, Size: w.c.Checkpoint.Size, Root: w.c.Checkpoint.Root,
		Software: line(w.c.Software), Revision: line(w.c.Revision), Views: w.c.Views,
		Held: max(int64(w.c.Held), w.c.Checkpoint.Size),
	}
	m.Envelopes, m.EnvelopesSum = w.envelopes.total()
	signed, err := w.c.Attest(m.format())
	if err != nil {
		return err
	}
	return w.member(nameManifest, signed, zip.Store)
}
