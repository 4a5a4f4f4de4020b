// Package server puts a server together: the broker, the log, the views, HTTP and
// NATS in one process. Each group of options, and each part that is started, has a
// file of its own.
package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/summit-timeline/summit/cmd/internal/access"
	"github.com/summit-timeline/summit/cmd/internal/broker"
	httpserver "github.com/summit-timeline/summit/cmd/internal/http"
	"github.com/summit-timeline/summit/cmd/internal/intake"
	"github.com/summit-timeline/summit/cmd/internal/keys"
	"github.com/summit-timeline/summit/cmd/internal/limits"
	"github.com/summit-timeline/summit/cmd/internal/live"
	"github.com/summit-timeline/summit/cmd/internal/signing"
	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/cmd/internal/traces"
	"github.com/summit-timeline/summit/store"
)

// Server is a server: log, views, HTTP and NATS in one process.
type Server struct {
	o        Options
	out      io.Writer
	logger   *slog.Logger
	reloads  *reloads
	traces   *traces.Traces
	profiles net.Listener // nil where there are none
	listener net.Listener
	gate     *access.Gate
	conns    *limits.Connections
	broker   *broker.Opened
	warnings []string
	registry *summits.Registry
	notary   *signing.Notary
	hub      *live.Hub
	http     *http.Server
	intake   *intake.Intake
	done     chan struct{} // closed when it begins to stop
	told     chan struct{} // closed when the demo has been recorded, or there is none
}

// Options configure a server.
type Options struct {
	Data, Addr string
	// Key is the file of the signing key, and Name the server's name in it.
	Key, Name string
	// Demo has the server record the shipped story.
	Demo      bool
	Listen    ListenOptions
	OIDC      OIDCOptions
	Limits    LimitOptions
	Cluster   broker.ClusterOptions
	NATS      broker.ListenOptions
	Scrub     ScrubOptions
	Bootstrap BootstrapOptions
	Observe   ObserveOptions
	// Version and Revision are those of the program.
	Version, Revision string
}

func (f *Options) check() error {
	return errors.Join(f.Listen.check(f.Addr), f.OIDC.check(), f.Limits.check(), f.Cluster.Check(), f.NATS.Check(), f.Bootstrap.check(), f.Observe.check())
}

// New returns a server that is not running yet. It prints to out where it
// listens, and logs to errs.
func New(o Options, out, errs io.Writer) (*Server, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	logger, err := o.Observe.logger(errs)
	if err != nil {
		return nil, err
	}
	return &Server{o: o, out: out, logger: logger, reloads: &reloads{logger: logger}, done: make(chan struct{}), told: make(chan struct{})}, nil
}

// Run serves until ctx ends, then drains and returns. SIGHUP has it read tokens,
// keys, certificates and the NATS users again.
func (s *Server) Run(ctx context.Context) error {
	defer s.reloads.listen()()
	return s.watched(ctx)
}

// watched opens what tells of the server, and serves.
func (s *Server) watched(ctx context.Context) (err error) {
	if s.traces, err = traces.Open(ctx, traces.Options{Version: s.o.Version, Logger: s.logger, Getenv: os.Getenv}); err != nil {
		return err
	}
	defer func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainWait)
		defer cancel()
		if err := s.traces.Close(last); err != nil {
			s.logger.Warn("closing", "error", err) // nobody there to take them is no failure of the server
		}
	}()
	if s.profiles, err = s.o.Observe.listen(ctx); err != nil {
		return err
	}
	if s.profiles != nil {
		defer func() {
			if closing := s.profiles.Close(); !errors.Is(closing, net.ErrClosed) {
				err = errors.Join(err, closing)
			}
		}()
	}
	return s.serve(ctx)
}

// serve opens everything, serves until ctx ends, and closes it again.
func (s *Server) serve(ctx context.Context) (err error) {
	if s.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", s.o.Addr); err != nil {
		return fmt.Errorf("listen for HTTP: %w (choose another with --addr)", err)
	}
	bound := s.listener
	defer func() { // a server that served has closed it
		if closing := bound.Close(); !errors.Is(closing, net.ErrClosed) {
			err = errors.Join(err, closing)
		}
	}()
	s.conns = s.o.Limits.connections(s.o.Listen.proxies, s.logger)
	if s.listener, err = s.o.Listen.listener(s.conns.Listen(bound), s.reloads); err != nil {
		return err
	}
	if s.gate, err = s.o.Listen.gate(s.o.Addr, s.o.Data, s.o.OIDC.open()); err != nil {
		return err
	}
	s.reloads.add("tokens", s.gate.Reload)
	anybody, err := s.gate.Anonymous()
	if err != nil {
		return err
	}
	s.broker, err = broker.Open(ctx, broker.Options{Cluster: s.o.Cluster, Listen: &s.o.NATS, Data: s.o.Data, HTTP: s.listener.Addr(), Open: anybody.ReadsAll(), Logger: s.logger})
	if err != nil {
		return err
	}
	s.warnings = s.broker.Durability.Warnings
	defer func() { err = errors.Join(err, s.broker.Shutdown()) }()
	if pair := s.o.NATS.Certificate(); pair != nil {
		s.reloads.add("TLS certificate of NATS", pair.Reload)
	}
	if again := s.o.NATS.Reload(); again != nil {
		s.reloads.add("NATS users", again)
	}
	return s.overBroker(ctx)
}

// overBroker opens what stands on the broker, and serves.
func (s *Server) overBroker(ctx context.Context) (err error) {
	write, err := s.broker.Connect("append")
	if err != nil {
		return err
	}
	defer write.Close()
	read, err := s.broker.Connect("read")
	if err != nil {
		return err
	}
	defer read.Close()
	shared, err := s.register(write)
	if err != nil {
		return err
	}
	if s.notary, err = openNotary(s.o, shared); err != nil {
		return err
	}
	if w := keys.Warning(s.o.KeyPath()); w != "" {
		s.logger.Warn(w)
		s.warnings = append(s.warnings, w)
	}
	s.reloads.add("signing key", func() error { return reloadKey(s.o, s.notary) })
	if s.registry, err = broker.Patiently(ctx, func() (*summits.Registry, error) { return s.openRegistry(ctx, write, read) }); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.registry.Close()) }()
	told := live.Options{Clock: time.Now, Jitter: mathrand.Float64, Logger: s.logger, Done: s.done}
	if s.traces != nil {
		told.Frame = s.traces.Frame
	}
	s.hub = live.New(told)
	handler, err := s.handler()
	if err != nil {
		return err
	}
	s.http = bounded(handler, s.conns, s.logger)
	recorders, err := s.broker.Connect("record")
	if err != nil {
		return err
	}
	defer recorders.Close()
	if err := s.intake.Open(recorders, handler); err != nil {
		return err
	}
	return s.run(ctx)
}

func (s *Server) openRegistry(ctx context.Context, write, read *nats.Conn) (*summits.Registry, error) {
	logs, err := store.Open(store.Conns{Append: write, Read: read}, store.Options{
		Replicas: s.broker.Replicas, Failing: s.broker.Failing, Force: s.broker.Force, Note: s.broker.Note, Clock: time.Now,
	})
	if err != nil {
		return nil, err
	}
	fetch, err := s.o.Bootstrap.fetch(s.notary)
	if err != nil {
		return nil, err
	}
	o := summits.Options{
		Shared: s.broker.Shared,
		Views:  filepath.Join(s.o.Data, "views"), Clock: time.Now, Logger: s.logger, Scrub: s.o.Scrub.plan(), Fetch: fetch,
		NewID: func() (string, error) {
			id, err := uuid.NewV7()
			return id.String(), err
		},
	}
	if s.traces != nil {
		o.Append, o.Commit = s.traces.Append, s.traces.Commit
	}
	return summits.Open(ctx, logs, o)
}

func (s *Server) handler() (http.Handler, error) {
	rates, err := s.o.Limits.rates()
	if err != nil {
		return nil, err
	}
	s.intake = intake.New(s.logger)
	handler, err := httpserver.New(s.registry, httpserver.Options{
		Figures: []prometheus.Collector{s.intake.Figures()},
		Clock:   time.Now, Logger: s.logger, Loopback: s.o.Listen.alone(s.o.Addr), Live: s.hub, Gate: s.gate,
		Rates: rates, Turned: s.conns.Refused, Proxies: s.o.Listen.proxies, Origins: s.o.Listen.origins,
		Durability: s.broker.Durability.Setting, Warnings: s.warnings, Health: s.broker.Health, Starting: s.starting, Version: s.o.Version, Revision: s.o.Revision, Notary: s.notary,
		Disk: func() (summits.Disk, error) { return diskOf(s.o.Data) },
	})
	if err != nil {
		return nil, err
	}
	return s.traces.Handler(handler), nil
}

// run serves until ctx ends, then stops in the order of the flow: first no more
// requests, then no more recording and following.
func (s *Server) run(ctx context.Context) error {
	inner, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	g, failed := errgroup.WithContext(inner)
	g.Go(func() error { return s.registry.Run(inner) })
	g.Go(func() error { return s.broker.Run(inner) })
	if s.profiles != nil {
		g.Go(func() error { return serveProfiles(inner, s.profiles) })
	}
	g.Go(func() error { return keepSigning(inner, s.registry, s.notary, s.logger) })
	g.Go(func() error {
		if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve HTTP: %w", err)
		}
		return nil
	})
	g.Go(func() error {
		select {
		case <-ctx.Done():
		case <-failed.Done():
		}
		defer stop()
		return s.stopServing(inner)
	})
	s.tell()
	if !s.o.Demo {
		close(s.told)
	} else {
		g.Go(func() error {
			err := demo(inner, s.registry)
			close(s.told) // before it is said: who reads that finds it ready
			if err == nil {
				fmt.Fprintf(s.out, "Demo   %s://%s/summits/%s\n", s.o.Listen.scheme(), s.listener.Addr(), demoStory)
			}
			if damaged := (*summits.DamagedError)(nil); errors.Is(err, summits.ErrInDoubt) || errors.As(err, &damaged) {
				fmt.Fprintf(s.out, "Demo   not recorded: %v\n", err)
				return nil // what is there is served all the same
			}
			return err
		})
	}
	return g.Wait()
}

// starting reports whether the demo is still being recorded.
func (s *Server) starting() string {
	select {
	case <-s.told:
		return ""
	default:
		return "the demo is being recorded"
	}
}

// drainWait is how long open requests may take once the server stops.
const drainWait = 10 * time.Second

// stopServing lets requests and live streams end, and cuts those that do not.
func (s *Server) stopServing(ctx context.Context) error {
	close(s.done)
	ctx, cancel := context.WithTimeout(ctx, drainWait)
	defer cancel()
	s.intake.Close(ctx)
	err := s.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.http.Close()
	}
	s.hub.Drain(ctx)
	return err
}

// tell prints where the server listens.
func (s *Server) tell() {
	fmt.Fprintf(s.out, "HTTP   %s://%s\n", s.o.Listen.scheme(), s.listener.Addr())
	if s.profiles != nil {
		fmt.Fprintf(s.out, "pprof  http://%s/debug/pprof/\n", s.profiles.Addr())
	}
	s.o.NATS.Print(s.out, s.o.Data, s.broker)
}
