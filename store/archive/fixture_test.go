package archive

import (
	"archive/zip"
	"bytes"
	"context"
	"iter"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/logtest"
	"github.com/summit-timeline/summit/store/merkle"
	"github.com/summit-timeline/summit/store/merkle/merkletest"
)

// desk is a server in a test: it has a key and signs what it is told to.
type desk struct {
	testing.TB
	skey, vkey string
}

type seeded byte

func (s seeded) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(s)
	}
	return len(b), nil
}

func newDesk(t testing.TB, seed byte) desk {
	t.Helper()
	d := desk{TB: t}
	var err error
	if d.skey, d.vkey, err = merkle.GenerateKey(seeded(seed), "host.example"); err != nil {
		t.Fatal(err)
	}
	return d
}

const summit = "one"

func (d desk) signer() note.Signer {
	d.Helper()
	s, err := merkle.NewLogSigner(d.skey, "host.example/summits/"+summit)
	if err != nil {
		d.Fatal(err)
	}
	return s
}

func (d desk) logKey() string {
	d.Helper()
	k, err := merkle.RenameKey(d.vkey, "host.example/summits/"+summit)
	if err != nil {
		d.Fatal(err)
	}
	return k
}

// story is a log of n events; where odd, with some that a foreign publisher
// left.
func story(t testing.TB, n int, odd bool) []store.Record {
	t.Helper()
	var list []store.Record
	add := func(raw []byte, subject, id string) {
		list = append(list, store.NewRecord(summit, uint64(len(list)+1), events.Instant{}.Time, raw, subject, id))
	}
	plain := func(e events.Event) {
		raw, err := events.Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		add(raw, store.Subject(e), e.ID)
	}
	plain(logtest.Opened(summit))
	if odd {
		raw, _ := events.Encode(logtest.Note(summit, -1))
		add(raw, "facts.one.note.elsewhere", "")
		add(raw, "facts.one.note.n--1", "another id")
		add([]byte("{no event"), "facts.one.x", "")
		add(nil, "facts.one.y", "m")
		add(raw, store.Subject(logtest.Note(summit, -1)), "")
	}
	for i := 0; len(list) < n; i++ {
		plain(logtest.Note(summit, i))
	}
	return list
}

// ahead is an event that was recorded an hour ahead of the broker's clock.
func ahead(t testing.TB, seq uint64) store.Record {
	t.Helper()
	e := logtest.Note(summit, -2)
	raw, err := events.Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	rec := store.NewRecord(summit, seq, e.Recorded.Add(-time.Hour+time.Nanosecond), raw, store.Subject(e), e.ID)
	if store.ReasonOf(rec.Err) != store.Ahead {
		t.Fatalf("%v", rec.Err)
	}
	return rec
}

func (d desk) checkpoint(records []store.Record) (merkle.Checkpoint, []byte, merkletest.Tiles) {
	d.Helper()
	m := merkletest.Tiles{}
	tree, err := merkle.OpenTree(0, m)
	if err != nil {
		d.Fatal(err)
	}
	for _, r := range records {
		tree.Append(merkle.LeafHash(r.Raw))
	}
	if err := tree.Flush(); err != nil {
		d.Fatal(err)
	}
	root, err := tree.Root()
	if err != nil {
		d.Fatal(err)
	}
	c := merkle.Checkpoint{Origin: "host.example/summits/" + summit, Size: int64(len(records)), Root: root}
	text, err := merkle.Sign(c, d.signer())
	if err != nil {
		d.Fatal(err)
	}
	return c, text, m
}

func (d desk) content(records []store.Record) Content {
	d.Helper()
	c, text, m := d.checkpoint(records)
	return Content{
		Summit: summit, Key: d.logKey(), Checkpoint: c, Note: text, Records: each(records), Software: "v1.2.3", Revision: "abc",
		Tile:   func(p merkle.TilePath) ([]byte, error) { return merkle.ReadTile(m, p, c.Size) },
		Views:  &Views{Version: 7, Tables: []Table{{"events", 3, Sum{1}}, {"facts", 2, Sum{2}}}},
		Attest: func(text []byte) ([]byte, error) { return note.Sign(&note.Note{Text: string(text)}, d.signer()) },
	}
}

func each(records []store.Record) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// write writes an archive of records.
func (d desk) write(records []store.Record) []byte {
	d.Helper()
	var b bytes.Buffer
	if err := Write(&b, d.content(records)); err != nil {
		d.Fatal(err)
	}
	return b.Bytes()
}

// check opens and verifies a file.
func check(file []byte, o Options) (Report, error) {
	a, err := Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return Report{}, err
	}
	return a.Verify(context.Background(), o)
}

// member is one of a zip.
type member struct {
	name   string
	method uint16
	body   []byte
}

func unzip(t testing.TB, file []byte) []member {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var list []member
	for _, f := range z.File {
		b, err := content(f)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, member{f.Name, f.Method, b})
	}
	return list
}

// rezip puts an archive together as somebody would who has changed it, with a
// seal that fits.
func rezip(t testing.TB, list []member) []byte {
	t.Helper()
	var b bytes.Buffer
	seal := newSealer(&b)
	w := &writer{zip: zip.NewWriter(seal)}
	if err := w.zip.SetComment(noSeal); err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		if err := w.member(m.name, m.body, m.method); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.zip.Close(); err != nil {
		t.Fatal(err)
	}
	if err := seal.finish(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// change returns the archive with one member changed; nil takes it away.
func change(t testing.TB, file []byte, name string, fn func([]byte) []byte) []byte {
	t.Helper()
	var list []member
	found := false
	for _, m := range unzip(t, file) {
		if m.name == name {
			found = true
			if m.body = fn(m.body); m.body == nil {
				continue
			}
		}
		list = append(list, m)
	}
	if !found {
		t.Fatalf("there is no member %s", name)
	}
	return rezip(t, list)
}
