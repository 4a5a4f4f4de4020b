package api

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"github.com/summit-timeline/summit/cmd/internal/feeds"
	"github.com/summit-timeline/summit/cmd/internal/http/middleware"
	"github.com/summit-timeline/summit/cmd/internal/http/reading"
	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/cmd/internal/humanize"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

const (
	endingCSV  = "csv"
	endingAtom = "atom"
	paramLang  = "lang"
)

// FeedParams returns the parameters of a format: a spreadsheet may need a byte
// order mark.
func FeedParams(format feeds.Format) []string {
	if format.Ending == endingCSV {
		return append([]string{"bom"}, reading.Filters...)
	}
	return reading.Filters
}

// Feed returns the handler of the timeline in a format. It sends the whole
// timeline, page after page; with a limit or a cursor it sends one page, and links
// name the next.
func (x *API) Feed(format feeds.Format) func(http.ResponseWriter, *http.Request, FeedViews) error {
	return func(w http.ResponseWriter, r *http.Request, s FeedViews) error {
		if err := x.AwaitMin(w, r, s); err != nil {
			return err
		}
		asked := askedOf(r, format)
		q, err := x.Query(asking(r, asked), s)
		if err != nil {
			return err
		}
		if err := reading.OneOf("bom", r.FormValue("bom"), "true", "false"); err != nil {
			return err
		}
		if done, err := x.Fresh(w, r, s, q.Reading, "known"); done || err != nil {
			return err
		}
		p := &pager{s: s, q: q, now: x.Clock(), single: asked.Get("limit") != "" || q.Cursor != ""}
		if !p.single {
			p.q.Limit, p.q.Bytes = projections.MaxLimit, feedBytes
		}
		if len(q.Types) == 0 {
			p.q.Types = format.Types
		}
		first, err := p.read(r.Context())
		if err != nil {
			return err
		}
		f, err := x.feedOf(r, s, p, first)
		if err != nil {
			return err
		}
		h := w.Header()
		if p.single {
			f.First = middleware.SiteOf(r) + firstURL(r, asked)
			if first.Next != "" {
				f.Next = middleware.SiteOf(r) + nextURL(r, asked, first.Next)
				h.Set("Link", "<"+nextURL(r, asked, first.Next)+`>; rel="next"`)
			}
		}
		h.Set("Content-Type", format.Media)
		h.Set("Content-Disposition", fmt.Sprintf("%s; filename=%q", disposition(format), s.Summit()+"-timeline."+format.Ending))
		if err := format.Write(respond.NewLines(w, x.Clock), f); err != nil && r.Context().Err() == nil {
			x.Logger.Error("writing a feed", "summit", s.Summit(), "format", format.Ending, "error", err)
			panic(http.ErrAbortHandler) // a cut feed must not look whole
		}
		return nil
	}
}

func disposition(f feeds.Format) string {
	if f.Saved {
		return "attachment"
	}
	return "inline"
}

// newest is the query of the Atom feed without parameters: feed readers poll, and
// want what became known last.
func newest() url.Values {
	return url.Values{"order": {"recorded"}, "dir": {"desc"}, "limit": {strconv.Itoa(projections.DefaultLimit)}}
}

// askedOf is the query that a feed answers. The language chooses no facts.
func askedOf(r *http.Request, format feeds.Format) url.Values {
	asked := r.URL.Query()
	others := len(asked)
	if asked.Has(paramLang) {
		others--
	}
	if format.Ending == endingAtom && others == 0 {
		maps.Copy(asked, newest())
	}
	return asked
}

// asking is the request with another query.
func asking(r *http.Request, q url.Values) *http.Request {
	other := r.Clone(r.Context())
	other.URL.RawQuery, other.Form = q.Encode(), nil
	return other
}

// nextURL continues from a page: a cursor goes with the query it was given for.
func nextURL(r *http.Request, asked url.Values, cursor string) string {
	next := maps.Clone(asked)
	next.Set("cursor", cursor)
	return r.URL.Path + "?" + next.Encode()
}

// firstURL is the first page of a feed, by which all its pages are one.
func firstURL(r *http.Request, asked url.Values) string {
	first := maps.Clone(asked)
	first.Del("cursor")
	if strings.HasSuffix(r.URL.Path, "."+endingAtom) && isNewest(first) {
		for name := range newest() {
			first.Del(name)
		}
	}
	if query := first.Encode(); query != "" {
		return r.URL.Path + "?" + query
	}
	return r.URL.Path
}

// isNewest reports whether a query asks for the newest facts, in whatever language.
func isNewest(asked url.Values) bool {
	plain := maps.Clone(asked)
	plain.Del(paramLang)
	return plain.Encode() == newest().Encode()
}

func (x *API) feedOf(r *http.Request, s FeedViews, p *pager, first projections.Page) (feeds.Feed, error) {
	ctx, at := r.Context(), p.q.Reading
	at.Seq = first.Known.Seq // a cursor pins it
	sum, err := s.Summary(ctx, at)
	if err != nil {
		return feeds.Feed{}, err
	}
	updated, err := s.KnowledgeTime(at.Seq)
	if err != nil {
		return feeds.Feed{}, err
	}
	zone, err := time.LoadLocation(sum.Zone)
	if err != nil {
		return feeds.Feed{}, fmt.Errorf("load the time zone of %s: %w", s.Summit(), err)
	}
	base := middleware.SiteOf(r)
	meetings := sync.OnceValues(func() (map[string]feeds.Meeting, error) { return meetingsOf(ctx, s, at) })
	return feeds.Feed{
		ID:      "urn:uuid:" + uuid.NewSHA1(uuid.NameSpaceOID, []byte(first.Known.Epoch+firstURL(r, r.URL.Query()))).String(),
		Summary: sum, Updated: updated, Self: base + r.URL.RequestURI(), Page: base + "/summits/" + s.Summit(), Clock: humanize.Clock{Language: x.Locale(r), Zone: zone, Name: titlesOf(meetings)},
		Items: p.items(ctx, first),
		BOM:   r.FormValue("bom") == "true",
		Entity: func(entity string, types ...string) feeds.Items {
			of := &pager{s: s, now: p.now, q: projections.Query{Reading: at, Entity: entity, Types: types, Limit: projections.MaxLimit}}
			return of.all(ctx)
		},
		Meetings: meetings,
	}, nil
}

// titlesOf returns what meetings are called, for times that follow one. A status that
// cannot be read leaves them without a title: it ends the feed elsewhere.
func titlesOf(meetings func() (map[string]feeds.Meeting, error)) func(entity string) string {
	return func(entity string) string {
		id, of := strings.CutPrefix(entity, string(events.KindMeeting)+"/")
		if !of {
			return ""
		}
		all, err := meetings()
		if err != nil {
			return ""
		}
		return all[id].Title
	}
}

// meetingsOf reads the meetings of the status as of a reading.
func meetingsOf(ctx context.Context, s FeedViews, at projections.AsOf) (map[string]feeds.Meeting, error) {
	answer, err := s.Status(ctx, at, time.Time{})
	if err != nil {
		return nil, err
	}
	var status struct {
		Meetings []feeds.Meeting `json:"meetings"`
	}
	if err := json.Unmarshal(answer.JSON, &status); err != nil {
		return nil, fmt.Errorf("read the status: %w", err)
	}
	meetings := make(map[string]feeds.Meeting, len(status.Meetings))
	for _, m := range status.Meetings {
		meetings[m.ID] = m
	}
	return meetings, nil
}

// feedBytes is about how many bytes of items a feed holds while its reader takes
// them.
const feedBytes = 256 << 10

// pager reads a query page after page, all as of one reading: a feed holds one
// page at a time.
type pager struct {
	s      FeedViews
	q      projections.Query
	now    time.Time
	single bool
}

func (p *pager) read(ctx context.Context) (projections.Page, error) {
	if p.single { // a feed of one page has as many entries as were asked for
		ctx, cancel := context.WithTimeout(ctx, reading.SearchWait)
		defer cancel()
		return p.s.FullPage(ctx, p.q, p.now)
	}
	return p.s.Timeline(ctx, p.q, p.now)
}

func (p *pager) all(ctx context.Context) feeds.Items {
	return func(yield func(jsontext.Value, error) bool) {
		first, err := p.read(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		p.items(ctx, first)(yield)
	}
}

// items continues from a first page.
func (p *pager) items(ctx context.Context, page projections.Page) feeds.Items {
	return func(yield func(jsontext.Value, error) bool) {
		for {
			for _, raw := range page.Items {
				if !yield(raw, nil) {
					return
				}
			}
			if page.Next == "" || p.single {
				return
			}
			p.q.Cursor = page.Next
			var err error
			if page, err = p.read(ctx); err != nil {
				yield(nil, err)
				return
			}
		}
	}
}
