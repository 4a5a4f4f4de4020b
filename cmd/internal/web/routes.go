package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/access"
	"github.com/summit-timeline/summit/cmd/internal/summits"
)

// route is one method and path, with what it asks of those who use it. The table
// is what is served and what /openapi.json says. A route is written without the
// names of its fields: one that lacks its right does not compile.
type route struct {
	method, path string
	right        right
	summary      string
	params       []string // query parameters it takes
	serve        func(w http.ResponseWriter, r *http.Request) error
}

var filterParams = []string{
	"from", "to", "known", "min", "type", "entity", "actor", "party", "place", "source", "standing", "min_grade", "q",
	"order", "dir", "limit", "cursor",
}

func (x *Handler) routes() []route {
	get, post := http.MethodGet, http.MethodPost
	return append(x.feedRoutes(), []route{
		{get, "/v1/summits", anybody, "The summits there are, the one with the latest event first", listParams, x.listSummits},
		{post, "/v1/summits", asksItself, "Open a summit", nil, x.openSummit},
		{get, "/v1/summits/{s}", reads, "What a summit says of itself", []string{"known", "min"}, x.reads(x.summary)},
		{post, "/v1/summits/{s}/facts", records, "Record an event or a batch", nil, x.summit(x.record)},
		{get, "/v1/summits/{s}/timeline", reads, "The timeline", filterParams, x.reads(x.timeline)},
		{get, "/v1/summits/{s}/status", reads, "What stands", []string{"at", "known", "min", "kind", "limit", "cursor"}, x.reads(x.status)},
		{get, "/v1/summits/{s}/changes", reads, "What knowledge changed between two positions", []string{"since", "until", "min", "limit", "cursor"}, x.reads(x.changes)},
		{get, "/v1/summits/{s}/conflicts", reads, "Contradictions found", []string{"known", "min"}, x.reads(x.conflicts)},
		{get, "/v1/summits/{s}/facts/{id}", reads, "One fact, with its history", []string{"known", "min"}, x.reads(x.fact)},
		{get, "/v1/summits/{s}/log", reads, "The stored bytes, one event a line", []string{"from", "to"}, x.summit(x.log)},
		{get, "/v1/summits/{s}/digests", audits, "What the views come to, for an audit", nil, x.reads(x.digests)},
		{get, "/v1/summits/{s}/views/{table}", audits, "The rows of a table of the views, for an audit", []string{"after"}, x.reads(x.rows)},
		{get, "/v1/summits/{s}/live", reads, "Server-Sent Events", []string{"types", "entity", "since", "last_event_id"}, x.summit(x.live)},
		{get, "/v1/summits/{s}/checkpoint", reads, "The signed head of the log, or of its first events", []string{"size"}, x.reads(x.checkpoint)},
		{get, "/v1/summits/{s}/key", reads, "The verifier key of the log", nil, x.summit(x.logKey)},
		{get, "/v1/summits/{s}/tile/{tile...}", reads, "A tile of hashes or a bundle of entries (C2SP tlog-tiles)", nil, x.reads(x.tile)},
		{get, "/v1/summits/{s}/proof/inclusion", reads, "Proof that an event is in the log", []string{"seq", "size"}, x.reads(x.inclusion)},
		{get, "/v1/summits/{s}/proof/consistency", reads, "Proof that the log only grew", []string{"from", "to"}, x.reads(x.consistency)},
		{get, "/v1/summits/{s}/archive", audits, "The whole log in one file that is verifiable offline", nil, x.reads(x.archive)},
		{get, "/v1/summits/{s}/snapshot", audits, "The views of one moment, signed, for another replica to begin from", nil, x.reads(x.snapshot)},
		{get, "/v1/key", anybody, "The verifier key of the server", nil, x.key},
		{get, "/schemas/{type}/{version}", anybody, "JSON Schema of a type's data", nil, x.schema},
		{get, "/openapi.json", anybody, "This description", nil, x.openapi},
		{get, "/asyncapi.json", anybody, "What comes by itself, over NATS and live", nil, x.asyncapi},
		{get, "/v1/doctor", operates, "How the server and its logs do", nil, x.doctor},
		{get, "/healthz", anybody, "Whether the process lives", nil, x.healthz},
		{get, "/readyz", anybody, "Whether it can serve and record", nil, x.readyz},
		{get, "/metrics", operates, "Figures in the text format of Prometheus", []string{"name[]"}, x.metrics},
		{get, "/{$}", anybody, "The summits, for people", []string{"cursor"}, x.indexPage},
		{get, "/summits/{s}", reads, "A summit, for people", pageParams, x.reads(x.summitPage)},
		{get, "/summits/{s}/map.svg", reads, "The map of that page", pageParams, x.reads(x.mapPage)},
		{get, "/docs", anybody, "The manual, for people", nil, x.docsPage},
		{get, "/docs/{topic}", anybody, "A topic of the manual, for people", nil, x.docsPage},
		{get, "/assets/{name}", anybody, "What the pages need", nil, x.asset},
	}...)
}

type summitHandler func(w http.ResponseWriter, r *http.Request, s *summits.Summit) error

// summit finds the summit a path names.
func (x *Handler) summit(next summitHandler) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		id := r.PathValue("s")
		s, found, err := x.host.Find(r.Context(), id)
		if err != nil {
			return err
		}
		if !found || hidden(r, id) {
			if err := x.host.Problems()[id]; err != nil {
				return &Problem{Status: http.StatusServiceUnavailable, Detail: err.Error()}
			}
			return &Problem{Status: http.StatusNotFound, Detail: fmt.Sprintf("there is no summit %q: GET /v1/summits lists those there are, POST /v1/summits opens one", id)}
		}
		s.Views.Hold()
		defer s.Views.Release()
		w.Header().Set("Summit-Position", s.Views.Head().String())
		return next(w, r, s)
	}
}

// reads finds the summit a path names, and waits until its views hold what this
// server has acknowledged.
func (x *Handler) reads(next summitHandler) func(http.ResponseWriter, *http.Request) error {
	return x.summit(func(w http.ResponseWriter, r *http.Request, s *summits.Summit) error {
		if err := x.current(r.Context(), s); err != nil {
			return err
		}
		w.Header().Set("Summit-Position", s.Views.Head().String())
		return next(w, r, s)
	})
}

// hidden says whether a summit is not for whoever asks: that of the canary is an
// operator's.
func hidden(r *http.Request, id string) bool {
	return id == summits.Canary && !identity(r).May(access.Operate, "")
}

// checkParams refuses query parameters that a route does not take, or takes
// once and was given twice.
func checkParams(r *http.Request, known []string) error {
	query := r.URL.Query()
	if r.Method != http.MethodPost {
		r.Form = query // there is nothing else to read it from
	}
	var faults []Fault
	for name, values := range query {
		switch {
		case !slices.Contains(known, name):
			list := "none"
			if len(known) > 0 {
				list = strings.Join(known, ", ")
			}
			faults = append(faults, Fault{Pointer: name, Detail: "is no parameter here; the parameters are: " + list})
		case len(values) > 1:
			faults = append(faults, Fault{Pointer: name, Detail: "is given more than once"})
		}
	}
	if faults != nil {
		return badParams(faults...)
	}
	return nil
}
