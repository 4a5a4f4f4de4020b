package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/broker"
	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/limits"
	"github.com/summit-timeline/summit/cmd/internal/traces"
)

// ObserveOptions define what an operator sees of a running server besides /metrics.
type ObserveOptions struct {
	LogFormat, LogLevel, Pprof string
}

func (f *ObserveOptions) check() error {
	if _, err := f.logger(io.Discard); err != nil {
		return err
	}
	if f.Pprof == "" {
		return nil
	}
	return broker.CheckLoopback("pprof", f.Pprof)
}

// logger is what the flags ask for. A level leaves out what is logged, and
// changes nothing else.
func (f *ObserveOptions) logger(w io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cmp.Or(f.LogLevel, "info"))); err != nil {
		return nil, cli.Usage("--log-level %s: debug, info, warn or error", f.LogLevel)
	}
	o := &slog.HandlerOptions{Level: level}
	switch cmp.Or(f.LogFormat, "text") {
	case "text":
		return slog.New(traces.LogHandler(slog.NewTextHandler(w, o))), nil
	case "json":
		return slog.New(traces.LogHandler(slog.NewJSONHandler(w, o))), nil
	}
	return nil, cli.Usage("--log-format %s: text or json", f.LogFormat)
}

// listen opens the listener for profiles, or nil if none is asked for.
func (f *ObserveOptions) listen(ctx context.Context) (net.Listener, error) {
	if f.Pprof == "" {
		return nil, nil //nolint:nilnil // none is asked for
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", f.Pprof)
	if err != nil {
		return nil, fmt.Errorf("listen for profiles: %w (choose another with --pprof)", err)
	}
	return l, nil
}

// serveProfiles serves profiles until ctx ends.
func serveProfiles(ctx context.Context, l net.Listener) error {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	own := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if here, err := broker.IsLoopback(r.Host); err != nil || !here { // a page of a stranger may have brought a browser here
			http.Error(w, "profiles are for this machine alone", http.StatusMisdirectedRequest)
			return
		}
		mux.ServeHTTP(w, r)
	})
	s := &http.Server{Handler: own, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = s.Close() })
	defer stop()
	if err := s.Serve(limits.Patient(l)); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve profiles: %w", err)
	}
	return nil
}
