package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/verbs/proof"
)

// do runs a verb in the process.
func do(t *testing.T, want int, args ...string) (out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	if got := run(args, cli.Streams{In: strings.NewReader(""), Out: &o, Err: &e}); got != want {
		t.Fatalf("%v: exit %d, want %d: %s%s", args, got, want, &o, &e)
	}
	return o.String(), e.String()
}

func (p *process) text(t *testing.T, path string) string {
	t.Helper()
	res, err := http.Get(p.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %s %v", path, res.Status, b, err)
	}
	return string(b)
}

// many records notes and waits until they are served.
func (p *process) many(t *testing.T, word string, n int) {
	t.Helper()
	var list []string
	for i := range n {
		list = append(list, noteEvent(fmt.Sprintf("%s-%d", word, i), fmt.Sprint(word, " ", i)))
	}
	status, a := p.post(t, alaska+"/facts", "application/cloudevents-batch+json", "["+strings.Join(list, ",")+"]")
	if status != http.StatusCreated {
		t.Fatal(status, a)
	}
	last := a["results"].([]any)[n-1].(map[string]any)["position"].(string)
	p.text(t, alaska+"?min="+last)
}

const alaska = "/v1/summits/alaska-2025"

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestALogIsExportedVerifiedAndRestored(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, filepath.Join(dir, "a"), "--name", "host.example")
	p.many(t, "many", 600)
	file := filepath.Join(dir, "a.summit")
	out, _ := do(t, cli.Good, "export", "alaska-2025", "-o", file, "--server", p.url)
	if !strings.Contains(out, "626 events") {
		t.Errorf("export: %s", out)
	}
	key := write(t, filepath.Join(dir, "vkey"), p.text(t, "/v1/key"))
	kept := write(t, filepath.Join(dir, "kept"), p.text(t, alaska+"/checkpoint?size=100"))
	out, _ = do(t, cli.Good, "verify", file, "--key", key, "--since", kept, "--json")
	var v proof.Verdict
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		t.Fatal(err)
	}
	if !v.Good || v.Size != 626 || v.Since != 100 || v.Views != proof.ViewsSame || !v.KeyGiven || v.Fault != nil {
		t.Errorf("verify: %s", out)
	}
	log, head := p.text(t, alaska+"/log"), p.text(t, alaska+"/checkpoint")

	// Existing files are not overwritten, in use or not.
	_, errs := do(t, cli.Bad, "restore", file, "--data", filepath.Join(dir, "a"))
	if !strings.Contains(errs, "another process") {
		t.Errorf("restore while in use: %s", errs)
	}
	p.end(t, syscall.SIGTERM)
	_, errs = do(t, cli.Bad, "restore", file, "--data", filepath.Join(dir, "a"))
	if !strings.Contains(errs, "--continue") {
		t.Errorf("restore over a log: %s", errs)
	}

	b := filepath.Join(dir, "b")
	do(t, cli.Good, "restore", file, "--data", b, "--key", key)
	p = start(t, b, "--key", filepath.Join(dir, "a", "key"))
	p.text(t, alaska+"?min="+v.Position)
	if again := p.text(t, alaska+"/log"); again != log {
		t.Error("the restored log has other bytes")
	}
	if again := p.text(t, alaska+"/checkpoint"); again != head {
		t.Errorf("the restored log has the head %s, want %s", again, head)
	}
	p.many(t, "after", 2)

	// A restoring that was cut off is gone on with, and only if it is told.
	longer := filepath.Join(dir, "longer.summit")
	do(t, cli.Good, "export", "alaska-2025", "-o", longer, "--server", p.url)
	p.end(t, syscall.SIGKILL)
	c := filepath.Join(dir, "c")
	do(t, cli.Good, "restore", file, "--data", c)
	do(t, cli.Bad, "restore", longer, "--data", c)
	out, _ = do(t, cli.Good, "restore", longer, "--data", c, "--continue")
	if !strings.Contains(out, "2 events were added") {
		t.Errorf("restore --continue: %s", out)
	}
	do(t, cli.Bad, "restore", file, "--data", c, "--continue")
}

func TestBadArchivesAreTold(t *testing.T) {
	dir := t.TempDir()
	p := start(t, filepath.Join(dir, "a"), "--name", "host.example")
	file, since := filepath.Join(dir, "a.summit"), filepath.Join(dir, "since")
	do(t, cli.Good, "export", "alaska-2025", "-o", file, "--server", p.url)
	p.many(t, "later", 1)
	write(t, since, p.text(t, alaska+"/checkpoint"))
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	other, _ := do(t, cli.Good, "keygen", "--name", "host.example", "-o", filepath.Join(dir, "other.key"))
	flipped := bytes.Clone(good)
	flipped[len(flipped)/2] ^= 8
	for name, args := range map[string][]string{
		"flipped": {write(t, filepath.Join(dir, "flipped"), string(flipped))}, "cut": {write(t, filepath.Join(dir, "cut"), string(good[:len(good)-1]))},
		"wrong key": {file, "--key", strings.TrimSpace(other)}, "stale": {file, "--since", since},
		"empty": {write(t, filepath.Join(dir, "empty"), "")}, "cut before restoring": {filepath.Join(dir, "cut")},
	} {
		verb := "verify"
		if strings.HasSuffix(name, "restoring") {
			verb, args = "restore", append(args, "--data", filepath.Join(dir, "new"))
		}
		if _, errs := do(t, cli.Bad, append([]string{verb}, args...)...); !strings.Contains(errs, "is bad") {
			t.Errorf("%s: %s", name, errs)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "new")); err == nil {
		t.Error("a bad archive was begun to be restored")
	}
	out, _ := do(t, cli.Bad, "verify", filepath.Join(dir, "flipped"), "--json")
	var v proof.Verdict
	if err := json.Unmarshal([]byte(out), &v); err != nil || v.Good || v.Fault == nil {
		t.Errorf("%s %v", out, err)
	}
	do(t, cli.Misused, "verify", filepath.Join(dir, "nowhere"))
	do(t, cli.Misused, "verify", file, "--key", "nowhere")
	do(t, cli.Bad, "export", "nowhere", "-o", filepath.Join(dir, "half"), "--server", p.url)
	do(t, cli.Unreachable, "export", "alaska-2025", "-o", filepath.Join(dir, "half"), "--server", "http://127.0.0.1:1")
	left, err := filepath.Glob(filepath.Join(dir, "*half*"))
	hidden, hiddenErr := filepath.Glob(filepath.Join(dir, ".*half*"))
	if err != nil || hiddenErr != nil || len(left)+len(hidden) > 0 {
		t.Errorf("left behind: %v %v", left, hidden)
	}
}

func TestAKeyIsMadeOnceAndIsSecret(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "key")
	out, _ := do(t, cli.Good, "keygen", "--name", "host.example", "-o", path)
	if !strings.HasPrefix(out, "host.example+") {
		t.Errorf("keygen: %s", out)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	before, _ := os.ReadFile(path)
	_, errs := do(t, cli.Bad, "keygen", "--name", "host.example", "-o", path)
	after, _ := os.ReadFile(path)
	if !bytes.Equal(before, after) || strings.Contains(errs, string(before)) {
		t.Errorf("the key was written over, or told: %s", errs)
	}
	do(t, cli.Bad, "keygen", "--name", "a name", "-o", filepath.Join(dir, "other"))
	do(t, cli.Misused, "serve", "--data", filepath.Join(dir, "d"), "--key", path, "--name", "other.example", "--addr", "127.0.0.1:0", "--nats-listen", "off")
}

// A verifier that shares no code with this module reads the log and the
// archive, and finds what was changed.
func TestAnOutsiderAgrees(t *testing.T) {
	dir := t.TempDir()
	outsider := filepath.Join(dir, "outsider")
	if out, err := command(t, "go", "build", "-o", outsider, "../summit-verify").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	deps, err := command(t, "go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "../summit-verify").Output()
	if err != nil || strings.TrimSpace(string(deps)) != module+"cmd/summit-verify" {
		t.Errorf("the outsider shares code: %s (%v)", deps, err)
	}
	p := start(t, filepath.Join(dir, "a"), "--name", "host.example")
	p.many(t, "many", 700)
	key := strings.TrimSpace(p.text(t, alaska+"/key"))
	file := filepath.Join(dir, "a.summit")
	do(t, cli.Good, "export", "alaska-2025", "-o", file, "--server", p.url)
	var v proof.Verdict
	out, _ := do(t, cli.Good, "verify", file, "--json", "--without-views")
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("good 726 %s\n", v.Root)
	for _, what := range []string{file, p.url + alaska} {
		if out, err := command(t, outsider, key, what).CombinedOutput(); err != nil || string(out) != want {
			t.Errorf("%s: %s (%v), want %s", what, out, err, want)
		}
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if out, err := command(t, outsider, key, write(t, filepath.Join(dir, "flipped"), string(b))).CombinedOutput(); err == nil {
		t.Errorf("a flipped bit: %s", out)
	}
	if out, err := command(t, outsider, strings.TrimSpace(p.text(t, "/v1/key")), file).CombinedOutput(); err == nil {
		t.Errorf("another key: %s", out)
	}
}

func TestAWitnessShowsASplitView(t *testing.T) {
	dir := t.TempDir()
	a := start(t, filepath.Join(dir, "a"), "--name", "host.example")
	key := write(t, filepath.Join(dir, "vkey"), a.text(t, "/v1/key"))
	wkey, _ := do(t, cli.Good, "keygen", "--witness", "--name", "witness.example", "-o", filepath.Join(dir, "witness.key"))
	watch := func(want int, url string) (string, string) {
		t.Helper()
		return do(t, want, "witness", "alaska-2025", "--log-key", key, "--key", filepath.Join(dir, "witness.key"), "--state", filepath.Join(dir, "state"), "--once", "--server", url)
	}
	first, _ := watch(cli.Good, a.url)
	if !strings.Contains(first, "\n26\n") || !strings.Contains(first, "— witness.example ") || !strings.HasPrefix(wkey, "witness.example+") {
		t.Errorf("%s %s", first, wkey)
	}
	file := filepath.Join(dir, "a.summit")
	do(t, cli.Good, "export", "alaska-2025", "-o", file, "--server", a.url)
	a.many(t, "one", 3)
	second, _ := watch(cli.Good, a.url)
	if !strings.Contains(second, "\n29\n") {
		t.Errorf("%s", second)
	}
	// The same key signs another history of the same beginning.
	do(t, cli.Good, "restore", file, "--data", filepath.Join(dir, "b"))
	b := start(t, filepath.Join(dir, "b"), "--key", filepath.Join(dir, "a", "key"))
	_, errs := watch(cli.Bad, b.url) // rolled back
	for _, n := range []int{3, 4} {  // a fork of the same size, and grown on
		b.many(t, fmt.Sprint("other", n), n)
		_, errs = watch(cli.Bad, b.url)
		if !strings.Contains(errs, "split view") || strings.Count(errs, "host.example/summits/alaska-2025\n") != 2 {
			t.Errorf("%s", errs)
		}
	}
	if !strings.Contains(errs, "\n29\n") || !strings.Contains(errs, "\n33\n") {
		t.Errorf("the two heads are not shown: %s", errs)
	}
	// The cosigned head is one to verify an archive with.
	since := write(t, filepath.Join(dir, "since"), second)
	do(t, cli.Good, "export", "alaska-2025", "-o", file, "--server", a.url)
	do(t, cli.Good, "verify", file, "--key", key, "--since", since)
	do(t, cli.Good, "export", "alaska-2025", "-o", file, "--server", b.url)
	do(t, cli.Bad, "verify", file, "--key", key, "--since", since)
	watch(cli.Good, a.url)
	watch(cli.Unreachable, "http://127.0.0.1:1")
}

// Without its last signed head a server could sign a second history.
func TestARollbackIsNotSigned(t *testing.T) {
	dir := t.TempDir()
	data, file := filepath.Join(dir, "a"), filepath.Join(dir, "a.summit")
	p := start(t, data)
	do(t, cli.Good, "export", "alaska-2025", "-o", file, "--server", p.url)
	p.many(t, "lost", 5)
	p.text(t, alaska+"/checkpoint")
	p.end(t, syscall.SIGTERM)
	for _, part := range []string{"nats", "views"} {
		if err := os.RemoveAll(filepath.Join(data, part)); err != nil {
			t.Fatal(err)
		}
	}
	do(t, cli.Good, "restore", file, "--data", data)
	p = start(t, data)
	var a map[string]any
	if status := p.get(t, alaska+"/checkpoint", &a); status != http.StatusServiceUnavailable || !strings.Contains(fmt.Sprint(a["detail"]), "rolled back") {
		t.Errorf("%d %v", status, a)
	}
	if status := p.get(t, "/readyz", &a); status != http.StatusServiceUnavailable || !strings.Contains(fmt.Sprint(a["reasons"]), "refused to sign") {
		t.Errorf("%d %v", status, a)
	}
}
