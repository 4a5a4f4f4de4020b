package proof

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/http/reading"
	"github.com/summit-timeline/summit/cmd/internal/http/reading/readingtest"
	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store/merkle"
	"github.com/summit-timeline/summit/store/merkle/merkletest"
)

type treeViews struct {
	readingtest.Views
	tiles merkletest.Tiles
}

func (v *treeViews) Tree(fn func(head events.Position, tiles merkle.Store) error) error {
	return fn(v.At, v.tiles)
}

func (v *treeViews) Proving(fn func(head events.Position, tiles merkle.Store) error) error {
	return v.Tree(fn)
}

func planted(t *testing.T, list ...string) *treeViews {
	t.Helper()
	v := &treeViews{tiles: merkletest.Tiles{}, Views: readingtest.Views{ID: "geneva", At: events.Position{Epoch: "0a0b0c0d", Seq: uint64(len(list))}}}
	tree, err := merkle.OpenTree(0, v.tiles)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		tree.Append(merkle.LeafHash([]byte(e)))
	}
	if err := tree.Flush(); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestAnInclusionIsProvedWithoutABroker(t *testing.T) {
	clock := func() time.Time { return time.Date(2025, 8, 15, 12, 0, 0, 0, time.UTC) }
	x := &Proof{Reader: &reading.Reader{Clock: clock, Scope: func(*http.Request) string { return "public" }}, Logger: slog.New(slog.DiscardHandler)}
	v := planted(t, "a", "b", "c", "d", "e")
	ask := func(query string) (*httptest.ResponseRecorder, error) {
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/v1/summits/geneva/proof/inclusion"+query, http.NoBody)
		return w, x.Inclusion(w, r, v)
	}
	w, err := ask("?seq=2&size=4")
	if err != nil {
		t.Fatal(err)
	}
	var p struct {
		Index, Size int64
		Leaf, Root  merkle.Hash
		Hashes      []merkle.Hash
	}
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	if err := merkle.VerifyInclusion(p.Hashes, p.Index, p.Size, p.Leaf, p.Root); err != nil || p.Leaf != merkle.LeafHash([]byte("b")) {
		t.Errorf("%s: %v", w.Body, err)
	}
	for _, query := range []string{"", "?seq=6", "?seq=3&size=2", "?seq=1&size=9", "?seq=0"} {
		if _, err := ask(query); err == nil || respond.ProblemOf(err).Status != http.StatusBadRequest {
			t.Errorf("%q: %v", query, err)
		}
	}
}
