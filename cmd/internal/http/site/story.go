package site

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/cmd/internal/http/middleware"
	"github.com/summit-timeline/summit/cmd/internal/http/reading"
	"github.com/summit-timeline/summit/cmd/internal/http/site/pages"
	"github.com/summit-timeline/summit/cmd/internal/humanize"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store/merkle"
)

// story reads what the page of a summit shows. Head is taken once: everything
// on the page is as of one position.
func (x *Site) story(w http.ResponseWriter, r *http.Request, s StoryViews) (pages.Story, error) {
	var t pages.Story
	if err := x.AwaitMin(w, r, s); err != nil {
		return t, err
	}
	q, err := x.Query(r, s)
	if err != nil {
		return t, err
	}
	t.Head, t.Reading, t.Query, t.Origin = s.Head(), q.Reading, r.URL.Query(), middleware.SiteOf(r)
	t.Visitor = x.visitor(r)
	if t.Summary, err = s.Summary(r.Context(), q.Reading); err != nil {
		return t, err
	}
	if t.Zone, err = zoneParam(r, t.Summary.Zone); err != nil {
		return t, err
	}
	if t.Venue, err = zoneParam(&http.Request{}, t.Summary.Zone); err != nil {
		return t, err
	}
	q.Reading.Language = humanize.Clock{Language: t.Visitor.Language, Zone: t.Zone}.Messages() // with times in the reader's zone
	if !q.Reading.Pinned {
		t.Head.Seq = q.Reading.Seq
	}
	if t.KnownAt, err = knownAt(s, q.Reading); err != nil {
		return t, err
	}
	for _, read := range []func(*http.Request, StoryViews, projections.Query, *pages.Story) error{
		x.readStatus, x.readItems, x.readChanges, x.readSteps, x.readPlaces, readLeaves,
	} {
		if err := read(r, s, q, &t); err != nil {
			return t, err
		}
	}
	return t, nil
}

// knownAt is when the log came to hold what a reading has.
func knownAt(s StoryViews, at projections.AsOf) (time.Time, error) {
	if at.Seq == 0 {
		return time.Time{}, nil
	}
	return s.KnowledgeTime(at.Seq)
}

// shown is how many entries each list of the status has on a page: those of more are told
// where they are.
const shown = 100

func (x *Site) readStatus(r *http.Request, s StoryViews, q projections.Query, t *pages.Story) error {
	when, err := reading.Instant(r, "at")
	if err != nil {
		return err
	}
	answer, err := s.StatusPage(r.Context(), projections.StatusQuery{Reading: q.Reading, At: when, Limit: shown})
	if err != nil {
		return err
	}
	var part struct {
		projections.Status
		Next *string `json:"next"`
	}
	if err := json.Unmarshal(answer.JSON, &part); err != nil {
		return fmt.Errorf("read the status: %w", err)
	}
	t.Status = part.Status
	if cutDelegates(t.Status.Delegations) || part.Next != nil {
		t.Cut = shown
	}
	ids, err := factsIn(answer.JSON)
	if err != nil {
		return fmt.Errorf("read the status: %w", err)
	}
	t.Seqs, err = s.Seqs(r.Context(), ids)
	return err
}

// cutDelegates leaves each delegation the first of its delegates, and reports whether there
// were more.
func cutDelegates(list []projections.DelegationStatus) (cut bool) {
	for i := range list {
		if d := &list[i]; len(d.Delegates) > shown {
			d.Delegates, cut = d.Delegates[:shown], true
		}
	}
	return cut
}

// factsIn lists the facts that the values of a status rest on: the members
// "facts", wherever they are.
func factsIn(status jsontext.Value) ([]string, error) {
	var all []string
	d := jsontext.NewDecoder(bytes.NewReader(status))
	for {
		token, err := d.ReadToken()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		within, n := d.StackIndex(d.StackDepth())
		if isName := within == '{' && n%2 == 1; !isName || token.Kind() != '"' || token.String() != "facts" {
			continue
		}
		var ids []string
		if err := json.UnmarshalDecode(d, &ids); err != nil {
			return nil, err
		}
		all = append(all, ids...)
	}
}

// readItems reads the page of the timeline, or the one fact asked for.
func (x *Site) readItems(r *http.Request, s StoryViews, q projections.Query, t *pages.Story) error {
	if id := r.FormValue("fact"); id != "" {
		answer, _, err := x.Reader.Fact(r, s, strings.ToLower(id), q.Reading)
		if err != nil {
			return err
		}
		t.Items, err = itemsOf([]jsontext.Value{answer.Item})
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), reading.SearchWait)
	defer cancel()
	p, err := s.FullPage(ctx, q, x.Clock())
	if err != nil {
		return err
	}
	t.Next = p.Next
	t.Items, err = itemsOf(p.Items)
	return err
}

func itemsOf(list []jsontext.Value) ([]projections.Item, error) {
	items := make([]projections.Item, len(list))
	for n, raw := range list {
		if err := json.Unmarshal(raw, &items[n]); err != nil {
			return nil, fmt.Errorf("read an item: %w", err)
		}
	}
	return items, nil
}

// changesShown is between how many events a page lists what changed.
const changesShown = 1000

// readChanges reads what changed since the reader left; on a page of the past,
// what was learned after it.
func (x *Site) readChanges(r *http.Request, s StoryViews, q projections.Query, t *pages.Story) error {
	since, until := q.Reading, q.Reading
	switch {
	case r.FormValue("since") != "":
		var err error
		if since, err = x.AsOf(r, s, "since"); err != nil {
			return err
		}
		if since.Seq > until.Seq { // a page of the past, from before the reader left
			since, until = until, since
		}
	case q.Reading.Pinned && q.Reading.Seq < t.Head.Seq:
		until = projections.AsOf{Seq: t.Head.Seq}
	default:
		return nil
	}
	until.Language = q.Reading.Language
	if apart := until.Seq - since.Seq; apart > changesShown {
		t.Apart = apart
		return nil
	}
	c, err := s.Changes(r.Context(), since, until, x.Clock())
	if err != nil {
		return err
	}
	t.Changes = &c
	t.SinceAt, err = knownAt(s, since)
	return err
}

// stepsShown is how many moments of knowledge the page offers.
const stepsShown = 200

func (x *Site) readSteps(r *http.Request, s StoryViews, _ projections.Query, t *pages.Story) (err error) {
	t.Steps, err = s.Steps(r.Context(), stepsShown, x.LanguageOf(r))
	return err
}

// placed bounds the facts of an entity that are read for the map, and tracked
// the entities.
const (
	placed  = 100
	tracked = 24
)

// readPlaces reads what the status does not say of places: where services
// showed the aircraft, and where the sites are.
func (x *Site) readPlaces(r *http.Request, s StoryViews, q projections.Query, t *pages.Story) error {
	ctx, cancel := context.WithTimeout(r.Context(), reading.SearchWait)
	defer cancel()
	read := func(kind events.Kind, id, types string) ([]projections.Item, error) {
		p, err := s.FullPage(ctx, projections.Query{
			Reading: q.Reading, Entity: string(kind) + "/" + id, Types: []string{types}, Desc: true, Limit: placed,
		}, x.Clock())
		if errors.Is(err, context.DeadlineExceeded) {
			return nil, nil // the map shows what was found in time
		}
		if err != nil {
			return nil, err
		}
		slices.Reverse(p.Items)
		return itemsOf(p.Items)
	}
	for _, a := range t.Status.Aircraft[:min(tracked, len(t.Status.Aircraft))] {
		list, err := read(events.KindAircraft, a.ID, events.TypeAircraftTracked)
		if err != nil {
			return err
		}
		t.Tracks = append(t.Tracks, list...)
	}
	for _, a := range t.Status.Sites[:min(tracked, len(t.Status.Sites))] {
		list, err := read(events.KindSite, a.ID, "site.*")
		if err != nil {
			return err
		}
		t.Places = append(t.Places, list...)
	}
	return nil
}

// readLeaves reads the hashes of the events that the page shows out of the
// Merkle tree.
func readLeaves(_ *http.Request, s StoryViews, _ projections.Query, t *pages.Story) error {
	t.Leaves = map[uint64]string{}
	return s.Tree(func(_ events.Position, tiles merkle.Store) error {
		for _, i := range t.Items {
			seqs := []uint64{i.Seq}
			for _, a := range i.Amendments {
				seqs = append(seqs, a.Seq)
			}
			for _, seq := range seqs {
				h, err := merkle.LeafAt(tiles, int64(seq)-1)
				if err != nil {
					return err
				}
				t.Leaves[seq] = base64.StdEncoding.EncodeToString(h[:])
			}
		}
		return nil
	})
}
