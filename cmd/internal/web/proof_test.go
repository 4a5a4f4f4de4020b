package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/signing"
	"github.com/summit-timeline/summit/store/archive"
	"github.com/summit-timeline/summit/store/merkle"
)

const base = "/v1/summits/alaska-2025"

// opened reads a checkpoint with the key that the server publishes.
func (f *fixture) opened(path string) merkle.Checkpoint {
	f.Helper()
	key := strings.TrimSpace(f.get(base + "/key").want(http.StatusOK).body)
	v, err := merkle.ParseVerifier(key)
	f.must(err)
	r := f.get(path).want(http.StatusOK)
	if r.header.Get("Content-Type") != noteType {
		f.Errorf("%s is %s", path, r.header.Get("Content-Type"))
	}
	c, _, err := merkle.Open([]byte(r.body), v)
	f.must(err)
	return c
}

func TestCheckpointsAtEverySize(t *testing.T) {
	f := newFixture(t)
	n := int64(len(f.alaska()))
	head := f.opened(base + "/checkpoint")
	if head.Size != n || head.Origin != "host.example/summits/alaska-2025" {
		t.Errorf("the head is %+v", head)
	}
	acc := merkle.NewAccumulator()
	for i, line := range strings.SplitAfter(strings.TrimSuffix(f.get(base+"/log").body, "\n"), "\n") {
		f.must(acc.AppendEntry([]byte(strings.TrimSuffix(line, "\n"))))
		want, err := acc.Root()
		f.must(err)
		if c := f.opened(fmt.Sprintf("%s/checkpoint?size=%d", base, i+1)); c.Root != want || c.Size != int64(i+1) {
			t.Errorf("at %d: %+v, want %s", i+1, c, want)
		}
	}
	if acc.Size() != n {
		t.Errorf("the log has %d events", acc.Size())
	}
	server := strings.TrimSpace(f.get("/v1/key").want(http.StatusOK).body)
	logKey, err := merkle.RenameKey(server, head.Origin)
	f.must(err)
	if got := strings.TrimSpace(f.get(base + "/key").body); got != logKey {
		t.Errorf("the log's key is %s, want %s", got, logKey)
	}
}

func TestProofsHold(t *testing.T) {
	f := newFixture(t)
	n := int64(len(f.alaska()))
	for size := int64(1); size <= n; size += 5 {
		head := f.opened(fmt.Sprintf("%s/checkpoint?size=%d", base, size))
		for seq := int64(1); seq <= size; seq += 3 {
			var p struct {
				Position    string
				Index, Size int64
				Leaf, Root  merkle.Hash
				Hashes      []merkle.Hash
			}
			f.get(fmt.Sprintf("%s/proof/inclusion?seq=%d&size=%d", base, seq, size)).want(http.StatusOK).into(&p)
			if p.Index != seq-1 || p.Size != size || p.Root != head.Root || p.Position == "" {
				t.Errorf("inclusion of %d in %d: %+v", seq, size, p)
			}
			f.must(merkle.VerifyInclusion(p.Hashes, p.Index, size, p.Leaf, head.Root))
			var c struct {
				From, To         int64
				RootFrom, RootTo merkle.Hash
				Hashes           []merkle.Hash
			}
			r := f.get(fmt.Sprintf("%s/proof/consistency?from=%d&to=%d", base, seq, size)).want(http.StatusOK)
			r.body = strings.ReplaceAll(r.body, "root_", "root")
			r.into(&c)
			f.must(merkle.VerifyConsistency(c.Hashes, seq, size, f.opened(fmt.Sprintf("%s/checkpoint?size=%d", base, seq)).Root, head.Root))
		}
	}
}

func TestBadProofRequestsNameTheParameter(t *testing.T) {
	f := newFixture(t)
	f.alaska()
	for path, pointers := range map[string]string{
		"/proof/inclusion": "seq", "/proof/inclusion?seq=0": "seq", "/proof/inclusion?seq=x": "seq", "/proof/inclusion?seq=27": "seq",
		"/proof/inclusion?seq=3&size=2": "seq", "/proof/inclusion?seq=3&size=27": "size", "/proof/inclusion?seq=3&size=-1": "size",
		"/proof/inclusion?seq=9223372036854775808": "seq", "/proof/inclusion?seq=1&seq=2": "seq", "/proof/inclusion?seq=1&sise=2": "sise",
		"/proof/consistency": "from", "/proof/consistency?from=0": "from", "/proof/consistency?from=1&to=27": "to",
		"/proof/consistency?from=5&to=4": "from", "/proof/consistency?from=27": "from",
		"/checkpoint?size=0": "size", "/checkpoint?size=27": "size", "/checkpoint?size=9223372036854775807": "size", "/checkpoint?size=1.0": "size",
	} {
		if p := f.get(base + path).problem(http.StatusBadRequest); p.pointers() != pointers {
			t.Errorf("%s: %s", path, p.pointers())
		}
	}
	for _, path := range []string{"/checkpoint", "/key", "/archive", "/tile/0/000.p/1", "/proof/inclusion?seq=1"} {
		f.get("/v1/summits/nowhere" + path).problem(http.StatusNotFound)
	}
}

func TestTilesAreThoseOfTheTreeAndNeverChange(t *testing.T) {
	f := newFixture(t)
	n := len(f.alaska())
	for _, w := range []int{1, 7, n} {
		r := f.get(fmt.Sprintf("%s/tile/entries/000.p/%d", base, w)).want(http.StatusOK)
		entries, err := merkle.ParseEntries([]byte(r.body), w)
		f.must(err)
		h := f.get(fmt.Sprintf("%s/tile/0/000.p/%d", base, w)).want(http.StatusOK)
		for i, e := range entries {
			if leaf := merkle.LeafHash(e); !bytes.Equal(leaf[:], []byte(h.body)[i*32:(i+1)*32]) {
				t.Errorf("hash %d of %d is another", i, w)
			}
		}
		for _, r := range []reply{r, h} {
			if !strings.Contains(r.header.Get("Cache-Control"), "immutable") || r.header.Get("Content-Type") != "application/octet-stream" {
				t.Errorf("%s: %v", r.what, r.header)
			}
		}
	}
	for _, path := range []string{
		"0/000", fmt.Sprintf("0/000.p/%d", n+1), "0/001.p/1", "1/000.p/1", "entries/000", fmt.Sprintf("entries/000.p/%d", n+1), "entries/001.p/1",
		"0/0", "x/000", "0/000.p/0", "0/000.p/256", "64/000", "entries/x001/000.p/5", "",
	} {
		f.get(base + "/tile/" + path).problem(http.StatusNotFound)
	}
}

func TestTheArchiveIsThatOfTheServer(t *testing.T) {
	f := newFixture(t)
	n := int64(len(f.alaska()))
	r := f.get(base + "/archive").want(http.StatusOK)
	a, err := archive.Open(strings.NewReader(r.body), int64(len(r.body)))
	f.must(err)
	report, err := a.Verify(context.Background(), archive.Options{Key: f.notary.Key()})
	f.must(err)
	if report.Size != n || report.Position != f.head("alaska-2025").String() || r.header.Get("Summit-Position") != report.Position || report.Software != "test" || report.Revision != "unknown" {
		t.Errorf("%+v", report)
	}
	s, _ := f.host.Summit("alaska-2025")
	_, version, tables, err := s.Views.Digests(context.Background())
	f.must(err)
	if v := a.Manifest.Views; v.Version != version || len(v.Tables) != len(tables) || v.Tables[3].Sum != tables[3].Sum {
		t.Errorf("the views are %+v", v)
	}
	f.open("empty")
	s, _ = f.host.Summit("empty")
	f.must(s.Views.Wait(context.Background(), 1))
	f.get("/v1/summits/empty/archive").want(http.StatusOK)
}

func TestARefusedHeadIsToldByReadyz(t *testing.T) {
	f := newFixture(t)
	f.alaska()
	f.get(base + "/checkpoint").want(http.StatusOK)
	f.get("/readyz").want(http.StatusOK)
	s, _ := f.host.Summit("alaska-2025")
	// The same notary, asked to sign a log that went backwards.
	shorter := signing.Source{Log: short{s.Log}, Tree: s.Views.Tree, Wait: s.Views.Wait}
	f.record("alaska-2025", note("more", "more"))
	if _, err := f.notary.Head(context.Background(), shorter); err == nil {
		t.Fatal("it was signed")
	}
	if r := f.get("/readyz").want(http.StatusServiceUnavailable); !strings.Contains(r.body, "refused to sign") {
		t.Errorf("%s", r.body)
	}
	f.get(base + "/checkpoint").want(http.StatusOK)
	f.get("/readyz").want(http.StatusOK)
}
