// Package middleware is what a request passes through before its handler: who
// sends it, what it may do, how much it may ask for, and the log of requests.
//
// The door is [NewStack]. A [Route] states its [Right]; one that does not is not
// served.
package middleware

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/summit-timeline/summit/cmd/internal/access"
	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/cmd/internal/limits"
)

// StackOptions are the options of a Stack.
type StackOptions struct {
	Clock  func() time.Time
	Logger *slog.Logger
	// Loopback is set if the server listens only on the loopback interface:
	// requests that name another host are then refused.
	Loopback bool
	// Gate looks up tokens; nil asks for none.
	Gate *access.Gate
	// Rates limits the requests of each client; nil limits nothing.
	Rates *limits.Rates
	// Proxies are the proxies whose forwarding headers are believed.
	Proxies []netip.Prefix
	// Origins are those whose pages may read here, and act for a reader who has
	// signed in. AnyOrigin among them lets all pages read.
	Origins []string
	// SignIn sends a browser that was refused to the sign-in page. It returns
	// false if it has not.
	SignIn func(w http.ResponseWriter, r *http.Request, refused error) bool
}

// Stack is what a request passes through before its handler.
type Stack struct {
	o        StackOptions
	took     *prometheus.HistogramVec // by route, live streams left out
	problems *prometheus.CounterVec   // by status
}

// NewStack makes a stack.
func NewStack(o StackOptions) *Stack {
	return &Stack{
		o: o,
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "summit_http_request_seconds", Help: "Duration of requests, except live streams.", Buckets: []float64{.0005, .002, .01, .05, .25, 1, 5},
		}, []string{"method", "route"}),
		problems: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "summit_http_problems_total", Help: "Requests that were refused or failed, by status."}, []string{"status"}),
	}
}

// Collectors returns the figures of the stack.
func (x *Stack) Collectors() []prometheus.Collector {
	return []prometheus.Collector{x.took, x.problems}
}

// HandlerFunc answers a request, or returns the error to answer it with.
type HandlerFunc func(w http.ResponseWriter, r *http.Request) error

// Route is one method and path.
type Route struct {
	Method, Path string
	Right        Right
	Params       []string // the query parameters it takes
	Serve        HandlerFunc
}

// Handle returns the handler of a route. It checks the parameters and the right,
// measures how long the answer takes, and answers errors and panics.
func (x *Stack) Handle(rt Route) http.Handler {
	took := x.took.WithLabelValues(rt.Method, rt.Path)
	return http.HandlerFunc(func(to http.ResponseWriter, r *http.Request) {
		w := &answered{ResponseWriter: to}
		defer func() {
			if p := recover(); p != nil {
				x.rescue(w, r, p)
			}
		}()
		if begun := x.o.Clock(); !strings.HasSuffix(rt.Path, "/live") { // that one lasts as long as its reader
			defer func() { took.Observe(x.o.Clock().Sub(begun).Seconds()) }()
		}
		err := checkParams(r, rt.Params)
		if err == nil {
			err = x.serve(w, r, rt)
		}
		if err != nil {
			x.Fail(w, r, err)
		}
	})
}

// serve admits a request and answers it.
func (x *Stack) serve(w http.ResponseWriter, r *http.Request, rt Route) error {
	if err := Admit(w, r, rt.Right); err != nil {
		if rt.Right&OrSignIn != 0 && x.o.SignIn(w, r, err) {
			return nil
		}
		return err
	}
	return rt.Serve(w, r)
}

// Fail answers an error.
func (x *Stack) Fail(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil && errors.Is(err, context.Canceled) {
		return // nobody is there to read it
	}
	p, h := respond.ProblemOf(err), w.Header()
	if p.Status >= http.StatusInternalServerError {
		x.o.Logger.Error("request failed", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	if respond.Passing(err) && h.Get("Retry-After") == "" {
		h.Set("Retry-After", respond.PassingWait)
	}
	x.write(w, p)
}

func (x *Stack) write(w http.ResponseWriter, p *respond.Problem) {
	x.problems.WithLabelValues(strconv.Itoa(p.Status)).Inc()
	p.Write(w)
}

// Explain returns the handler of requests that no route takes: it answers 404 and
// 405 as problems.
func (x *Stack) Explain(mux *http.ServeMux) http.Handler {
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
			x.Fail(w, r, &respond.Problem{Status: http.StatusMethodNotAllowed, Detail: "this path accepts only " + strings.Join(allowed, " and ")})
			return
		}
		x.Fail(w, r, &respond.Problem{Status: http.StatusNotFound, Detail: "there is nothing at " + r.URL.Path + "; /openapi.json lists all paths"})
	})
}

// checkParams returns an error for query parameters that a route does not take,
// or that are given twice.
func checkParams(r *http.Request, known []string) error {
	query := r.URL.Query()
	if r.Method != http.MethodPost {
		r.Form = query // there is nothing else to read it from
	}
	var faults []respond.Fault
	for name, values := range query {
		switch {
		case !slices.Contains(known, name):
			list := "none"
			if len(known) > 0 {
				list = strings.Join(known, ", ")
			}
			faults = append(faults, respond.Fault{Pointer: name, Detail: "is not a parameter here; the parameters are: " + list})
		case len(values) > 1:
			faults = append(faults, respond.Fault{Pointer: name, Detail: "is given more than once"})
		}
	}
	if faults != nil {
		return respond.BadParams(faults...)
	}
	return nil
}
