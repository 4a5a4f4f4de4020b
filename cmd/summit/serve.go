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
	"github.com/summit-timeline/summit/cmd/internal/live"
	"github.com/summit-timeline/summit/cmd/internal/web"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/seeds"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/embedded"
)

// serveFlags are what serve is told.
type serveFlags struct {
	data, addr string
	nats       natsFlags
	demo       bool
}

var serveVerb = verb{
	name: "serve", short: "the server: log, views, HTTP and NATS in one process",
	example: "  summit serve --demo\n  summit serve --data /var/lib/summit --addr 127.0.0.1:9000 --nats-listen off",
	setup: func(fs *flag.FlagSet) func(context.Context, streams, []string) error {
		var f serveFlags
		fs.StringVar(&f.data, "data", "summit-data", "folder of the log (nats) and the views")
		fs.StringVar(&f.addr, "addr", "127.0.0.1:8080", "host:port for HTTP")
		f.nats.flags(fs)
		fs.BoolVar(&f.demo, "demo", false, "open alaska-2025 with the shipped facts; again and again is once")
		return func(ctx context.Context, std streams, _ []string) error { return serve(ctx, std, f) }
	},
}

// loopback refuses addresses that others can reach: there is no
// authentication yet.
func loopback(flagName, addr string) error {
	inside, err := isLoopback(addr)
	if err != nil {
		return usage("--%s %q: %v", flagName, addr, err)
	}
	if !inside {
		return usage("--%s %s can be reached by others, and no authentication is configured: listen on 127.0.0.1 and put a proxy that authenticates before it", flagName, addr)
	}
	return nil
}

func isLoopback(addr string) (bool, error) {
	name, _, err := net.SplitHostPort(addr)
	return loopbackHost(name), err
}

func loopbackHost(name string) bool {
	ip := net.ParseIP(name)
	return name == "localhost" || (ip != nil && ip.IsLoopback())
}

func serve(ctx context.Context, std streams, f serveFlags) error {
	if err := loopback("addr", f.addr); err != nil {
		return err
	}
	if err := f.nats.check(); err != nil {
		return err
	}
	logger := slog.New(slog.NewTextHandler(std.err, nil))
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", f.addr)
	if err != nil {
		return fmt.Errorf("listen for HTTP: %w (choose another with --addr)", err)
	}
	broker, err := f.nats.start(ctx, f.data, listener.Addr(), logger)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	err = serveOn(ctx, std, f, broker, listener, logger)
	return errors.Join(err, broker.Shutdown())
}

func serveOn(ctx context.Context, std streams, f serveFlags, broker *embedded.Server, listener net.Listener, logger *slog.Logger) error {
	write, err := broker.Connect("append")
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer write.Close()
	read, err := broker.Connect("read")
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer read.Close()
	h, err := openHost(ctx, f, write, read, logger)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	done := make(chan struct{})
	hub := live.New(live.Options{Clock: time.Now, Jitter: mathrand.Float64, Logger: logger, Done: done})
	handler, err := web.New(h, web.Options{
		Clock: time.Now, Logger: logger, Loopback: true, Live: hub,
		Durability: "always", Health: broker.Health, Version: version(),
	})
	if err != nil {
		return errors.Join(err, listener.Close(), h.Close())
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute}
	stop := func(ctx context.Context) error {
		close(done)
		return stopHTTP(ctx, server, hub)
	}
	err = runAll(ctx, std, f, h, server, listener, broker, stop)
	return errors.Join(err, h.Close())
}

func openHost(ctx context.Context, f serveFlags, write, read *nats.Conn, logger *slog.Logger) (*host.Host, error) {
	logs, err := store.Open(store.Conns{Append: write, Read: read}, store.Options{})
	if err != nil {
		return nil, err
	}
	return host.Open(ctx, logs, host.Options{
		Views: filepath.Join(f.data, "views"), Clock: time.Now, Logger: logger,
		NewID: func() (string, error) {
			id, err := uuid.NewV7()
			return id.String(), err
		},
	})
}

// drainWait is how long open requests may take once the server stops.
const drainWait = 10 * time.Second

// stopHTTP lets requests and live streams end, and cuts those that do not.
func stopHTTP(ctx context.Context, server *http.Server, hub *live.Hub) error {
	ctx, cancel := context.WithTimeout(ctx, drainWait)
	defer cancel()
	err := server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close()
	}
	hub.Drain(ctx)
	return err
}

// runAll serves until ctx ends, then stops in the order of the flow: first no
// more requests, then no more recording and following.
func runAll(ctx context.Context, std streams, f serveFlags, h *host.Host, server *http.Server, listener net.Listener, broker *embedded.Server, stopServing func(context.Context) error) error {
	inner, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	g, failed := errgroup.WithContext(inner)
	g.Go(func() error { return h.Run(inner) })
	g.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
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
		return stopServing(inner)
	})
	fmt.Fprintf(std.out, "HTTP   http://%s\n", listener.Addr())
	f.nats.tell(std.out, f.data, broker)
	if f.demo {
		g.Go(func() error { return demo(inner, std, h, listener.Addr().String()) })
	}
	return g.Wait()
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
