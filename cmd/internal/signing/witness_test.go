package signing

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/summit-timeline/summit/store/merkle"
	"github.com/summit-timeline/summit/store/merkle/merkletest"
)

const origin = "host.example/summits/one"

// log is what a server may show: a tree of events, and heads signed by a key.
type log struct {
	t      *testing.T
	skey   string
	key    string
	store  merkletest.Tiles
	signer note.Signer
}

func newLog(t *testing.T, seed byte, n int, variant string) *log {
	t.Helper()
	l := &log{t: t, store: merkletest.Tiles{}}
	var vkey string
	var err error
	if l.skey, vkey, err = merkle.GenerateKey(seeded(seed), "host.example"); err != nil {
		t.Fatal(err)
	}
	if l.key, err = merkle.RenameKey(vkey, origin); err != nil {
		t.Fatal(err)
	}
	if l.signer, err = merkle.NewLogSigner(l.skey, origin); err != nil {
		t.Fatal(err)
	}
	tree, err := merkle.OpenTree(0, l.store)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		tree.Append(merkle.LeafHash(fmt.Appendf(nil, "%s %d", variant, i)))
	}
	if err := tree.Flush(); err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *log) head(size int64) []byte {
	l.t.Helper()
	root, err := merkle.RootAt(l.store, size)
	if err != nil {
		l.t.Fatal(err)
	}
	b, err := merkle.Sign(merkle.Checkpoint{Origin: origin, Size: size, Root: root}, l.signer)
	if err != nil {
		l.t.Fatal(err)
	}
	return b
}

func (l *log) proof(from, to int64) []merkle.Hash {
	l.t.Helper()
	if from == 0 {
		return nil
	}
	p, err := merkle.ProveConsistency(l.store, from, to)
	if err != nil {
		l.t.Fatal(err)
	}
	return p
}

func openWitness(t *testing.T, l *log, dir string) *Witness {
	t.Helper()
	skey, _, err := merkle.GenerateKey(seeded(99), "witness.example")
	if err != nil {
		t.Fatal(err)
	}
	w, err := OpenWitness(WitnessOptions{LogKey: l.key, Key: skey, Dir: dir, Clock: func() time.Time { return time.Unix(1755216000, 0) }})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestHeadsThatContinueAreCosigned(t *testing.T) {
	l, dir := newLog(t, 1, 300, "a"), t.TempDir()
	w := openWitness(t, l, dir)
	if _, ok := w.Last(); ok {
		t.Error("it remembers what it never saw")
	}
	logKey, err := merkle.ParseVerifier(l.key)
	if err != nil {
		t.Fatal(err)
	}
	last := int64(0)
	for _, size := range []int64{1, 1, 2, 7, 255, 256, 300, 300} {
		h, err := w.Add(last, l.proof(last, size), l.head(size))
		if err != nil {
			t.Fatalf("from %d to %d: %v", last, size, err)
		}
		key, err := w.Key()
		if err != nil {
			t.Fatal(err)
		}
		own, err := merkle.ParseVerifier(key)
		if err != nil {
			t.Fatal(err)
		}
		c, n, err := merkle.Open(h.Note, logKey, own)
		if err != nil || c.Size != size || len(n.Sigs) != 2 {
			t.Fatalf("cosigned %+v with %d signatures (%v)", c, len(n.Sigs), err)
		}
		if at, err := merkle.CosignedAt(n.Sigs[1]); err != nil || at != 1755216000 {
			t.Errorf("cosigned at %d (%v)", at, err)
		}
		last = size
		w = openWitness(t, l, dir) // it remembers
		if again, ok := w.Last(); !ok || !bytes.Equal(again.Note, h.Note) || !bytes.Equal(again.Line, h.Line) {
			t.Errorf("it remembers %s, not %s", again.Note, h.Note)
		}
	}
}

func TestASplitViewIsRefusedAndShown(t *testing.T) {
	l, fork := newLog(t, 1, 300, "a"), newLog(t, 1, 300, "b")
	seen := l.head(200)
	for name, c := range map[string]struct {
		text  []byte
		proof []merkle.Hash
	}{
		"fork of the same size":  {fork.head(200), nil},
		"fork grown on":          {fork.head(300), fork.proof(200, 300)},
		"honest proof of a fork": {fork.head(300), l.proof(200, 300)},
		"rolled back":            {l.head(199), nil},
		"no proof":               {l.head(300), nil},
	} {
		w := openWitness(t, l, t.TempDir())
		if _, err := w.Add(0, nil, seen); err != nil {
			t.Fatal(err)
		}
		_, err := w.Add(200, c.proof, c.text)
		var split *SplitError
		if !errors.As(err, &split) || !bytes.Equal(split.Shown, c.text) || !strings.Contains(err.Error(), string(seen[:40])) {
			t.Errorf("%s: %v", name, err)
		}
		if last, _ := w.Last(); last.Size != 200 {
			t.Errorf("%s: it went to %d", name, last.Size)
		}
	}
}

func TestHeadsOfOthersAreRefused(t *testing.T) {
	l, other := newLog(t, 1, 10, "a"), newLog(t, 2, 10, "a")
	w := openWitness(t, l, t.TempDir())
	var key *merkle.UnknownKeyError
	if _, err := w.Add(0, nil, other.head(5)); !errors.As(err, &key) {
		t.Errorf("another key: %v", err)
	}
	root, err := merkle.RootAt(l.store, 5)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere, err := merkle.Sign(merkle.Checkpoint{Origin: "host.example/summits/two", Size: 5, Root: root}, l.signer)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Add(0, nil, elsewhere); !errors.Is(err, ErrUnknownLog) {
		t.Errorf("another log: %v", err)
	}
	if _, err := w.Add(0, l.proof(1, 5), l.head(5)); err == nil {
		t.Error("a proof from nothing passed")
	}
	var size *OldSizeError
	if _, err := w.Add(3, nil, l.head(5)); !errors.As(err, &size) || size.Last != 0 {
		t.Errorf("another old size: %v", err)
	}
	if _, ok := w.Last(); ok {
		t.Error("it cosigned one of them")
	}
}

func TestWhatItRemembersIsGuarded(t *testing.T) {
	l, dir := newLog(t, 1, 10, "a"), t.TempDir()
	w := openWitness(t, l, dir)
	if _, err := w.Add(0, nil, l.head(5)); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v %v", files, err)
	}
	for name, text := range map[string][]byte{"not cosigned": l.head(5), "nothing": nil, "of another log": newLog(t, 2, 9, "b").head(9)} {
		if err := os.WriteFile(files[0], text, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenWitness(w.o); err == nil {
			t.Errorf("%s: it was believed", name)
		}
	}
}

// The answers of C2SP tlog-witness.
func TestHeadsAreTakenAsTheProtocolHasIt(t *testing.T) {
	l, fork, other := newLog(t, 1, 300, "a"), newLog(t, 1, 300, "b"), newLog(t, 2, 300, "a")
	w := openWitness(t, l, t.TempDir())
	server := httptest.NewServer(w.Handler())
	defer server.Close()
	request := func(old int64, proof []merkle.Hash, text []byte) string {
		b := fmt.Appendf(nil, "old %d\n", old)
		for _, h := range proof {
			b = fmt.Appendf(b, "%s\n", h)
		}
		return string(append(append(b, '\n'), text...))
	}
	for i, c := range []struct {
		body   string
		status int
		answer string
	}{
		{request(0, nil, l.head(100)), 200, "— witness.example "},
		{request(0, nil, l.head(200)), 409, "100\n"},
		{request(100, l.proof(100, 200), l.head(200)), 200, "— witness.example "},
		{request(200, nil, l.head(200)), 200, "— witness.example "},
		{request(200, nil, fork.head(200)), 409, "two heads of 200"},
		{request(200, fork.proof(200, 300), fork.head(300)), 422, "split view"},
		{request(200, nil, l.head(100)), 400, ""},
		{request(200, l.proof(200, 300), other.head(300)), 403, ""},
		{request(200, nil, bytes.Replace(l.head(300), []byte("one"), []byte("two"), 1)), 404, ""},
		{request(200, make([]merkle.Hash, 64), l.head(300)), 400, ""},
		{"old 0200\n\n" + string(l.head(300)), 400, ""},
		{"old -1\n\n" + string(l.head(300)), 400, ""},
		{"", 400, ""},
		{"old 200\nx\n\n" + string(l.head(300)), 400, ""},
		{"old 200\n\nx", 404, ""},
		{strings.Repeat("x", 1<<17), 400, ""},
		{request(200, l.proof(200, 300), l.head(300)), 200, "— witness.example "},
	} {
		res, err := http.Post(server.URL+"/add-checkpoint", "text/plain", strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		if got := bodyOf(t, res); res.StatusCode != c.status || !strings.Contains(got, c.answer) {
			t.Errorf("request %d: %d %q, want %d %q", i, res.StatusCode, got, c.status, c.answer)
		}
		if c.status == 409 && c.answer == "100\n" && res.Header.Get("Content-Type") != "text/x.tlog.size" {
			t.Errorf("request %d: %s", i, res.Header.Get("Content-Type"))
		}
	}
	res, err := http.Get(server.URL + "/checkpoint")
	if err != nil {
		t.Fatal(err)
	}
	served := bodyOf(t, res)
	if last, _ := w.Last(); served != string(last.Note) || last.Size != 300 {
		t.Errorf("it serves %s", served)
	}
}

func bodyOf(t *testing.T, res *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return string(b)
}
