package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/summit-timeline/summit/cmd/internal/limits"
	"github.com/summit-timeline/summit/cmd/internal/signing"
	"github.com/summit-timeline/summit/store/merkle"
)

// witnessFlags are what a witness is told.
type witnessFlags struct {
	client
	logKey, key, state, addr string
	every                    time.Duration
	once                     bool
}

var witnessVerb = verb{
	name: "witness", args: "ID", short: "follow the heads a server signs, cosign those that continue, refuse a split view",
	example: "  summit keygen --name witness.example.net --witness -o witness.key\n" +
		"  summit witness alaska-2025 --log-key server.vkey --key witness.key --once\n" +
		"  summit witness alaska-2025 --log-key server.vkey --key witness.key --every 1m --addr 127.0.0.1:8090",
	setup: func(fs *flag.FlagSet) func(context.Context, streams, []string) error {
		var f witnessFlags
		f.client.flags(fs)
		fs.StringVar(&f.logKey, "log-key", "", "verifier key of the server or the log, or a file that holds it; got from its operator, not from the server")
		fs.StringVar(&f.key, "key", "witness.key", "file of the witness's secret key, see summit keygen --witness")
		fs.StringVar(&f.state, "state", "summit-witness", "folder where the last cosigned head is kept")
		fs.StringVar(&f.addr, "addr", "", "host:port to serve the cosigned head on (GET /checkpoint) and to take heads on (POST /add-checkpoint, C2SP tlog-witness)")
		fs.DurationVar(&f.every, "every", 10*time.Second, "how often the server is asked")
		fs.BoolVar(&f.once, "once", false, "ask once, and end")
		return func(ctx context.Context, std streams, args []string) error { return f.run(ctx, std, args[0]) }
	},
}

func (f *witnessFlags) run(ctx context.Context, std streams, id string) error {
	w, err := f.open(id)
	if err != nil {
		return err
	}
	if f.once {
		err := f.look(ctx, std, w, id)
		return err
	}
	if f.addr == "" {
		return f.follow(ctx, std, w, id)
	}
	if err := loopback("addr", f.addr); err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", f.addr)
	if err != nil {
		return fmt.Errorf("listen: %w (choose another with --addr)", err)
	}
	fmt.Fprintf(std.err, "witness http://%s\n", listener.Addr())
	server := &http.Server{Handler: w.Handler(), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return f.follow(ctx, std, w, id) })
	g.Go(func() error {
		if err := server.Serve(limits.Patient(listener)); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve: %w", err)
		}
		return nil
	})
	g.Go(func() error {
		<-ctx.Done()
		return server.Close()
	})
	return g.Wait()
}

func (f *witnessFlags) open(id string) (*signing.Witness, error) {
	logKey, err := keyOrFile(f.logKey)
	if err != nil {
		return nil, err
	}
	name, err := merkle.KeyName(logKey)
	if err != nil {
		return nil, usage("--log-key: %v", err)
	}
	if !strings.HasSuffix(name, "/summits/"+id) { // it is the server's
		if logKey, err = merkle.RenameKey(logKey, signing.Origin(name, id)); err != nil {
			return nil, usage("--log-key: %v", err)
		}
	}
	skey, err := readKey(f.key)
	if err != nil {
		return nil, usage("--key: %v", err)
	}
	return signing.OpenWitness(signing.WitnessOptions{LogKey: logKey, Key: skey, Dir: f.state, Clock: time.Now})
}

// follow looks again and again. A server out of reach is told, and waited for:
// the witness ends with a split view alone.
func (f *witnessFlags) follow(ctx context.Context, std streams, w *signing.Witness, id string) error {
	tick := time.NewTicker(max(f.every, time.Millisecond))
	defer tick.Stop()
	said := ""
	for {
		err := f.look(ctx, std, w, id)
		var split *signing.SplitError
		var key *merkle.UnknownKeyError
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.As(err, &split), errors.As(err, &key):
			return err
		case err != nil && err.Error() != said:
			said = err.Error()
			fmt.Fprintf(std.err, "summit witness: %v\n", err)
		case err == nil:
			said = ""
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// look asks for the head, cosigns it where it is new, and prints it.
func (f *witnessFlags) look(ctx context.Context, std streams, w *signing.Witness, id string) error {
	text, err := f.call(ctx, http.MethodGet, summitPath(id, "/checkpoint"), "", nil)
	if err != nil {
		return err
	}
	last, before := w.Last()
	var proof struct{ Hashes []merkle.Hash }
	if size, ok := sizeOf(text); before && ok && size > last.Size && last.Size > 0 {
		query := url.Values{"from": {strconv.FormatInt(last.Size, 10)}, "to": {strconv.FormatInt(size, 10)}}
		if _, err := f.get(ctx, summitPath(id, "/proof/consistency"), query, &proof); err != nil {
			return err
		}
	}
	h, err := w.Add(last.Size, proof.Hashes, text)
	if err != nil {
		return err
	}
	switch {
	case f.once:
		_, err = std.out.Write(h.Note)
	case !before || h.Size != last.Size:
		_, err = fmt.Fprintf(std.out, "%s\n", h.Note)
	}
	return err
}

// sizeOf is the size that a checkpoint claims, before anybody has checked it.
func sizeOf(text []byte) (int64, bool) {
	lines := bytes.SplitN(text, []byte("\n"), 3)
	if len(lines) < 3 {
		return 0, false
	}
	n, err := strconv.ParseInt(string(lines[1]), 10, 64)
	return n, err == nil
}
