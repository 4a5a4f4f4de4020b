package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/cmd/internal/http/reading"
	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/events"
)

// maxSummits is the most summits of a page of the list.
const maxSummits = 1000

// ListParams are the parameters of the list of summits.
var ListParams = []string{"q", "limit", "cursor"}

// listed is a summit in the list of summits.
type listed struct {
	ID       string         `json:"id"`
	Title    string         `json:"title"`
	Phase    string         `json:"phase"`
	Position string         `json:"position"`
	Facts    uint64         `json:"facts"`
	Last     events.Instant `json:"last"`
}

// ListSummits answers a page of the summits that its reader may read.
func (x *API) ListSummits(w http.ResponseWriter, r *http.Request) error {
	limit, err := reading.Limit(r, reading.DefaultSummits, maxSummits)
	if err != nil {
		return err
	}
	all, err := x.ByActivity(r, x.Summits())
	if err != nil {
		return err
	}
	list, next, err := pageOf(r.Context(), all, limit, strings.Fields(events.NameKey(r.FormValue("q"))))
	if err != nil {
		return err
	}
	b, err := json.Marshal(Summits{list, next}, json.Deterministic(true), json.FormatNilSliceAsNull(false))
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Add("Vary", respond.VariesBy)
	if respond.Unchanged(w, r, string(b)) {
		return nil
	}
	return x.Room.Send(w, respond.JSONType, b)
}

// pageOf returns the first summits whose id or title holds all words.
func pageOf(ctx context.Context, all []reading.Active, limit int, words []string) (list []listed, next *string, err error) {
	list = []listed{}
	for i, a := range all {
		sum, err := a.Views.Summary(ctx, a.Views.Latest())
		if err != nil {
			return nil, nil, err
		}
		text := events.NameKey(a.ID + "\n" + sum.Title)
		if slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
			continue
		}
		if len(list) == limit {
			next, err := all[i-1].Cursor()
			return list, &next, err
		}
		list = append(list, listed{a.ID, sum.Title, sum.Phase, sum.Position.String(), sum.Facts, events.Instant{Time: time.Unix(0, a.Last).UTC()}})
	}
	return list, nil, nil
}
