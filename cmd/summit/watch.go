package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/limits"
	"github.com/summit-timeline/summit/cmd/internal/traces"
)

// watchFlags say what an operator sees of a running server besides /metrics.
type watchFlags struct {
	format, level, pprof string
}

func (f *watchFlags) flags(fs *flag.FlagSet) {
	f.format, f.level = "text", "info"
	suggest(fs, &f.format, "log-format", []string{"text", "json"}, "of what is logged to standard error: text or json")
	suggest(fs, &f.level, "log-level", []string{"debug", "info", "warn", "error"}, "the least that is logged: debug (each request too), info, warn, error")
	fs.StringVar(&f.pprof, "pprof", "", "host:port of a listener of its own for profiles (net/http/pprof), on loopback; off where not given")
}

func (f *watchFlags) check() error {
	if _, err := f.logger(io.Discard); err != nil {
		return err
	}
	if f.pprof == "" {
		return nil
	}
	return loopback("pprof", f.pprof)
}

// logger is what the flags ask for. A level leaves out what is logged, and
// changes nothing else.
func (f *watchFlags) logger(w io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cmp.Or(f.level, "info"))); err != nil {
		return nil, usage("--log-level %s: debug, info, warn or error", f.level)
	}
	o := &slog.HandlerOptions{Level: level}
	switch cmp.Or(f.format, "text") {
	case "text":
		return slog.New(traces.LogHandler(slog.NewTextHandler(w, o))), nil
	case "json":
		return slog.New(traces.LogHandler(slog.NewJSONHandler(w, o))), nil
	}
	return nil, usage("--log-format %s: text or json", f.format)
}

// listen opens the listener for profiles; nil where none is asked for.
func (f *watchFlags) listen(ctx context.Context) (net.Listener, error) {
	if f.pprof == "" {
		return nil, nil //nolint:nilnil // none is asked for
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", f.pprof)
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
		if here, err := isLoopback(r.Host); err != nil || !here { // a page of a stranger may have brought a browser here
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
