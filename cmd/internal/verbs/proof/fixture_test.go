package proof

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/archive"
	"github.com/summit-timeline/summit/store/logtest"
	"github.com/summit-timeline/summit/store/merkle"
	"github.com/summit-timeline/summit/store/merkle/merkletest"
)

// keptLog is a log with a key that signs its heads.
type keptLog struct {
	testing.TB
	skey, vkey string
	records    []store.Record
}

// newLog returns a log of geneva with n events, signed by the key of a seed.
func newLog(t testing.TB, seed byte, n int) *keptLog {
	t.Helper()
	l := &keptLog{TB: t}
	var err error
	l.skey, l.vkey, err = merkle.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{seed}, 64)), "host.example")
	l.must(err)
	for _, e := range append([]events.Event{logtest.Opened("geneva")}, logtest.Notes("geneva", 0, n-1)...) {
		raw, err := events.Encode(e)
		l.must(err)
		l.records = append(l.records, store.NewRecord("geneva", uint64(len(l.records)+1), e.Recorded.Time, raw, store.Subject(e), e.ID))
	}
	return l
}

func (l *keptLog) must(err error) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
}

const origin = "host.example/summits/geneva"

// head returns the signed head of the first events, and the tree below it.
func (l *keptLog) head(size int) (merkle.Checkpoint, []byte, merkletest.Tiles) {
	l.Helper()
	tiles := merkletest.Tiles{}
	tree, err := merkle.OpenTree(0, tiles)
	l.must(err)
	for _, r := range l.records[:size] {
		tree.Append(merkle.LeafHash(r.Raw))
	}
	l.must(tree.Flush())
	root, err := tree.Root()
	l.must(err)
	c := merkle.Checkpoint{Origin: origin, Size: int64(size), Root: root}
	text, err := merkle.Sign(c, l.signer())
	l.must(err)
	return c, text, tiles
}

func (l *keptLog) signer() note.Signer {
	l.Helper()
	s, err := merkle.NewLogSigner(l.skey, origin)
	l.must(err)
	return s
}

// archived returns the archive of the log.
func (l *keptLog) archived() []byte {
	l.Helper()
	key, err := merkle.RenameKey(l.vkey, origin)
	l.must(err)
	c, text, tiles := l.head(len(l.records))
	var b bytes.Buffer
	l.must(archive.Write(&b, archive.Content{
		Summit: "geneva", Key: key, Checkpoint: c, Note: text, Software: "v1.2.3", Revision: "abc",
		Records: func(yield func(store.Record, error) bool) {
			for _, r := range l.records {
				if !yield(r, nil) {
					return
				}
			}
		},
		Tile:   func(p merkle.TilePath) ([]byte, error) { return merkle.ReadTile(tiles, p, c.Size) },
		Attest: func(text []byte) ([]byte, error) { return note.Sign(&note.Note{Text: string(text)}, l.signer()) },
	}))
	return b.Bytes()
}

// file writes a file below a folder that is thrown away.
func file(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
