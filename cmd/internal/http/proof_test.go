package httpserver_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/http/proof"
	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
	"github.com/summit-timeline/summit/cmd/internal/signing"
	"github.com/summit-timeline/summit/store/archive"
	"github.com/summit-timeline/summit/store/merkle"
)

const base = "/v1/summits/alaska-2025"

// opened reads a checkpoint with the key that the server publishes.
func (f *fixture) opened(path string) merkle.Checkpoint {
	f.Helper()
	key := strings.TrimSpace(f.Get(base + "/key").Want(http.StatusOK).Body)
	v, err := merkle.ParseVerifier(key)
	f.Must(err)
	r := f.Get(path).Want(http.StatusOK)
	if r.Header.Get("Content-Type") != proof.NoteType {
		f.Errorf("%s is %s", path, r.Header.Get("Content-Type"))
	}
	c, _, err := merkle.Open([]byte(r.Body), v)
	f.Must(err)
	return c
}

func TestCheckpointsAtEverySize(t *testing.T) {
	f := newFixture(t)
	n := int64(len(f.Alaska()))
	head := f.opened(base + "/checkpoint")
	if head.Size != n || head.Origin != "host.example/summits/alaska-2025" {
		t.Errorf("the head is %+v", head)
	}
	acc := merkle.NewAccumulator()
	for i, line := range strings.SplitAfter(strings.TrimSuffix(f.Get(base+"/log").Body, "\n"), "\n") {
		f.Must(acc.AppendEntry([]byte(strings.TrimSuffix(line, "\n"))))
		want, err := acc.Root()
		f.Must(err)
		if c := f.opened(fmt.Sprintf("%s/checkpoint?size=%d", base, i+1)); c.Root != want || c.Size != int64(i+1) {
			t.Errorf("at %d: %+v, want %s", i+1, c, want)
		}
	}
	if acc.Size() != n {
		t.Errorf("the log has %d events", acc.Size())
	}
	server := strings.TrimSpace(f.Get("/v1/key").Want(http.StatusOK).Body)
	logKey, err := merkle.RenameKey(server, head.Origin)
	f.Must(err)
	if got := strings.TrimSpace(f.Get(base + "/key").Body); got != logKey {
		t.Errorf("the log's key is %s, want %s", got, logKey)
	}
}

func TestProofsHold(t *testing.T) {
	f := newFixture(t)
	n := int64(len(f.Alaska()))
	for size := int64(1); size <= n; size += 5 {
		head := f.opened(fmt.Sprintf("%s/checkpoint?size=%d", base, size))
		for seq := int64(1); seq <= size; seq += 3 {
			var p struct {
				Position    string
				Index, Size int64
				Leaf, Root  merkle.Hash
				Hashes      []merkle.Hash
			}
			f.Get(fmt.Sprintf("%s/proof/inclusion?seq=%d&size=%d", base, seq, size)).Want(http.StatusOK).Into(&p)
			if p.Index != seq-1 || p.Size != size || p.Root != head.Root || p.Position == "" {
				t.Errorf("inclusion of %d in %d: %+v", seq, size, p)
			}
			f.Must(merkle.VerifyInclusion(p.Hashes, p.Index, size, p.Leaf, head.Root))
			var c struct {
				From, To         int64
				RootFrom, RootTo merkle.Hash
				Hashes           []merkle.Hash
			}
			r := f.Get(fmt.Sprintf("%s/proof/consistency?from=%d&to=%d", base, seq, size)).Want(http.StatusOK)
			r.Body = strings.ReplaceAll(r.Body, "root_", "root")
			r.Into(&c)
			f.Must(merkle.VerifyConsistency(c.Hashes, seq, size, f.opened(fmt.Sprintf("%s/checkpoint?size=%d", base, seq)).Root, head.Root))
		}
	}
}

func TestBadProofRequestsNameTheParameter(t *testing.T) {
	f := newFixture(t)
	f.Alaska()
	for path, pointers := range map[string]string{
		"/proof/inclusion": "seq", "/proof/inclusion?seq=0": "seq", "/proof/inclusion?seq=x": "seq", "/proof/inclusion?seq=27": "seq",
		"/proof/inclusion?seq=3&size=2": "seq", "/proof/inclusion?seq=3&size=27": "size", "/proof/inclusion?seq=3&size=-1": "size",
		"/proof/inclusion?seq=9223372036854775808": "seq", "/proof/inclusion?seq=1&seq=2": "seq", "/proof/inclusion?seq=1&sise=2": "sise",
		"/proof/consistency": "from", "/proof/consistency?from=0": "from", "/proof/consistency?from=1&to=27": "to",
		"/proof/consistency?from=5&to=4": "from", "/proof/consistency?from=27": "from",
		"/checkpoint?size=0": "size", "/checkpoint?size=27": "size", "/checkpoint?size=9223372036854775807": "size", "/checkpoint?size=1.0": "size",
	} {
		if p := f.Get(base + path).Problem(http.StatusBadRequest); p.Pointers() != pointers {
			t.Errorf("%s: %s", path, p.Pointers())
		}
	}
	for _, path := range []string{"/checkpoint", "/key", "/archive", "/tile/0/000.p/1", "/proof/inclusion?seq=1"} {
		f.Get("/v1/summits/nowhere" + path).Problem(http.StatusNotFound)
	}
}

func TestTilesAreThoseOfTheTreeAndNeverChange(t *testing.T) {
	f := newFixture(t)
	n := len(f.Alaska())
	for _, w := range []int{1, 7, n} {
		r := f.Get(fmt.Sprintf("%s/tile/entries/000.p/%d", base, w)).Want(http.StatusOK)
		entries, err := merkle.ParseEntries([]byte(r.Body), w)
		f.Must(err)
		h := f.Get(fmt.Sprintf("%s/tile/0/000.p/%d", base, w)).Want(http.StatusOK)
		for i, e := range entries {
			if leaf := merkle.LeafHash(e); !bytes.Equal(leaf[:], []byte(h.Body)[i*32:(i+1)*32]) {
				t.Errorf("hash %d of %d is another", i, w)
			}
		}
		for _, r := range []servertest.Reply{r, h} {
			if !strings.Contains(r.Header.Get("Cache-Control"), "immutable") || r.Header.Get("Content-Type") != "application/octet-stream" {
				t.Errorf("%s: %v", r.What, r.Header)
			}
		}
	}
	for _, path := range []string{
		"0/000", fmt.Sprintf("0/000.p/%d", n+1), "0/001.p/1", "1/000.p/1", "entries/000", fmt.Sprintf("entries/000.p/%d", n+1), "entries/001.p/1",
		"0/0", "x/000", "0/000.p/0", "0/000.p/256", "64/000", "entries/x001/000.p/5", "",
	} {
		f.Get(base + "/tile/" + path).Problem(http.StatusNotFound)
	}
}

func TestTheArchiveIsThatOfTheServer(t *testing.T) {
	f := newFixture(t)
	n := int64(len(f.Alaska()))
	r := f.Get(base + "/archive").Want(http.StatusOK)
	a, err := archive.Open(strings.NewReader(r.Body), int64(len(r.Body)))
	f.Must(err)
	report, err := a.Verify(context.Background(), archive.Options{Key: f.Notary.Key()})
	f.Must(err)
	if report.Size != n || report.Position != f.Head("alaska-2025").String() || r.Header.Get("Summit-Position") != report.Position || report.Software != "test" || report.Revision != "unknown" {
		t.Errorf("%+v", report)
	}
	s, _ := f.Registry.Summit("alaska-2025")
	_, version, tables, err := s.Views.Digests(context.Background())
	f.Must(err)
	if v := a.Manifest.Views; v.Version != version || len(v.Tables) != len(tables) || v.Tables[3].Sum != tables[3].Sum {
		t.Errorf("the views are %+v", v)
	}
	f.Open("empty")
	s, _ = f.Registry.Summit("empty")
	f.Must(s.Views.Wait(context.Background(), 1))
	f.Get("/v1/summits/empty/archive").Want(http.StatusOK)
}

func TestARefusedHeadIsToldByReadyz(t *testing.T) {
	f := newFixture(t)
	f.Alaska()
	f.Get(base + "/checkpoint").Want(http.StatusOK)
	f.Get("/readyz").Want(http.StatusOK)
	s, _ := f.Registry.Summit("alaska-2025")
	// The same notary, asked to sign a log that went backwards.
	shorter := signing.Source{Log: short{s.Log}, Tree: s.Views.Tree, Wait: s.Views.Wait}
	f.Record("alaska-2025", servertest.Note("more", "more"))
	if _, err := f.Notary.Head(context.Background(), shorter); err == nil {
		t.Fatal("it was signed")
	}
	if r := f.Get("/readyz").Want(http.StatusServiceUnavailable); !strings.Contains(r.Body, "refused to sign") {
		t.Errorf("%s", r.Body)
	}
	f.Get(base + "/checkpoint").Want(http.StatusOK)
	f.Get("/readyz").Want(http.StatusOK)
}
