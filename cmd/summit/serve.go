package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"golang.org/x/sync/errgroup"

	"github.com/summit-timeline/summit/cmd/internal/host"
	"github.com/summit-timeline/summit/cmd/internal/notary"
	"github.com/summit-timeline/summit/cmd/internal/web"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/seeds"
	"github.com/summit-timeline/summit/store"
)

// serveFlags are what serve is told.
type serveFlags struct {
	data, addr, nats string
	key, name        string
	demo             bool
	broker           brokerFlags
	scrub            scrubFlags
}

const natsAuto = "auto"

var serveVerb = verb{
	name: "serve", short: "the server: log, views, HTTP and NATS in one process",
	example: "  summit serve --demo\n  summit serve --data /var/lib/summit --addr 127.0.0.1:9000 --nats-listen off",
	setup: func(fs *flag.FlagSet) func(context.Context, streams, []string) error {
		var f serveFlags
		fs.StringVar(&f.data, "data", "summit-data", "folder of the log (nats) and the views")
		fs.StringVar(&f.addr, "addr", "127.0.0.1:8080", "host:port for HTTP")
		fs.StringVar(&f.nats, "nats-listen", natsAuto, "host:port for NATS clients, who may only read; off; auto is 127.0.0.1:4222, or a free port where that is taken")
		f.broker.flags(fs)
		fs.StringVar(&f.key, "key", "", "file of the secret key that signs; DIR/key where not given, made at the first start")
		fs.StringVar(&f.name, "name", "", "server name in the origin of checkpoints, for a key that is made; the host's where not given")
		fs.BoolVar(&f.demo, "demo", false, "open alaska-2025 with the shipped facts; again and again is once")
		f.scrub.flags(fs)
		return func(ctx context.Context, std streams, _ []string) error { return serve(ctx, std, f) }
	},
}

func (f *serveFlags) check() error {
	err := errors.Join(loopback("addr", f.addr), f.broker.check())
	if err == nil && f.nats != natsAuto && f.nats != "off" {
		err = loopback("nats-listen", f.nats)
	}
	return err
}

// loopback refuses addresses that others can reach: there is no
// authentication yet.
func loopback(flagName, addr string) error {
	name, _, err := net.SplitHostPort(addr)
	if err != nil {
		return usage("--%s %q: %v", flagName, addr, err)
	}
	ip := net.ParseIP(name)
	if name == "localhost" || (ip != nil && ip.IsLoopback()) {
		return nil
	}
	return usage("--%s %s can be reached by others, and no authentication is configured: listen on 127.0.0.1 and put a proxy that authenticates before it", flagName, addr)
}

// serving is what serve runs, from the bottom up.
type serving struct {
	f        serveFlags
	std      streams
	logger   *slog.Logger
	listener net.Listener
	broker   broker
	worth    durability // of an acknowledgement
	replicas int        // of a new log
	host     *host.Host
	notary   *notary.Notary
	http     *http.Server
	done     chan struct{} // closed when it begins to stop
}

func serve(ctx context.Context, std streams, f serveFlags) (err error) {
	if err := f.check(); err != nil {
		return err
	}
	s := &serving{f: f, std: std, logger: slog.New(slog.NewTextHandler(std.err, nil)), done: make(chan struct{})}
	if s.listener, err = net.Listen("tcp", f.addr); err != nil {
		return fmt.Errorf("listen for HTTP: %w (choose another with --addr)", err)
	}
	defer func() { // a server that served has closed it
		if closing := s.listener.Close(); !errors.Is(closing, net.ErrClosed) {
			err = errors.Join(err, closing)
		}
	}()
	if s.broker, s.worth, s.replicas, err = openBroker(ctx, f, s.logger); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.broker.Shutdown()) }()
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
	if s.notary, err = openNotary(s.f); err != nil {
		return err
	}
	if s.host, err = patiently(ctx, func() (*host.Host, error) { return s.openHost(ctx, write, read) }); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.host.Close()) }()
	handler, err := s.handler()
	if err != nil {
		return err
	}
	s.http = &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute}
	return s.run(ctx)
}

func (s *serving) openHost(ctx context.Context, write, read *nats.Conn) (*host.Host, error) {
	logs, err := store.Open(store.Conns{Append: write, Read: read}, store.Options{Replicas: s.replicas})
	if err != nil {
		return nil, err
	}
	return host.Open(ctx, logs, host.Options{
		Views: filepath.Join(s.f.data, "views"), Clock: time.Now, Logger: s.logger, Scrub: s.f.scrub.plan(),
		NewID: func() (string, error) {
			id, err := uuid.NewV7()
			return id.String(), err
		},
	})
}

func (s *serving) handler() (http.Handler, error) {
	number, revision := build()
	return web.New(s.host, web.Options{
		Clock: time.Now, Jitter: mathrand.Float64, Logger: s.logger, Loopback: true, Done: s.done,
		Durability: s.worth.setting, Warnings: s.worth.warnings, Health: s.broker.Health, Version: number, Revision: revision, Notary: s.notary,
		Disk: func() (host.Disk, error) { return diskOf(s.f.data) },
	})
}

// run serves until ctx ends, then stops in the order of the flow: first no more
// requests, then no more recording and following.
func (s *serving) run(ctx context.Context) error {
	inner, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	g, failed := errgroup.WithContext(inner)
	g.Go(func() error { return s.host.Run(inner) })
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
	if s.f.demo {
		g.Go(func() error { return demo(inner, s.std, s.host, s.listener.Addr().String()) })
	}
	return g.Wait()
}

// drainWait is how long open requests may take once the server stops.
const drainWait = 10 * time.Second

// stopServing lets requests end.
func (s *serving) stopServing(ctx context.Context) error {
	close(s.done)
	ctx, cancel := context.WithTimeout(ctx, drainWait)
	defer cancel()
	return s.http.Shutdown(ctx)
}

// tell prints where the server listens.
func (s *serving) tell() {
	fmt.Fprintf(s.std.out, "HTTP   http://%s\n", s.listener.Addr())
	if url := s.broker.URL(); url != "" {
		fmt.Fprintf(s.std.out, "NATS   %s (read only: facts.>)\n", url)
	}
}

const demoStory = "alaska-2025"

// demo records the shipped story: what is there already is left alone.
func demo(ctx context.Context, std streams, h *host.Host, addr string) error {
	story, err := seeds.Load(demoStory)
	if err != nil {
		return err
	}
	s, _, err := h.OpenSummit(ctx, story[0])
	if err != nil {
		return fmt.Errorf("open the demo: %w", err)
	}
	outcomes, err := s.Record(ctx, append([]events.Event(nil), story[1:]...), nil)
	if err != nil {
		return fmt.Errorf("record the demo: %w", err)
	}
	if err := s.Views.Wait(ctx, outcomes[len(outcomes)-1].Seq); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "Demo   http://%s/summits/%s\n", addr, demoStory)
	return nil
}
