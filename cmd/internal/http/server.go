// Package httpserver serves summits over HTTP: JSON for programs, live streams, and
// pages for people.
//
// The door is [New]. Every route is a row of one table (routes.go): method, path,
// right, parameters, handler and description. The handlers are in the packages
// below: api, proof, site, operate and describe.
package httpserver

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/summit-timeline/summit/cmd/internal/access"
	"github.com/summit-timeline/summit/cmd/internal/http/api"
	"github.com/summit-timeline/summit/cmd/internal/http/describe"
	"github.com/summit-timeline/summit/cmd/internal/http/middleware"
	"github.com/summit-timeline/summit/cmd/internal/http/operate"
	"github.com/summit-timeline/summit/cmd/internal/http/proof"
	"github.com/summit-timeline/summit/cmd/internal/http/reading"
	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/cmd/internal/http/site"
	"github.com/summit-timeline/summit/cmd/internal/limits"
	"github.com/summit-timeline/summit/cmd/internal/live"
	"github.com/summit-timeline/summit/cmd/internal/locale"
	"github.com/summit-timeline/summit/cmd/internal/signing"
	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/events"
)

// Options of the handler.
type Options struct {
	Clock  func() time.Time
	Logger *slog.Logger
	// Loopback is set if the server listens only on the loopback interface:
	// requests that name another host are then refused.
	Loopback bool
	// Live sends the live streams.
	Live *live.Hub
	// Gate looks up tokens; nil asks for none.
	Gate *access.Gate
	// Rates limits the requests of each client; nil limits nothing.
	Rates *limits.Rates
	// Figures are more figures of /metrics.
	Figures []prometheus.Collector
	// Turned counts the connections that were closed for want of room.
	Turned func() uint64
	// Proxies are the proxies whose forwarding headers are believed.
	Proxies []netip.Prefix
	// Origins are those whose pages may read here, and act for a reader who has
	// signed in. AnyOrigin among them lets all pages read.
	Origins []string
	// Durability is what an acknowledgement guarantees, for the readiness check.
	Durability string
	// Warnings are shown by the readiness check though nothing is broken.
	Warnings []string
	// Health returns an error while the broker does not work.
	Health func() error
	// Starting returns what a server that has just started has yet to do; "" is
	// nothing.
	Starting func() string
	// Disk returns the space on the disk of the log and the views.
	Disk    func() (summits.Disk, error)
	Version string
	// Revision is what the program was built from, for archives.
	Revision string
	// Notary signs heads. Without one there are no checkpoints and no archives.
	Notary *signing.Notary
}

// server is the handlers that the table joins.
type server struct {
	registry     *summits.Registry
	reader       *reading.Reader
	api          *api.API
	proof        *proof.Proof
	site         *site.Site
	operator     *operate.Operator
	descriptions *describe.Describer
	metrics      middleware.HandlerFunc
}

// New makes the handler of all routes.
func New(reg *summits.Registry, o Options) (http.Handler, error) {
	stack := middleware.NewStack(middleware.StackOptions{
		Clock: o.Clock, Logger: o.Logger, Loopback: o.Loopback, Gate: o.Gate, Rates: o.Rates, Proxies: o.Proxies, Origins: o.Origins, SignIn: site.OfferSignIn,
	})
	x, err := newServer(reg, stack, o)
	if err != nil {
		return nil, err
	}
	list := routes(x.table())
	if err := middleware.CheckRights(list); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	for _, rt := range list {
		mux.Handle(rt.Method+" "+rt.Path, stack.Handle(rt))
	}
	mux.Handle("/", stack.Explain(mux))
	return stack.Guard(mux)
}

func newServer(reg *summits.Registry, stack *middleware.Stack, o Options) (*server, error) {
	kept, err := respond.NewCache()
	if err != nil {
		return nil, fmt.Errorf("keep answers: %w", err)
	}
	languages, err := locale.Load()
	if err != nil {
		return nil, fmt.Errorf("load the catalogues: %w", err)
	}
	x := &server{registry: reg, reader: &reading.Reader{Clock: o.Clock, Version: o.Version, Scope: stack.Scope, Languages: languages}}
	snapshots := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "summit_snapshots_total", Help: "Snapshots of the views that were sent completely."}, []string{"summit"})
	x.api = &api.API{
		Reader: x.reader, Room: respond.NewRoom(o.Clock), Cache: kept, Logger: o.Logger, Streams: o.Live, StillAllowed: stack.StillAllowed,
		Summits: x.listed, Open: x.open,
	}
	x.proof = &proof.Proof{Reader: x.reader, Logger: o.Logger, Revision: o.Revision, Notary: o.Notary, Snapshots: snapshots}
	if x.site, err = site.NewSite(x.reader, respond.NewRoom(o.Clock), o.Gate, x.listed); err != nil {
		return nil, err
	}
	x.operator = &operate.Operator{
		Clock: o.Clock, Registry: reg, Version: o.Version, Revision: o.Revision, Durability: o.Durability, Warnings: o.Warnings,
		Health: o.Health, Starting: o.Starting, Disk: o.Disk, Notary: o.Notary, Readers: o.Live.Readers, Turned: o.Turned,
		Figures: append(append(stack.Collectors(), snapshots), o.Figures...),
	}
	x.metrics = x.operator.Metrics()
	x.descriptions = &describe.Describer{Version: o.Version, Summary: api.Summary{}}
	x.descriptions.Operations = operations(x.table())
	return x, nil
}

// routes returns the rows of a table as the stack serves them.
func routes(table []row) []middleware.Route {
	list := make([]middleware.Route, len(table))
	for i, r := range table {
		list[i] = middleware.Route{Method: r.method, Path: r.path, Right: r.right, Params: r.params, Serve: r.serve}
	}
	return list
}

// operations returns the rows of a table as they are described.
func operations(table []row) []describe.Operation {
	list := make([]describe.Operation, len(table))
	for i, r := range table {
		list[i] = describe.Operation{Method: r.method, Path: r.path, Params: r.params, Doc: r.doc}
	}
	return list
}

// listed returns every summit, for the list.
func (x *server) listed() []reading.ListedViews {
	all := x.registry.Summits()
	list := make([]reading.ListedViews, len(all))
	for i, s := range all {
		list[i] = x.served(s)
	}
	return list
}

// open opens a summit with its first event.
func (x *server) open(ctx context.Context, e events.Event) (api.OpenedSummit, summits.Outcome, error) {
	s, outcome, err := x.registry.OpenSummit(ctx, e)
	if err != nil {
		return nil, outcome, err
	}
	return x.served(s), outcome, nil
}
