// Package web serves summits over HTTP: JSON for programs, a live stream, and
// pages for people.
//
// The door is [New].
package web

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/summit-timeline/summit/cmd/internal/access"
	"github.com/summit-timeline/summit/cmd/internal/limits"
	"github.com/summit-timeline/summit/cmd/internal/live"
	"github.com/summit-timeline/summit/cmd/internal/pages"
	"github.com/summit-timeline/summit/cmd/internal/signing"
	"github.com/summit-timeline/summit/cmd/internal/summits"
)

// Options of the handler.
type Options struct {
	Clock  func() time.Time
	Logger *slog.Logger
	// Loopback says that the server listens on the loopback interface alone:
	// requests that name another host are then refused.
	Loopback bool
	// Live sends the live streams.
	Live *live.Hub
	// Gate tells who sends a request; nil asks for no tokens.
	Gate *access.Gate
	// Rates bounds how much anybody asks for; nil bounds nothing.
	Rates *limits.Rates
	// Figures are more of what /metrics tells.
	Figures []prometheus.Collector
	// Turned counts the connections that were closed for want of room.
	Turned func() uint64
	// Proxies are those whose word counts on where a request comes from.
	Proxies []netip.Prefix
	// Origins are those whose pages may read here, and act for who has signed
	// in; AnyOrigin among them lets all pages read.
	Origins []string
	// Durability is what an acknowledgement is worth, for readiness.
	Durability string
	// Warnings are what readiness tells of it, though nothing is broken.
	Warnings []string
	// Health is nil while the broker works.
	Health func() error
	// Starting says what a server that has just started has yet to do; "" is
	// nothing.
	Starting func() string
	// Disk tells the room where the log and the views are.
	Disk    func() (summits.Disk, error)
	Version string
	// Revision is what the program was built from, for archives.
	Revision string
	// Notary signs heads; without one there are no checkpoints and no archives.
	Notary *signing.Notary
}

// Handler serves the summits of a host.
type Handler struct {
	host  *summits.Registry
	o     Options
	pages *pages.Templates
	docs  docs
	// answers are timeline pages that need not be made again.
	answers *answers
	room    room
	figures *figures
}

// New makes the handler.
func New(h *summits.Registry, o Options) (http.Handler, error) {
	templates, err := pages.New()
	if err != nil {
		return nil, err
	}
	kept, err := newAnswers()
	if err != nil {
		return nil, fmt.Errorf("keep answers: %w", err)
	}
	written, err := newDocs()
	if err != nil {
		return nil, err
	}
	x := &Handler{host: h, o: o, pages: templates, docs: written, answers: kept, room: newRoom()}
	x.figures = newFigures(x)
	table := append(x.routes(), x.signRoutes()...)
	if err := checkRights(table); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	for _, r := range table {
		mux.Handle(r.method+" "+r.path, x.wrap(r))
	}
	mux.Handle("/", x.explain(mux))
	guarded, err := x.guard(mux)
	if err != nil {
		return nil, err
	}
	return x.logged(guarded), nil
}

// explain answers what no route takes: 404 and 405, as problems.
func (x *Handler) explain(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var allowed []string
		for _, m := range []string{http.MethodGet, http.MethodPost} {
			probe := r.Clone(r.Context())
			probe.Method = m
			if _, p := mux.Handler(probe); p != "/" {
				allowed = append(allowed, m)
			}
		}
		if len(allowed) > 0 {
			w.Header().Set("Allow", strings.Join(allowed, ", "))
			x.fail(w, r, &Problem{Status: http.StatusMethodNotAllowed, Detail: "this path takes " + strings.Join(allowed, " and ")})
			return
		}
		x.fail(w, r, &Problem{Status: http.StatusNotFound, Detail: "there is nothing at " + r.URL.Path + "; /openapi.json lists what there is"})
	})
}

// wrap runs a route, and turns its error into a problem.
func (x *Handler) wrap(rt route) http.Handler {
	took := x.figures.requests.WithLabelValues(rt.method, rt.path)
	return http.HandlerFunc(func(to http.ResponseWriter, r *http.Request) {
		w := &answered{ResponseWriter: to}
		defer func() {
			if p := recover(); p != nil {
				x.rescue(w, r, p)
			}
		}()
		if begun := x.o.Clock(); !strings.HasSuffix(rt.path, "/live") { // that one lasts as long as its reader
			defer func() { took.Observe(x.o.Clock().Sub(begun).Seconds()) }()
		}
		err := checkParams(r, rt.params)
		if err == nil {
			err = x.serve(w, r, rt)
		}
		if err != nil {
			x.fail(w, r, err)
		}
	})
}

// serve lets a request in and answers it.
func (x *Handler) serve(w http.ResponseWriter, r *http.Request, rt route) error {
	if err := x.admit(w, r, rt); err != nil {
		if x.leads(w, r, rt, err) {
			return nil
		}
		return err
	}
	return rt.serve(w, r)
}
