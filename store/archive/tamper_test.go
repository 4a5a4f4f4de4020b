package archive

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/merkle"
)

func TestEveryFlippedBitIsFound(t *testing.T) {
	d := newDesk(t, 1)
	file := d.write(story(t, 7, true))
	if _, err := check(file, Options{Key: d.vkey}); err != nil {
		t.Fatal(err)
	}
	named := 0
	for i := range file {
		for bit := range 8 {
			file[i] ^= 1 << bit
			_, err := check(file, Options{Key: d.vkey})
			var fault *Fault
			if !errors.As(err, &fault) {
				t.Fatalf("bit %d of byte %d of %d was flipped: %v", bit, i, len(file), err)
			}
			if fault.Seq > 0 || fault.Part != "" {
				named++
			}
			file[i] ^= 1 << bit
		}
	}
	t.Logf("%d flips, %d of them found in a named place", 8*len(file), named)
}

func TestEveryCutIsFound(t *testing.T) {
	d := newDesk(t, 1)
	file := d.write(story(t, 7, true))
	for n := range file {
		if _, err := check(file[:n], Options{}); err == nil {
			t.Fatalf("cut to %d of %d bytes, it passed", n, len(file))
		}
		if _, err := check(file[n+1:], Options{}); err == nil {
			t.Fatalf("without its first %d bytes, it passed", n+1)
		}
	}
	for _, more := range []string{"x", string(file)} {
		if _, err := check(append(append([]byte{}, file...), more...), Options{}); err == nil {
			t.Errorf("with %d bytes appended, it passed", len(more))
		}
	}
}

// entries changes the events of the first bundle.
func entries(t *testing.T, file []byte, name string, fn func([][]byte) [][]byte) []byte {
	t.Helper()
	return change(t, file, name, func(b []byte) []byte {
		p, err := merkle.ParseTilePath(name)
		if err != nil {
			t.Fatal(err)
		}
		list, err := merkle.ParseEntries(b, p.Width)
		if err != nil {
			t.Fatal(err)
		}
		if b, err = merkle.FormatEntries(fn(list)); err != nil {
			t.Fatal(err)
		}
		return b
	})
}

// What somebody changes who can write a zip and a seal that fits, and has no
// key.
func TestTamperingIsFoundAndItsPlaceNamed(t *testing.T) {
	d := newDesk(t, 1)
	file := d.write(story(t, 300, true))
	const first, second = "tile/entries/000", "tile/entries/001.p/44"
	edit := func(seq int, from, to string) func(*testing.T) []byte {
		return func(t *testing.T) []byte {
			return entries(t, file, first, func(list [][]byte) [][]byte {
				b := bytes.Replace(list[seq-1], []byte(from), []byte(to), 1)
				if bytes.Equal(b, list[seq-1]) {
					t.Fatalf("there is no %s in %s", from, b)
				}
				list[seq-1] = b
				return list
			})
		}
	}
	for name, c := range map[string]struct {
		make func(*testing.T) []byte
		seq  uint64
		part string
	}{
		"text":        {edit(50, "note 43", "note 44"), 50, first},
		"time":        {edit(50, "2025-08-14T12:00:43Z", "2025-08-14T12:00:44Z"), 50, first},
		"subject":     {edit(50, "note/n-43", "note/n-44"), 50, first},
		"id":          {edit(50, `"id":"`, `"id":"0`), 50, first},
		"white space": {edit(50, `":"`, `": "`), 50, first},
		"swapped": {func(t *testing.T) []byte {
			return entries(t, file, first, func(l [][]byte) [][]byte { l[9], l[10] = l[10], l[9]; return l })
		}, 10, first},
		"dropped": {func(t *testing.T) []byte {
			return entries(t, file, second, func(l [][]byte) [][]byte { return append(l[:5], l[6:]...) })
		}, 262, second},
		"inserted": {func(t *testing.T) []byte {
			return entries(t, file, second, func(l [][]byte) [][]byte { return append(l[:5:5], append([][]byte{l[4]}, l[5:]...)...) })
		}, 262, second},
		"appended": {func(t *testing.T) []byte {
			return entries(t, file, second, func(l [][]byte) [][]byte { return append(l, l[0]) })
		}, 300, second},
		"leaf": {func(t *testing.T) []byte {
			return change(t, file, "tile/0/000", func(b []byte) []byte { b[33] ^= 1; return b })
		}, 2, first},
		"upper hash": {func(t *testing.T) []byte {
			return change(t, file, "tile/1/000.p/1", func(b []byte) []byte { b[3] ^= 1; return b })
		}, 1, "tile/1/000.p/1"},
		"leaf and event together": {func(t *testing.T) []byte {
			var leaf merkle.Hash
			changed := entries(t, file, first, func(l [][]byte) [][]byte {
				l[99] = bytes.Replace(l[99], []byte("note 93"), []byte("note 94"), 1)
				leaf = merkle.LeafHash(l[99])
				return l
			})
			return change(t, changed, "tile/0/000", func(b []byte) []byte { copy(b[99*32:], leaf[:]); return b })
		}, 1, "tile/1/000.p/1"},
		"envelope": {func(t *testing.T) []byte {
			return change(t, file, "envelopes/0", func(b []byte) []byte { return bytes.Replace(b, []byte("elsewhere"), []byte("elsewherf"), 1) })
		}, 0, nameManifest},
		"envelope of another summit": {func(t *testing.T) []byte {
			return change(t, file, "envelopes/0", func(b []byte) []byte { return bytes.Replace(b, []byte("facts.one.x"), []byte("facts.two.x"), 1) })
		}, 1, "envelopes/0"},
		"envelopes gone": {func(t *testing.T) []byte { return change(t, file, "envelopes/0", func([]byte) []byte { return nil }) }, 4, ""},
		"manifest": {func(t *testing.T) []byte {
			return change(t, file, nameManifest, func(b []byte) []byte { return bytes.Replace(b, []byte("v1.2.3"), []byte("v1.2.4"), 1) })
		}, 0, nameManifest},
		"view digest": {func(t *testing.T) []byte {
			return change(t, file, nameManifest, func(b []byte) []byte { return bytes.Replace(b, []byte("table facts 2"), []byte("table facts 3"), 1) })
		}, 0, nameManifest},
		"size": {func(t *testing.T) []byte {
			return change(t, file, nameCheckpoint, func(b []byte) []byte { return bytes.Replace(b, []byte("\n300\n"), []byte("\n299\n"), 1) })
		}, 0, nameCheckpoint},
		"checkpoint gone": {func(t *testing.T) []byte { return change(t, file, nameCheckpoint, func([]byte) []byte { return nil }) }, 0, nameCheckpoint},
		"bundle gone":     {func(t *testing.T) []byte { return change(t, file, second, func([]byte) []byte { return nil }) }, 0, second},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := check(c.make(t), Options{Key: d.vkey})
			var fault *Fault
			if !errors.As(err, &fault) || fault.Seq != c.seq || fault.Part != c.part {
				t.Errorf("%v; want event %d in %q", err, c.seq, c.part)
			}
		})
	}
}

func TestSignaturesThatDoNotBelongHere(t *testing.T) {
	d, other := newDesk(t, 1), newDesk(t, 2)
	long, short := story(t, 300, false), story(t, 299, false)
	file := d.write(long)
	_, shortNote, _ := d.checkpoint(short)
	wrong := map[string][]byte{
		"signed by another key throughout": other.write(long),
		"signature moved from another size": change(t, file, nameCheckpoint, func(b []byte) []byte {
			_, sig, _ := strings.Cut(string(shortNote), "\n\n")
			body, _, _ := strings.Cut(string(b), "\n\n")
			return []byte(body + "\n\n" + sig)
		}),
		"checkpoint of another size": change(t, file, nameCheckpoint, func([]byte) []byte { return shortNote }),
		"the manifest of another archive": change(t, file, nameManifest, func([]byte) []byte {
			for _, m := range unzip(t, d.write(short)) {
				if m.name == nameManifest {
					return m.body
				}
			}
			return nil
		}),
	}
	for name, b := range wrong {
		for _, key := range []string{d.vkey, d.logKey()} {
			var fault *Fault
			if _, err := check(b, Options{Key: key}); !errors.As(err, &fault) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if r, err := check(other.write(long), Options{}); err != nil || r.KeyGiven {
		t.Errorf("without a key an archive is whole by whomever: %+v (%v)", r, err)
	}
}

// What the holder of the key can do, and only a kept checkpoint shows.
func TestAKeptCheckpointShowsWhatAKeyAloneCannot(t *testing.T) {
	d, other := newDesk(t, 1), newDesk(t, 2)
	log := story(t, 300, false)
	_, since, _ := d.checkpoint(log[:280])
	renumber := func(list []store.Record) []store.Record {
		var out []store.Record
		for i, r := range list {
			r.Seq = uint64(i + 1)
			out = append(out, r)
		}
		return out
	}
	inserted := renumber(append(append(append([]store.Record{}, log[:100]...), story(t, 400, false)[399]), log[100:]...))
	fork := story(t, 300, true)
	for name, c := range map[string]struct {
		records []store.Record
		seq     uint64
	}{
		"tail cut and signed anew": {log[:270], 271}, "stale": {log[:279], 280}, "fork of the same size": {fork[:280], 1},
		"fork grown on": {fork, 1}, "back-dated insert": {inserted, 1},
	} {
		file := d.write(c.records)
		if _, err := check(file, Options{Key: d.vkey}); err != nil {
			t.Errorf("%s: a key alone sees %v", name, err)
		}
		var fault *Fault
		if _, err := check(file, Options{Key: d.vkey, Since: since}); !errors.As(err, &fault) || fault.Seq != c.seq {
			t.Errorf("%s: %v, want event %d", name, err, c.seq)
		}
	}
	for _, n := range []int{280, 281, 300} {
		if r, err := check(d.write(log[:n]), Options{Key: d.vkey, Since: since}); err != nil || r.Since != 280 {
			t.Errorf("%d honest events: %+v (%v)", n, r, err)
		}
	}
	_, foreign, _ := other.checkpoint(log[:280])
	for name, text := range map[string][]byte{"of another key": foreign, "no checkpoint": []byte("x")} {
		if _, err := check(d.write(log), Options{Since: text}); err == nil {
			t.Errorf("a kept checkpoint %s passed", name)
		}
	}
}
