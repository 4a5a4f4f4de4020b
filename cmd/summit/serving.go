package main

import (
	"context"
	"errors"
	"fmt"
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
	httpserver "github.com/summit-timeline/summit/cmd/internal/http"
	"github.com/summit-timeline/summit/cmd/internal/intake"
	"github.com/summit-timeline/summit/cmd/internal/limits"
	"github.com/summit-timeline/summit/cmd/internal/live"
	"github.com/summit-timeline/summit/cmd/internal/signing"
	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/cmd/internal/traces"
	"github.com/summit-timeline/summit/store"
)

// serving is what serve runs, from the bottom up.
type serving struct {
	f        serveFlags
	std      streams
	logger   *slog.Logger
	reloads  *reloads
	traces   *traces.Traces
	profiles net.Listener // nil where there are none
	listener net.Listener
	gate     *access.Gate
	conns    *limits.Connections
	broker   broker
	worth    durability // of an acknowledgement
	replicas int        // of a new log
	host     *summits.Registry
	notary   *signing.Notary
	hub      *live.Hub
	http     *http.Server
	intake   *intake.Intake
	done     chan struct{} // closed when it begins to stop
	told     chan struct{} // closed when the demo has been recorded, or there is none
}

// watched opens what tells of the server, and serves.
func (s *serving) watched(ctx context.Context) (err error) {
	number, _ := build()
	if s.traces, err = traces.Open(ctx, traces.Options{Version: number, Logger: s.logger, Getenv: os.Getenv}); err != nil {
		return err
	}
	defer func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainWait)
		defer cancel()
		if err := s.traces.Close(last); err != nil {
			s.logger.Warn("closing", "error", err) // nobody there to take them is no failure of the server
		}
	}()
	if s.profiles, err = s.f.watch.listen(ctx); err != nil {
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
func (s *serving) serve(ctx context.Context) (err error) {
	if s.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", s.f.addr); err != nil {
		return fmt.Errorf("listen for HTTP: %w (choose another with --addr)", err)
	}
	bound := s.listener
	defer func() { // a server that served has closed it
		if closing := bound.Close(); !errors.Is(closing, net.ErrClosed) {
			err = errors.Join(err, closing)
		}
	}()
	s.conns = s.f.bounds.connections(s.f.reach.proxies, s.logger)
	if s.listener, err = s.f.reach.listener(s.conns.Listen(bound), s.reloads); err != nil {
		return err
	}
	if s.gate, err = s.f.reach.gate(s.f.addr, s.f.data, s.f.login.open()); err != nil {
		return err
	}
	s.reloads.add("tokens", s.gate.Reload)
	anybody, err := s.gate.Anybody()
	if err != nil {
		return err
	}
	if s.broker, s.worth, s.replicas, err = openBroker(ctx, &s.f, s.listener.Addr(), anybody.ReadsAll(), s.logger); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.broker.Shutdown()) }()
	if pair := s.f.nats.pair; pair != nil {
		s.reloads.add("TLS certificate of NATS", pair.reload)
	}
	return s.overBroker(ctx)
}

// overBroker opens what stands on the broker, and serves.
func (s *serving) overBroker(ctx context.Context) (err error) {
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
	if s.notary, err = openNotary(s.f, shared); err != nil {
		return err
	}
	if w := keyWarning(s.f.keyPath()); w != "" {
		s.logger.Warn(w)
		s.worth.warnings = append(s.worth.warnings, w)
	}
	s.reloads.add("signing key", func() error { return reloadKey(s.f, s.notary) })
	if s.host, err = patiently(ctx, func() (*summits.Registry, error) { return s.openHost(ctx, write, read) }); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.host.Close()) }()
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

func (s *serving) openHost(ctx context.Context, write, read *nats.Conn) (*summits.Registry, error) {
	logs, err := store.Open(store.Conns{Append: write, Read: read}, store.Options{Replicas: s.replicas, Failing: s.broker.Failing})
	if err != nil {
		return nil, err
	}
	fetch, err := s.f.snapshot.fetch(s.notary)
	if err != nil {
		return nil, err
	}
	_, shared := s.broker.(*cluster)
	o := summits.Options{
		Shared: shared,
		Views:  filepath.Join(s.f.data, "views"), Clock: time.Now, Logger: s.logger, Scrub: s.f.scrub.plan(), Fetch: fetch,
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

func (s *serving) handler() (http.Handler, error) {
	number, revision := build()
	rates, err := s.f.bounds.rates()
	if err != nil {
		return nil, err
	}
	s.intake = intake.New(s.logger)
	handler, err := httpserver.New(s.host, httpserver.Options{
		Figures: []prometheus.Collector{s.intake.Figures()},
		Clock:   time.Now, Logger: s.logger, Loopback: s.f.reach.alone(s.f.addr), Live: s.hub, Gate: s.gate,
		Rates: rates, Turned: s.conns.Refused, Proxies: s.f.reach.proxies, Origins: s.f.reach.origins,
		Durability: s.worth.setting, Warnings: s.worth.warnings, Health: s.broker.Health, Starting: s.starting, Version: number, Revision: revision, Notary: s.notary,
		Disk: func() (summits.Disk, error) { return diskOf(s.f.data) },
	})
	if err != nil {
		return nil, err
	}
	return s.traces.Handler(handler), nil
}

// run serves until ctx ends, then stops in the order of the flow: first no more
// requests, then no more recording and following.
func (s *serving) run(ctx context.Context) error {
	inner, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	g, failed := errgroup.WithContext(inner)
	g.Go(func() error { return s.host.Run(inner) })
	g.Go(func() error { return s.broker.Run(inner) })
	if s.profiles != nil {
		g.Go(func() error { return serveProfiles(inner, s.profiles) })
	}
	g.Go(func() error { return keepSigning(inner, s.host, s.notary, s.logger) })
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
	if !s.f.demo {
		close(s.told)
	} else {
		g.Go(func() error {
			err := demo(inner, s.host)
			close(s.told) // before it is said: who reads that finds it ready
			if err == nil {
				fmt.Fprintf(s.std.out, "Demo   %s://%s/summits/%s\n", s.f.reach.scheme(), s.listener.Addr(), demoStory)
			}
			if damaged := (*summits.DamagedError)(nil); errors.Is(err, summits.ErrInDoubt) || errors.As(err, &damaged) {
				fmt.Fprintf(s.std.out, "Demo   not recorded: %v\n", err)
				return nil // what is there is served all the same
			}
			return err
		})
	}
	return g.Wait()
}

// starting says whether the demo is still being recorded.
func (s *serving) starting() string {
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
func (s *serving) stopServing(ctx context.Context) error {
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
func (s *serving) tell() {
	fmt.Fprintf(s.std.out, "HTTP   %s://%s\n", s.f.reach.scheme(), s.listener.Addr())
	if s.profiles != nil {
		fmt.Fprintf(s.std.out, "pprof  http://%s/debug/pprof/\n", s.profiles.Addr())
	}
	s.f.nats.tell(s.std.out, s.f.data, s.broker)
}
