package signing

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// heads returns the file of a summit's signed heads.
func heads(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSignedHeadsAreAddedToTheirFileUntilItIsLong(t *testing.T) {
	dir := t.TempDir()
	path, s, n := filepath.Join(dir, "one.json"), newSummit(t, "a"), open(t, dir, 1)
	longest, replaced := 0, false
	for signed := 1; !replaced; signed++ {
		head, err := n.Head(t.Context(), s.grow(1).source())
		if err != nil {
			t.Fatal(err)
		}
		b := heads(t, path)
		if replaced = len(b) < longest; !replaced && bytes.Count(b, []byte("\n")) != signed {
			t.Fatalf("after %d heads the file has %d", signed, bytes.Count(b, []byte("\n")))
		}
		if longest = max(longest, len(b)); longest > mostHeads {
			t.Fatalf("it has %d bytes", longest)
		}
		again, err := open(t, dir, 1).At(t.Context(), s.source(), head.Size)
		if err != nil || string(again.Note) != string(head.Note) {
			t.Fatalf("after a restart: %v", err)
		}
	}
	if longest < mostHeads/2 {
		t.Errorf("it was replaced at %d bytes", longest)
	}
}

// A process that ends while it writes leaves part of a line. The head in it was never
// returned.
func TestAHeadThatWasNotWrittenWholeCountsForNothing(t *testing.T) {
	dir := t.TempDir()
	path, s := filepath.Join(dir, "one.json"), newSummit(t, "a")
	var ends []int
	for range 2 {
		if _, err := open(t, dir, 1).Head(t.Context(), s.grow(1).source()); err != nil {
			t.Fatal(err)
		}
		ends = append(ends, len(heads(t, path)))
	}
	whole := heads(t, path)
	for cut := ends[0]; cut < ends[1]; cut++ {
		for _, rest := range []string{"", "\x00\x00"} {
			must(t, os.WriteFile(path, append(bytes.Clone(whole[:cut]), rest...), 0o600))
			n := open(t, dir, 1)
			signed, err := n.Head(t.Context(), s.source())
			if err != nil || signed.Size != int64(len(s.Records())) {
				t.Fatalf("cut after %d bytes: %v", cut, err)
			}
			if again, err := open(t, dir, 1).Head(t.Context(), s.source()); err != nil || string(again.Note) != string(signed.Note) {
				t.Fatalf("cut after %d bytes, restarted: %v", cut, err)
			}
		}
	}
}

func TestTheFileOfAnEarlierVersionIsContinued(t *testing.T) {
	dir := t.TempDir()
	path, s := filepath.Join(dir, "one.json"), newSummit(t, "a").grow(2)
	if _, err := open(t, dir, 1).Head(t.Context(), s.source()); err != nil {
		t.Fatal(err)
	}
	var before bytes.Buffer
	must(t, json.Indent(&before, bytes.TrimSpace(heads(t, path)), "", "  "))
	must(t, os.WriteFile(path, before.Bytes(), 0o600))
	n := open(t, dir, 1)
	if last, err := n.Head(t.Context(), s.source()); err != nil || last.Size != int64(len(s.Records())) {
		t.Fatalf("%+v, %v", last, err)
	}
	if _, err := n.Head(t.Context(), s.grow(3).source()); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, dir, 1).Head(t.Context(), s.source()); err != nil {
		t.Error(err)
	}
	var refused *RefusedError
	if _, err := open(t, dir, 1).Head(t.Context(), newSummit(t, "b").grow(9).source()); !errors.As(err, &refused) {
		t.Errorf("another history: %v", err)
	}
}

// Where a write failed, what it left is no change by others.
func TestAFailedWriteIsContinued(t *testing.T) {
	f := headFile{path: filepath.Join(t.TempDir(), "one.json")}
	must(t, f.add([]byte("first")))
	for _, left := range []string{"", "sec", "second\n"} {
		f.tried = append(bytes.Clone(f.content), "second\n"...)
		must(t, os.WriteFile(f.path, append(bytes.Clone(f.content), left...), 0o600))
		must(t, f.add([]byte("third")))
		if got := string(heads(t, f.path)); got != "third\n" || f.tried != nil {
			t.Errorf("after %q: %q", left, got)
		}
	}
	f.tried = []byte("fourth\n") // in a file of its own
	for _, left := range []string{"third\n", "fourth\n"} {
		if !f.expects([]byte(left)) {
			t.Errorf("%q is not expected", left)
		}
	}
	for _, other := range []string{"", "four", "third\nx", "fifth\n"} {
		if f.expects([]byte(other)) {
			t.Errorf("%q is expected", other)
		}
	}
}
