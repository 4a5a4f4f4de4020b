package web

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"github.com/summit-timeline/summit/cmd/internal/feeds"
	"github.com/summit-timeline/summit/cmd/internal/host"
	"github.com/summit-timeline/summit/cmd/internal/words"
	"github.com/summit-timeline/summit/projections"
)

const feedPath = "/v1/summits/{s}/timeline."

// feedRoutes are the timeline in each format, with the filters of the timeline.
func (x *Handler) feedRoutes() []route {
	var list []route
	for _, format := range feeds.Formats() {
		list = append(list, route{
			http.MethodGet, feedPath + format.Ending, "The timeline as " + format.Ending, filterParams, x.summit(x.feed(format)),
		})
	}
	return list
}

// feedMedia is the media type of a path that is a feed, "" where it is none.
func feedMedia(path string) string {
	for _, format := range feeds.Formats() {
		if path == feedPath+format.Ending {
			return format.Media
		}
	}
	return ""
}

// feed serves the whole timeline in a format, page after page; with a limit or
// a cursor it is one page, and a Link header names the next.
func (x *Handler) feed(format feeds.Format) summitHandler {
	return func(w http.ResponseWriter, r *http.Request, s *host.Summit) error {
		if err := x.await(w, r, s); err != nil {
			return err
		}
		q, err := x.query(r, s)
		if err != nil {
			return err
		}
		if x.fresh(w, r, s, q.Reading) {
			return nil
		}
		p := &pager{x: x, s: s, q: q, now: x.o.Clock(), single: r.FormValue("limit") != "" || q.Cursor != ""}
		if !p.single {
			p.q.Limit = projections.MaxLimit
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
		h.Set("Content-Type", format.Media)
		h.Set("Content-Disposition", fmt.Sprintf("%s; filename=%q", disposition(format), s.ID+"-timeline."+format.Ending))
		if p.single && first.Next != "" {
			h.Set("Link", "<"+nextURL(r, first.Next)+`>; rel="next"`)
		}
		if err := format.Write(&deadlined{w: w, clock: x.o.Clock, rc: http.NewResponseController(w)}, f); err != nil && r.Context().Err() == nil {
			x.o.Logger.Error("writing a feed", "summit", s.ID, "format", format.Ending, "error", err)
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

func nextURL(r *http.Request, cursor string) string {
	next := r.URL.Query() // a cursor goes with the query it was given for
	next.Set("cursor", cursor)
	return r.URL.Path + "?" + next.Encode()
}

func (x *Handler) feedOf(r *http.Request, s *host.Summit, p *pager, first projections.Page) (feeds.Feed, error) {
	ctx, at := r.Context(), p.q.Reading
	at.Seq = first.Known.Seq // a cursor pins it
	sum, err := s.Views.Summary(ctx, at)
	if err != nil {
		return feeds.Feed{}, err
	}
	updated, err := s.Views.KnowledgeTime(at.Seq)
	if err != nil {
		return feeds.Feed{}, err
	}
	zone, err := time.LoadLocation(sum.Zone)
	if err != nil {
		return feeds.Feed{}, fmt.Errorf("tell times in the zone of %s: %w", s.ID, err)
	}
	base := siteOf(r)
	return feeds.Feed{
		ID:      "urn:uuid:" + uuid.NewSHA1(uuid.NameSpaceOID, []byte(first.Known.Epoch+r.URL.RequestURI())).String(),
		Summary: sum, Updated: updated, Self: base + r.URL.RequestURI(), Page: base + "/summits/" + s.ID, Clock: words.Clock{Zone: zone},
		Items: p.items(ctx, first),
		Entity: func(entity string) feeds.Items {
			of := &pager{x: x, s: s, now: p.now, q: projections.Query{Reading: at, Entity: entity, Recorded: true, Limit: projections.MaxLimit}}
			return of.all(ctx)
		},
		States: func() (map[string]string, error) { return meetingStates(ctx, s, at) },
	}, nil
}

func meetingStates(ctx context.Context, s *host.Summit, at projections.Reading) (map[string]string, error) {
	answer, err := s.Views.Status(ctx, at, time.Time{})
	if err != nil {
		return nil, err
	}
	var status projections.Status
	if err := json.Unmarshal(answer.JSON, &status); err != nil {
		return nil, fmt.Errorf("read the status: %w", err)
	}
	states := map[string]string{}
	for _, m := range status.Meetings {
		states[m.ID] = m.State
	}
	return states, nil
}

// pager reads a query page after page, all as of one reading: a feed holds one
// page at a time.
type pager struct {
	x      *Handler
	s      *host.Summit
	q      projections.Query
	now    time.Time
	single bool
}

func (p *pager) read(ctx context.Context) (projections.Page, error) {
	return p.s.Views.Timeline(ctx, p.q, p.now)
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

// items goes on from a first page.
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

// deadlined gives each write its time: a reader that is gone holds nothing.
type deadlined struct {
	w     http.ResponseWriter
	rc    *http.ResponseController
	clock func() time.Time
	n     int
}

func (d *deadlined) Write(b []byte) (int, error) {
	if d.n++; d.n%256 == 1 {
		_ = d.rc.SetWriteDeadline(d.clock().Add(writeWait)) // without it a write takes as long as it takes
	}
	return d.w.Write(b)
}
