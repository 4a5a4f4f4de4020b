package archive

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/store/merkle"
)

// allocated is how many bytes were allocated, in all, while fn ran.
func allocated(fn func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fn()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestHostileFilesAreRefusedInBoundedMemory(t *testing.T) {
	d := newDesk(t, 1)
	good := d.write(story(t, 300, true))
	members := unzip(t, good)
	insert := func(at int, more ...member) []byte {
		return rezip(t, append(append(append([]member{}, members[:at]...), more...), members[at:]...))
	}
	zeros := make([]byte, 64<<20)
	_, huge, _ := d.huge()
	for name, file := range map[string][]byte{
		"a name that climbs":        insert(len(members), member{"../../etc/passwd", zip.Store, []byte("x")}),
		"an absolute name":          insert(0, member{"/summit.json", zip.Store, []byte("x")}),
		"a name that comes twice":   insert(3, members[2]),
		"a member more":             insert(len(members), member{"readme", zip.Store, []byte("x")}),
		"members in another order":  rezip(t, append([]member{members[1], members[0]}, members[2:]...)),
		"no members":                rezip(t, nil),
		"a bomb for a bundle":       change(t, good, "tile/entries/000", func([]byte) []byte { return zeros }),
		"a bomb for a checkpoint":   change(t, good, nameCheckpoint, func([]byte) []byte { return zeros }),
		"a bomb for envelopes":      change(t, good, "envelopes/0", func([]byte) []byte { return zeros }),
		"a size no log has":         change(t, good, nameCheckpoint, func([]byte) []byte { return huge }),
		"a size that lies":          liar(good),
		"another layout":            change(t, good, nameSummit, func(b []byte) []byte { return bytes.Replace(b, []byte(":2,"), []byte(":3,"), 1) }),
		"the first layout":          change(t, good, nameSummit, func(b []byte) []byte { return bytes.Replace(b, []byte(":2,"), []byte(":1,"), 1) }),
		"a summit that is no slug":  change(t, good, nameSummit, func(b []byte) []byte { return bytes.Replace(b, []byte(`"one"`), []byte(`"../one"`), 1) }),
		"another summit":            change(t, good, nameSummit, func(b []byte) []byte { return bytes.Replace(b, []byte(`"one"`), []byte(`"two"`), 1) }),
		"a directory without end":   crowd(t, 150_000),
		"nothing":                   nil,
		"text":                      []byte(strings.Repeat("summit", 1000)),
		"a zip of something else":   crowd(t, 3),
		"a checkpoint of no events": change(t, good, nameCheckpoint, func([]byte) []byte { return d.empty() }),
	} {
		t.Run(name, func(t *testing.T) {
			var fault *Fault
			var err error
			n := allocated(func() { _, err = check(file, Options{}) })
			if !errors.As(err, &fault) {
				t.Errorf("%v", err)
			}
			if limit := uint64(400 << 20); n > limit {
				t.Errorf("%d MB were allocated", n>>20)
			}
		})
	}
}

// huge is a signed head of a log that nobody has.
func (d desk) huge() (merkle.Checkpoint, []byte, error) {
	c := merkle.Checkpoint{Origin: "host.example/summits/one", Size: merkle.MaxSize}
	text, err := merkle.Sign(c, d.signer())
	return c, text, err
}

func (d desk) empty() []byte {
	root, _ := merkle.NewAccumulator().Root()
	text, err := merkle.Sign(merkle.Checkpoint{Origin: "host.example/summits/one", Root: root}, d.signer())
	if err != nil {
		d.Fatal(err)
	}
	return text
}

// liar changes the sizes in the directory of a zip.
func liar(file []byte) []byte {
	out := bytes.Clone(file)
	for i := 0; i+28 < len(out); i++ {
		if string(out[i:i+4]) == "PK\x01\x02" {
			copy(out[i+24:], []byte{0xfe, 0xff, 0xff, 0xff})
		}
	}
	return out
}

// crowd is a zip of very many members.
func crowd(t *testing.T, n int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := range n {
		if _, err := w.CreateRaw(&zip.FileHeader{Name: fmt.Sprintf("%0240d", i), UncompressedSize64: math.MaxUint16}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestManifestsHaveOneText(t *testing.T) {
	d := newDesk(t, 1)
	c := d.content(story(t, 3, false))
	good := Manifest{
		Origin: c.Checkpoint.Origin, Size: 3, Root: c.Checkpoint.Root, Software: line("v1\n(devel) x"), Revision: line(""), Views: c.Views,
	}
	text := string(good.format())
	if m, err := parseManifest(text); err != nil || string(m.format()) != text || m.Revision != "unknown" || m.Software != "v1 (devel) x" {
		t.Fatalf("%q is read as %+v (%v)", text, m, err)
	}
	if _, err := merkle.ParseCheckpoint([]byte(text)); err == nil {
		t.Error("a manifest passes for a checkpoint")
	}
	held := good
	held.Held = 4
	if m, err := parseManifest(string(held.format())); err != nil || m.Held != 4 || !slices.Contains(strings.Split(string(held.format()), "\n"), "log 4") {
		t.Errorf("with the length of the log: %+v (%v)", m, err)
	}
	text = string(held.format())
	none := good
	none.Views = nil
	if m, err := parseManifest(string(none.format())); err != nil || m.Views != nil {
		t.Errorf("without views: %+v (%v)", m, err)
	}
	for _, bad := range []string{
		"", "\n", strings.TrimSuffix(text, "\n"), text + "\n", strings.Replace(text, "\n3\n", "\n03\n", 1), strings.Replace(text, "/archive", "", 1),
		strings.Replace(text, "root ", "root  ", 1), strings.Replace(text, "views 7", "views 07", 1), strings.Replace(text, "views 7", "views x", 1),
		strings.Replace(text, "table facts", "table  facts", 1), strings.Replace(text, "table facts", "fable facts", 1),
		strings.Replace(text, "envelopes 0", "envelopes -0", 1), strings.Replace(text, "envelopes 0", "envelopes", 1), text + "table x 1 00\n",
		strings.Replace(text, "log 4", "log 0", 1), strings.Replace(text, "log 4", "log 04", 1), strings.Replace(text, "log 4", "log", 1),
	} {
		if m, err := parseManifest(bad); err == nil {
			t.Errorf("%q is read as %+v", bad, m)
		}
	}
}

// Nothing but the log that the key signed passes, whatever else stands in the
// file; its seal is made to fit, which everybody can do.
func FuzzOpen(f *testing.F) {
	d := newDesk(f, 1)
	var good []string
	for _, n := range []int{1, 7} {
		file := d.write(story(f, n, n == 7))
		a, err := Open(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			f.Fatal(err)
		}
		good = append(good, a.Checkpoint.Root.String())
		f.Add(file)
	}
	key := d.vkey
	f.Fuzz(func(t *testing.T, file []byte) {
		if at := len(file) - sealSize; at > 0 {
			sum := sha256.Sum256(file[:at])
			file = hex.AppendEncode(file[:at:at], sum[:])
		}
		if r, err := check(file, Options{Key: key}); err == nil && !slices.Contains(good, r.Root.String()) {
			t.Fatalf("another log passed: %+v", r)
		}
	})
}
