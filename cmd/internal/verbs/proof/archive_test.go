package proof

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/cli/clitest"
)

func TestAnArchiveIsGoodOrItIsSaidWhyNot(t *testing.T) {
	l := newLog(t, 1, 40)
	whole := l.archived()
	_, since, _ := l.head(30)
	_, other, _ := newLog(t, 1, 31).head(30)
	path := file(t, "geneva.summit", whole)
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"alone":            {nil, cli.Good, "as the archive says"},
		"with its key":     {[]string{"--key", l.vkey}, cli.Good, "the key that was given"},
		"key in a file":    {[]string{"--key", file(t, "key", []byte(l.vkey+"\n"))}, cli.Good, "the key that was given"},
		"with another key": {[]string{"--key", newLog(t, 2, 1).vkey}, cli.Bad, "is bad: "},
		"with no key":      {[]string{"--key", "server.pub"}, cli.Misused, "--key"},
		"since a head":     {[]string{"--since", file(t, "kept", since)}, cli.Good, "grew out of the checkpoint of 30 events"},
		"since the same":   {[]string{"--since", file(t, "kept", other)}, cli.Good, "30 events"},
		"since a text":     {[]string{"--since", file(t, "kept", []byte("text"))}, cli.Bad, "is bad: "},
		"since nothing":    {[]string{"--since", path + ".away"}, cli.Misused, "--since"},
		"bytes only":       {[]string{"--bytes-only"}, cli.Good, "not compared"},
	} {
		r := clitest.Run(t, Verify(), "", append([]string{path}, c.args...)...)
		if r.Code != c.code || !strings.Contains(r.Out+r.Err, c.says) || (r.Out == "") != (c.code != cli.Good) {
			t.Errorf("%s: exit %d, %s%s", name, r.Code, r.Out, r.Err)
		}
	}
	if r := clitest.Run(t, Verify(), "", path+".away"); r.Code != cli.Misused {
		t.Errorf("no file: exit %d, %s", r.Code, r.Err)
	}
	for _, n := range []int{0, 1, len(whole) / 3, len(whole) - 1} {
		cut := file(t, "cut.summit", whole[:n])
		r := clitest.Run(t, Verify(), "", cut, "--json")
		var v Verdict
		if err := json.Unmarshal([]byte(r.Out), &v); r.Code != cli.Bad || err != nil || v.Good || v.Fault == nil || v.Fault.Reason == "" {
			t.Errorf("cut at %d: exit %d, %v, %s", n, r.Code, err, r.Out)
		}
	}
	var v Verdict
	if r := clitest.Run(t, Verify(), "", path, "--json", "--without-views"); json.Unmarshal([]byte(r.Out), &v) != nil || !v.Good || v.Size != 40 || v.Views != viewsNotCompared || v.Why == "" {
		t.Errorf("%s", r.Out)
	}
}

// A broken download leaves no file, and an existing file stays as it was.
func TestAnArchiveThatBreaksOffIsNotKept(t *testing.T) {
	whole := newLog(t, 1, 5).archived()
	for name, body := range map[string]string{"cut": string(whole[:len(whole)-9]), "a page": "<html>", "nothing": "", "refused": `403 {"detail":"not for you"}`} {
		f := clitest.Server(t, clitest.Answers{"GET /v1/summits/geneva/archive": body})
		path := file(t, "geneva.summit", []byte("what was there"))
		r := clitest.Run(t, Export(), "", "geneva", "-o", path, "--server", f.URL)
		if kept, err := os.ReadFile(path); r.Code != cli.Bad || err != nil || string(kept) != "what was there" {
			t.Errorf("%s: exit %d, %s, and there is %q, %v", name, r.Code, r.Err, kept, err)
		}
		if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
			t.Errorf("%s leaves %v, %v", name, left, err)
		}
	}
	f := clitest.Server(t, clitest.Answers{"GET /v1/summits/geneva/archive": string(whole)})
	path := filepath.Join(t.TempDir(), "geneva.summit")
	if r := clitest.Run(t, Export(), "", "geneva", "-o", path, "--server", f.URL); r.Code != cli.Good || !strings.Contains(r.Out, "5 events") {
		t.Errorf("exit %d, %s%s", r.Code, r.Out, r.Err)
	}
	if kept, err := os.ReadFile(path); err != nil || !bytes.Equal(kept, whole) {
		t.Errorf("another file was kept: %v", err)
	}
	var said struct {
		File, Summit string
		Size         int
	}
	if r := clitest.Run(t, Export(), "", "geneva", "-o", path, "--json", "--server", f.URL); json.Unmarshal([]byte(r.Out), &said) != nil || said.Size != 5 || said.Summit != "geneva" || said.File != path {
		t.Errorf("%s", r.Out)
	}
}

// A snapshot is kept only if the trusted key has signed it.
func TestASnapshotThatIsNotSignedIsNotKept(t *testing.T) {
	l := newLog(t, 1, 1)
	for name, c := range map[string]struct {
		body, key string
		code      int
	}{
		"no snapshot": {"nonsense", l.vkey, cli.Bad}, "nothing": {"", l.vkey, cli.Bad}, "refused": {`403 {"detail":"not for you"}`, l.vkey, cli.Bad}, "no key": {"x", "nonsense", cli.Bad},
	} {
		f := clitest.Server(t, clitest.Answers{"GET /v1/summits/geneva/snapshot": c.body, "GET /v1/key": c.key})
		path := filepath.Join(t.TempDir(), "geneva.snapshot")
		if r := clitest.Run(t, Snapshot(), "", "geneva", "-o", path, "--server", f.URL); r.Code != c.code || r.Out != "" {
			t.Errorf("%s: exit %d, %q, %s", name, r.Code, r.Out, r.Err)
		}
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s was kept", name)
		}
	}
	f := clitest.Server(t, clitest.Answers{})
	if r := clitest.Run(t, Snapshot(), "", "geneva", "--key", "server.pub", "--server", f.URL); r.Code != cli.Misused || len(f.Asked()) > 0 {
		t.Errorf("exit %d, %s, asked %q", r.Code, r.Err, f.Asked())
	}
}

// Restore writes what the archive holds. A bad archive restores nothing, and nothing is
// ever overwritten.
func TestALogIsRestoredOnce(t *testing.T) {
	l := newLog(t, 1, 20)
	whole := l.archived()
	path, data := file(t, "geneva.summit", whole), filepath.Join(t.TempDir(), "data")
	restore := func(args ...string) clitest.Ran {
		return clitest.Run(t, Restore(), "", append(args, "--data", data)...)
	}
	bad := bytes.Clone(whole)
	bad[len(bad)/2] ^= 1
	for name, r := range map[string]clitest.Ran{
		"spoiled": restore(file(t, "bad", bad)), "of another key": restore(path, "--key", newLog(t, 2, 1).vkey), "no archive": restore(file(t, "text", []byte("text"))),
	} {
		if _, err := os.Stat(data); r.Code != cli.Bad || err == nil || !strings.Contains(r.Err, "is bad") {
			t.Errorf("%s: exit %d, %s; the folder: %v", name, r.Code, r.Err, err)
		}
	}
	views := filepath.Join(data, "views", "geneva.db")
	if err := os.MkdirAll(filepath.Dir(views), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(views, []byte("what was seen"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := restore(path, "--key", l.vkey); r.Code != cli.Good || !strings.Contains(r.Out, "20 events were added") {
		t.Fatalf("exit %d, %s%s", r.Code, r.Out, r.Err)
	}
	if kept, err := os.ReadFile(views + ".before-restore-1"); err != nil || string(kept) != "what was seen" {
		t.Errorf("the views of before: %q, %v", kept, err)
	}
	if r := restore(path); r.Code != cli.Bad || !strings.Contains(r.Err, "--continue") {
		t.Errorf("again: exit %d, %s", r.Code, r.Err)
	}
	var said struct {
		Added    int
		Position string
	}
	if r := restore(path, "--continue", "--json"); r.Code != cli.Good || json.Unmarshal([]byte(r.Out), &said) != nil || said.Added != 0 || !strings.HasSuffix(said.Position, "-20") {
		t.Errorf("nothing was lacking: exit %d, %s%s", r.Code, r.Out, r.Err)
	}
	longer := file(t, "longer.summit", newLog(t, 1, 25).archived())
	if r := restore(longer, "--continue"); r.Code != cli.Good || !strings.Contains(r.Out, "5 events were added") {
		t.Errorf("more of it: exit %d, %s%s", r.Code, r.Out, r.Err)
	}
	if r := restore(path, "--continue"); r.Code == cli.Good {
		t.Errorf("less of it: %s", r.Out)
	}
}

func TestKeysAreMadeOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "server.key")
	r := clitest.Run(t, Keygen(), "", "--name", "host.example", "-o", path)
	if r.Code != cli.Good || !strings.HasPrefix(r.Out, "host.example+") {
		t.Fatalf("exit %d, %s%s", r.Code, r.Out, r.Err)
	}
	kept, err := os.ReadFile(path)
	if err != nil || strings.Contains(r.Out+r.Err, strings.TrimSpace(string(kept))) {
		t.Errorf("the secret was printed: %v", err)
	}
	if r := clitest.Run(t, Keygen(), "", "--name", "host.example", "-o", path); r.Code != cli.Bad || !strings.Contains(r.Err, "never written over") {
		t.Errorf("again: exit %d, %s", r.Code, r.Err)
	}
	if again, err := os.ReadFile(path); err != nil || !bytes.Equal(again, kept) {
		t.Error("the key was written over")
	}
	var said struct{ File, Key string }
	other := filepath.Join(t.TempDir(), "witness.key")
	if r := clitest.Run(t, Keygen(), "", "--witness", "--name", "witness.example", "--json", "-o", other); json.Unmarshal([]byte(r.Out), &said) != nil || said.File != other || !strings.HasPrefix(said.Key, "witness.example+") {
		t.Errorf("%s%s", r.Out, r.Err)
	}
	for _, name := range []string{"two words", "plus+sign", "a\x1b"} {
		if r := clitest.Run(t, Keygen(), "", "--name", name, "-o", filepath.Join(t.TempDir(), "key")); r.Code == cli.Good {
			t.Errorf("%q: %s", name, r.Out)
		}
	}
	if r := clitest.Run(t, Keygen(), "", "--nats", "-o", filepath.Join(t.TempDir(), "replicas.nk")); r.Code != cli.Good || !strings.HasPrefix(r.Out, "U") {
		t.Errorf("exit %d, %s%s", r.Code, r.Out, r.Err)
	}
}
