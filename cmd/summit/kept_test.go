package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/server"
)

// keep names the version whose data is to be kept, at its release:
//
//	go test ./cmd/summit -run TestKeepTheDataOfThisVersion -keep 0.1.0
var keep = flag.String("keep", "", "write what this version writes into testdata/kept/VERSION, for all later ones to open")

// keptSummit is the summit in what is kept.
const keptSummit = "alaska-2025"

// kept is what one version left: its data folder as it was when it stopped, and
// beside it what it said of it.
type kept struct {
	dir   string
	token string // an operator's
	vkey  string // file of the verifier key
}

func keptAt(t *testing.T, dir string) kept {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "operator.token"))
	if err != nil {
		t.Fatal(err)
	}
	return kept{dir, strings.TrimSpace(string(b)), filepath.Join(dir, "server.key")}
}

func (k kept) file(name string) string { return filepath.Join(k.dir, name) }

// The data that every version wrote opens in this one: it is sound and grew out
// of the checkpoint that was kept, reads at old positions as it did then, takes
// new facts, and its archive is verified and restored.
func TestTheDataOfEveryVersionOpensInThisOne(t *testing.T) {
	versions, err := filepath.Glob(filepath.Join("testdata", "kept", "*"))
	if err != nil || len(versions) == 0 {
		t.Fatalf("nothing is kept: %v", err)
	}
	for _, dir := range versions {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			k := keptAt(t, dir)
			s := &stage{t, t.TempDir()}
			s.must(unpackFolder(k.file("data.tar.gz"), s.dir))
			for range 2 { // the second time as this version left it
				s.serve(server.ScrubOptions{}, func(x *served) { k.goesOn(x) })
			}
			k.archive(t)
		})
	}
}

// goesOn holds a server on kept data against what was kept, before and after a
// new fact.
func (k kept) goesOn(x *served) {
	x.Helper()
	then := map[string]json.RawMessage{}
	b, err := os.ReadFile(k.file("answers.json"))
	x.must(err)
	x.must(json.Unmarshal(b, &then))
	same := func() {
		x.Helper()
		for path, want := range then {
			if diff := lost(path, decoded(x.TB, want), decoded(x.TB, asked(x.TB, x.url+path, k.token))); diff != "" {
				x.Errorf("an old position reads otherwise: %s", diff)
			}
		}
	}
	audit := func() {
		x.Helper()
		if code, out := x.verb("audit", keptSummit, "--token", k.token, "--key", k.vkey, "--since", k.file("checkpoint")); code != cli.Good {
			x.Errorf("audit: exit %d: %s", code, out)
		}
	}
	x.until("what was kept", func() bool {
		var p struct{ Position string }
		x.must(json.Unmarshal(asked(x.TB, x.url+"/v1/summits/"+keptSummit, k.token), &p))
		return p.Position != "" && !strings.HasSuffix(p.Position, "-0") && x.current(k.token)
	})
	same()
	audit()
	if code, out := x.verb("record", keptSummit, "--token", k.token, "--desk", "/desks/later", "--type", "note.added", "--entity", "note/later", "--source", "A later version", "--set", "text=It goes on"); code != cli.Good {
		x.Errorf("record: exit %d: %s", code, out)
	}
	same()
	audit()
}

// current reports whether the views of the kept summit have all events, and are
// those of this version.
func (x *served) current(token string) bool {
	x.Helper()
	var r struct {
		Summits map[string]struct {
			Lag        uint64
			Rebuilding bool
		}
	}
	x.must(json.Unmarshal(asked(x.TB, x.url+"/readyz", token), &r))
	s := r.Summits[keptSummit]
	return s.Lag == 0 && !s.Rebuilding
}

// archive verifies and restores the archive that was kept.
func (k kept) archive(t *testing.T) {
	t.Helper()
	file := k.file("archive.summit")
	for _, args := range [][]string{
		{"verify", file, "--key", k.vkey, "--since", k.file("checkpoint")},
		{"restore", file, "--key", k.vkey, "--data", t.TempDir()},
	} {
		var out, errs bytes.Buffer
		if code := run(args, cli.Streams{Out: &out, Err: &errs}); code != cli.Good {
			t.Errorf("%v: exit %d: %s%s", args, code, out.String(), errs.String())
		}
	}
}

// asked is the body of a good answer.
func asked(t testing.TB, url, token string) []byte {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %v: %.300s", url, res.Status, err, b)
	}
	return b
}

func decoded(t testing.TB, b []byte) (v any) {
	t.Helper()
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatalf("%v: %.300s", err, b)
	}
	return v
}

// lost reports where an answer lacks what it had: later versions may add members
// to objects, and change nothing.
func lost(where string, then, now any) string {
	was, ok := then.(map[string]any)
	if is, both := now.(map[string]any); ok && both {
		for name, v := range was {
			if diff := lost(where+"/"+name, v, is[name]); diff != "" {
				return diff
			}
		}
		return ""
	}
	list, ok := then.([]any)
	if is, both := now.([]any); ok && both && len(list) == len(is) {
		for i, v := range list {
			if diff := lost(fmt.Sprint(where, "/", i), v, is[i]); diff != "" {
				return diff
			}
		}
		return ""
	}
	if !reflect.DeepEqual(then, now) {
		return fmt.Sprintf("%s was %v and is %v", where, then, now)
	}
	return ""
}

func TestWhatIsLostIsFound(t *testing.T) {
	for _, c := range []struct {
		then, now string
		lost      bool
	}{
		{`{"a":[1,{"b":null}]}`, `{"a":[1,{"b":null,"new":2}],"c":3}`, false},
		{`{"a":1}`, `{"a":2}`, true},
		{`{"a":1}`, `{}`, true},
		{`[1,2]`, `[1]`, true},
		{`{"a":{"b":[{"c":"x"}]}}`, `{"a":{"b":[{"c":"y"}]}}`, true},
	} {
		if diff := lost("", decoded(t, []byte(c.then)), decoded(t, []byte(c.now))); (diff != "") != c.lost {
			t.Errorf("%s and %s: %q", c.then, c.now, diff)
		}
	}
}

func TestKeepTheDataOfThisVersion(t *testing.T) {
	if *keep == "" {
		t.Skip("writes what later versions are to open: at a release, with -keep VERSION")
	}
	dir := filepath.Join("testdata", "kept", *keep)
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatalf("what is kept is never changed: %v", err)
	}
	data := t.TempDir()
	p := startWith(t, "--data", data, "--addr", "127.0.0.1:0", "--nats-listen", "off", "--name", "kept.example")
	for _, args := range [][]string{
		{"record", keptSummit, "--correct", "@4", "--set", "place.name=Ted Stevens Airport", "--set", "headline=null", "--notice", "It landed at the civil airport", "--source", "Webcam>Newsmax"},
		{"record", keptSummit, "--retract", "@27", "--reason", "The webcam showed another aircraft"},
		{"record", keptSummit, "--dispute", "@5", "--source", "The tower", "--reason", "No such flight was seen"},
		{"open", "zürich-2026"}, // refused: it shows that what is refused leaves nothing
		{"open", "zuerich-2026", "--title", "Zürich, 第二", "--zone", "Europe/Zurich"},
		{"record", "zuerich-2026", "--type", "note.added", "--entity", "note/n", "--source", "Wetterdienst", "--set", "text=Nebel über dem Flughafen – 雾"},
		{"audit", keptSummit, "--save", filepath.Join(dir, "checkpoint")},
		{"export", keptSummit, "-o", filepath.Join(dir, "archive.summit")},
	} {
		var out, errs bytes.Buffer
		if code := run(append(args, "--server", p.url), cli.Streams{In: strings.NewReader(""), Out: &out, Err: &errs}); code != cli.Good && args[1] != "zürich-2026" {
			t.Fatalf("%v: exit %d: %s", args, code, errs.String())
		}
	}
	write := func(name string, b []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("server.key", []byte(text(t, p.url+"/v1/key")))
	var head struct{ Position string }
	p.get(t, "/v1/summits/"+keptSummit, &head)
	epoch, last, _ := strings.Cut(head.Position, "-")
	answers := map[string]json.RawMessage{}
	for _, at := range []string{"5", "27", last} {
		for _, view := range []string{"status?", "timeline?limit=500&"} {
			path := fmt.Sprintf("/v1/summits/%s/%sknown=%s-%s", keptSummit, view, epoch, at)
			answers[path] = json.RawMessage(text(t, p.url+path))
		}
	}
	b, err := json.MarshalIndent(answers, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	write("answers.json", append(b, '\n'))
	p.end(t, syscall.SIGTERM)
	var secret, errs bytes.Buffer
	if code := run([]string{"token", "add", "--data", data, "--name", "op", "--desk", "/desks/op", "--role", "operator", "--expires", "876000h"}, cli.Streams{Out: &secret, Err: &errs}); code != cli.Good {
		t.Fatal(errs.String())
	}
	write("operator.token", secret.Bytes())
	if err := pack(data, filepath.Join(dir, "data.tar.gz")); err != nil {
		t.Fatal(err)
	}
}

// pack writes a folder into one file. Locks and sockets are not data.
func pack(dir, file string) (err error) {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	z := gzip.NewWriter(f)
	w := tar.NewWriter(z)
	defer func() { err = errors.Join(err, w.Close(), z.Close(), f.Close()) }()
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || slices.Contains([]string{"lock", "LOCK"}, d.Name()) {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if err := w.WriteHeader(&tar.Header{Name: filepath.ToSlash(name), Mode: 0o600, Size: info.Size(), ModTime: info.ModTime()}); err != nil {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		_, err = w.Write(b)
		return err
	})
}

func unpackFolder(file, dir string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		path := filepath.Join(dir, filepath.FromSlash(h.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		b, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			return err
		}
	}
}
