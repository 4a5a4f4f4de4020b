package main

import (
	"context"
	"crypto/rand"
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
	"github.com/summit-timeline/summit/cmd/internal/web"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/seeds"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/embedded"
)

// serveFlags are what serve is told.
type serveFlags struct {
	data, addr, nats string
	demo             bool
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
		fs.BoolVar(&f.demo, "demo", false, "open alaska-2025 with the shipped facts; again and again is once")
		f.scrub.flags(fs)
		return func(ctx context.Context, std streams, _ []string) error { return serve(ctx, std, f) }
	},
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

func serve(ctx context.Context, std streams, f serveFlags) error {
	if err := loopback("addr", f.addr); err != nil {
		return err
	}
	if f.nats != natsAuto && f.nats != "off" {
		if err := loopback("nats-listen", f.nats); err != nil {
			return err
		}
	}
	logger := slog.New(slog.NewTextHandler(std.err, nil))
	listener, err := net.Listen("tcp", f.addr)
	if err != nil {
		return fmt.Errorf("listen for HTTP: %w (choose another with --addr)", err)
	}
	broker, err := startBroker(f, logger)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	err = serveOn(ctx, std, f, broker, listener, logger)
	return errors.Join(err, broker.Shutdown())
}

func startBroker(f serveFlags, logger *slog.Logger) (*embedded.Server, error) {
	o := embedded.Options{Dir: filepath.Join(f.data, "nats"), Secret: rand.Text(), Logger: logger}
	switch f.nats {
	case "off":
	case natsAuto:
		o.Listen = "127.0.0.1:0"
		if l, err := net.Listen("tcp", "127.0.0.1:4222"); err == nil {
			o.Listen = l.Addr().String()
			if err := l.Close(); err != nil {
				return nil, fmt.Errorf("look for a free port: %w", err)
			}
		}
	default:
		o.Listen = f.nats
	}
	return embedded.Start(o)
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
	handler, err := web.New(h, web.Options{
		Clock: time.Now, Jitter: mathrand.Float64, Logger: logger, Loopback: true, Done: done,
		Durability: "always", Health: broker.Health, Version: version(),
		Disk: func() (host.Disk, error) { return diskOf(f.data) },
	})
	if err != nil {
		return errors.Join(err, listener.Close(), h.Close())
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute}
	err = runAll(ctx, std, f, h, server, listener, broker, done)
	return errors.Join(err, h.Close())
}

func openHost(ctx context.Context, f serveFlags, write, read *nats.Conn, logger *slog.Logger) (*host.Host, error) {
	logs, err := store.Open(store.Conns{Append: write, Read: read}, store.Options{})
	if err != nil {
		return nil, err
	}
	return host.Open(ctx, logs, host.Options{
		Views: filepath.Join(f.data, "views"), Clock: time.Now, Logger: logger, Scrub: f.scrub.plan(),
		NewID: func() (string, error) {
			id, err := uuid.NewV7()
			return id.String(), err
		},
	})
}

// drainWait is how long open requests may take once the server stops.
const drainWait = 10 * time.Second

// runAll serves until ctx ends, then stops in the order of the flow: first no
// more requests, then no more recording and following.
func runAll(ctx context.Context, std streams, f serveFlags, h *host.Host, server *http.Server, listener net.Listener, broker *embedded.Server, done chan struct{}) error {
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
		close(done)
		until, cancel := context.WithTimeout(inner, drainWait)
		defer cancel()
		return server.Shutdown(until)
	})
	fmt.Fprintf(std.out, "HTTP   http://%s\n", listener.Addr())
	if url := broker.URL(); url != "" {
		fmt.Fprintf(std.out, "NATS   %s (read only: facts.>)\n", url)
	}
	if f.demo {
		g.Go(func() error {
			err := demo(inner, std, h, listener.Addr().String())
			if damaged := (*host.DamagedError)(nil); errors.Is(err, host.ErrInDoubt) || errors.As(err, &damaged) {
				fmt.Fprintf(std.out, "Demo   not recorded: %v\n", err)
				return nil // what is there is served all the same
			}
			return err
		})
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
