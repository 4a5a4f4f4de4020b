package main

import (
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/server"
	"github.com/summit-timeline/summit/store/logtest"
	"github.com/summit-timeline/summit/store/merkle"
)

const origin = "test.example.org/summits/" + staged

// resigning stands before a server and signs what it serves, as another might
// sign it: forge may change each checkpoint before it is signed.
type resigning struct {
	*served
	skey, vkey string
	forge      func(c *merkle.Checkpoint)
}

func newResigning(t testing.TB) *resigning {
	t.Helper()
	skey, vkey, err := merkle.GenerateKey(rand.Reader, "test.example.org")
	if err != nil {
		t.Fatal(err)
	}
	return &resigning{skey: skey, vkey: vkey}
}

// before puts itself before a server, for as long as fn takes.
func (g *resigning) before(x *served, fn func()) {
	x.Helper()
	target, err := url.Parse(x.url)
	x.must(err)
	proxy := httputil.NewSingleHostReverseProxy(target)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/checkpoint") {
			proxy.ServeHTTP(w, r)
			return
		}
		size, _ := strconv.ParseInt(r.FormValue("size"), 10, 64)
		_, _ = w.Write(g.checkpoint(x.url, size))
	}))
	defer front.Close()
	g.served = &served{stage: x.stage, url: front.URL, log: x.log}
	fn()
}

// checkpoint signs the first events that a server has.
func (g *resigning) checkpoint(server string, size int64) []byte {
	res, err := http.Get(fmt.Sprintf("%s/v1/summits/%s/log?to=%d", server, staged, size))
	g.must(err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	g.must(err)
	tree := merkle.NewAccumulator()
	for line := range strings.Lines(string(b)) {
		g.must(tree.AppendEntry([]byte(strings.TrimSuffix(line, "\n"))))
	}
	root, err := tree.Root()
	g.must(err)
	c := merkle.Checkpoint{Origin: origin, Size: tree.Size(), Root: root}
	if g.forge != nil {
		g.forge(&c)
	}
	return g.sign(c)
}

// sign signs as the log, whose key is the server's under another name.
func (g *resigning) sign(c merkle.Checkpoint) []byte {
	signer, err := merkle.NewLogSigner(g.skey, c.Origin)
	g.must(err)
	signed, err := merkle.Sign(c, signer)
	g.must(err)
	return signed
}

func (g *resigning) found(want audited, args ...string) {
	g.Helper()
	for _, f := range g.audit(false, args...).Findings {
		if f.Check == want.check && f.Seq == want.at {
			return
		}
	}
	g.Errorf("the audit %v did not find %+v", args, want)
}

func TestAnAuditSinceACheckpoint(t *testing.T) {
	s := newStage(t, 150, 0)
	older := filepath.Join(t.TempDir(), "nats")
	s.must(os.CopyFS(older, os.DirFS(filepath.Join(s.dir, "nats"))))
	g := newResigning(t)
	dir := t.TempDir()
	kept, key, elsewhere := filepath.Join(dir, "kept"), filepath.Join(dir, "key"), filepath.Join(dir, "elsewhere")
	s.must(os.WriteFile(key, []byte(g.vkey+"\n"), 0o600))
	since := []string{"--since", kept, "--key", key}
	s.serve(server.ScrubOptions{}, func(x *served) {
		g.before(x, func() {
			r := g.audit(true, "--save", kept, "--key", key)
			if c := r.Checkpoint; c == nil || !c.Verified || c.Size != 150 || c.Origin != origin {
				t.Errorf("checkpoint %+v", c)
			}
			g.audit(true, since...)
			g.audit(true, "--since", kept) // unverified
		})
	})
	s.grow(logtest.Notes(staged, 151, 50))
	s.serve(server.ScrubOptions{}, func(x *served) {
		x.reach(200)
		g.before(x, func() {
			if r := g.audit(true, since...); r.Since == nil || r.Since.Size != 150 || r.Checkpoint.Size != 200 {
				t.Errorf("since %+v, now %+v", r.Since, r.Checkpoint)
			}
			g.liars(t, s, since, elsewhere)
		})
	})
	// The operator restores an older copy and makes the views again: nothing but
	// the checkpoint that somebody kept tells.
	s.serve(server.ScrubOptions{}, func(x *served) {
		g.before(x, func() { g.audit(true, "--save", kept, "--key", key) })
	})
	s.must(os.RemoveAll(filepath.Join(s.dir, "nats")))
	s.must(os.RemoveAll(filepath.Join(s.dir, "views")))
	s.must(os.CopyFS(filepath.Join(s.dir, "nats"), os.DirFS(older)))
	s.serve(server.ScrubOptions{}, func(x *served) {
		x.reach(150)
		g.before(x, func() {
			g.audit(true, "--key", key)
			g.found(audited{"since", 151, ""}, since...)
		})
	})
	s.grow(logtest.Notes(staged, 1000, 60))
	s.serve(server.ScrubOptions{}, func(x *served) {
		x.reach(210)
		g.before(x, func() {
			g.audit(true, "--key", key)
			g.found(audited{"since", 0, ""}, since...)
		})
	})
}

// liars signs what is not so.
func (g *resigning) liars(t *testing.T, s *stage, since []string, file string) {
	for _, c := range []struct {
		name  string
		forge func(c *merkle.Checkpoint)
		want  audited
	}{
		{"another root", func(c *merkle.Checkpoint) { c.Root[0] ^= 1 }, audited{"checkpoint", 0, ""}},
		{"stale", func(c *merkle.Checkpoint) { c.Size = 150 }, audited{"checkpoint", 151, ""}},
		{"of another log", func(c *merkle.Checkpoint) { c.Origin = "test.example.org/summits/vienna" }, audited{"checkpoint", 0, ""}},
		{"of a server of another name", func(c *merkle.Checkpoint) { c.Origin = "other.example.org/summits/" + staged }, audited{"since", 0, ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g.forge = c.forge
			g.found(c.want, since...)
			g.forge = nil
		})
	}
	t.Run("by another key", func(t *testing.T) {
		other := newResigning(t)
		g.found(audited{"checkpoint", 0, ""}, "--key", other.vkey)
	})
	t.Run("kept, and changed", func(t *testing.T) {
		b, err := os.ReadFile(since[1])
		s.must(err)
		s.must(os.WriteFile(file, []byte(strings.Replace(string(b), "\n150\n", "\n149\n", 1)), 0o600))
		if code, _ := g.verb("audit", staged, "--since", file, "--key", g.vkey); code != cli.Bad {
			t.Errorf("exit %d", code)
		}
		g.found(audited{"since", 0, ""}, "--since", file) // without a key its size and root disagree
		s.must(os.WriteFile(file, []byte("no checkpoint\n"), 0o600))
		if code, _ := g.verb("audit", staged, "--since", file); code != cli.Bad {
			t.Errorf("exit %d", code)
		}
	})
}
