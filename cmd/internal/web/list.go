package web

import (
	"cmp"
	"context"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/cmd/internal/access"
	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/events"
)

// The limits of the list of summits.
const (
	defaultSummits = 100
	maxSummits     = 1000
)

var listParams = []string{"q", "limit", "cursor"}

// listed is a summit among others.
type listed struct {
	ID       string         `json:"id"`
	Title    string         `json:"title"`
	Phase    string         `json:"phase"`
	Position string         `json:"position"`
	Facts    uint64         `json:"facts"`
	Last     events.Instant `json:"last"`
}

// active is a summit and when its log came to hold its last event: the list is
// in this order, the latest first.
type active struct {
	Last int64  `json:"l"` // Unix nanoseconds
	ID   string `json:"i"`
	s    *summits.Summit
}

func (a active) compare(b active) int {
	return cmp.Or(cmp.Compare(b.Last, a.Last), cmp.Compare(a.ID, b.ID))
}

// listSummits answers a page of the summits that its reader may read.
func (x *Handler) listSummits(w http.ResponseWriter, r *http.Request) error {
	limit, err := limitOf(r, defaultSummits, maxSummits)
	if err != nil {
		return err
	}
	after, err := activeAfter(r.FormValue("cursor"))
	if err != nil {
		return err
	}
	all, err := x.byActivity(r)
	if err != nil {
		return err
	}
	list, next, err := pageOf(r.Context(), all, after, limit, strings.Fields(strings.ToLower(r.FormValue("q"))))
	if err != nil {
		return err
	}
	b, err := json.Marshal(Summits{list, next}, json.Deterministic(true), json.FormatNilSliceAsNull(false))
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Add("Vary", variesBy)
	if unchanged(w, r, string(b)) {
		return nil
	}
	return x.send(w, jsonType, b)
}

// byActivity puts the summits that a reader may read in order. One whose first
// event is on the way is none yet.
func (x *Handler) byActivity(r *http.Request) ([]active, error) {
	var list []active
	for _, s := range x.host.Summits() {
		if s.ID == summits.Canary || !identity(r).May(access.Read, s.ID) {
			continue
		}
		if err := x.current(r.Context(), s); err != nil {
			return nil, err
		}
		head, last := s.Views.LastKnown()
		if head.Seq == 0 {
			continue
		}
		list = append(list, active{last.UnixNano(), s.ID, s})
	}
	slices.SortFunc(list, active.compare)
	return list, nil
}

// pageOf reads the summits of a page: those after a place whose id or title hold
// all of some words.
func pageOf(ctx context.Context, all []active, after *active, limit int, words []string) (list []listed, next *string, err error) {
	list = []listed{}
	for i, a := range all {
		if after != nil && a.compare(*after) <= 0 {
			continue
		}
		sum, err := a.s.Views.Summary(ctx, a.s.Views.Latest())
		if err != nil {
			return nil, nil, err
		}
		text := strings.ToLower(a.ID + "\n" + sum.Title)
		if slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
			continue
		}
		if len(list) == limit {
			next, err := all[i-1].cursor()
			return list, &next, err
		}
		list = append(list, listed{a.ID, sum.Title, sum.Phase, sum.Position.String(), sum.Facts, events.Instant{Time: time.Unix(0, a.Last).UTC()}})
	}
	return list, nil, nil
}

func (a active) cursor() (string, error) {
	b, err := json.Marshal(a)
	return base64.RawURLEncoding.EncodeToString(b), err
}

// activeAfter reads the place of a cursor; nil is the beginning.
func activeAfter(cursor string) (*active, error) {
	if cursor == "" {
		return nil, nil
	}
	var a active
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || json.Unmarshal(b, &a) != nil || a.ID == "" {
		return nil, badParams(Fault{Pointer: "cursor", Detail: "is not one that this list gave: take next from the page before"})
	}
	return &a, nil
}
