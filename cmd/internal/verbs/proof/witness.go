package proof

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/summit-timeline/summit/cmd/internal/broker"
	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/client"
	"github.com/summit-timeline/summit/cmd/internal/keys"
	"github.com/summit-timeline/summit/cmd/internal/limits"
	"github.com/summit-timeline/summit/cmd/internal/signing"
	"github.com/summit-timeline/summit/store/merkle"
)

// witnessOptions are the flags of witness.
type witnessOptions struct {
	client.Client
	logKey, key, state, addr string
	every                    time.Duration
	once                     bool
}

// Witness cosigns the heads of a log.
func Witness() cli.Verb {
	return cli.Verb{
		Name: "witness", Args: "ID", Short: "follow the heads that a server signs, cosign those that continue, refuse a split view",
		Example: "summit keygen --name witness.example.net --witness -o witness.key\n" +
			"summit witness alaska-2025 --log-key server.vkey --key witness.key --once\n" +
			"summit witness alaska-2025 --log-key server.vkey --key witness.key --every 1m --addr 127.0.0.1:8090",
		Complete: client.ByServer(),
		Setup: func(fs *cli.Flags) cli.Run {
			var f witnessOptions
			fs.StringVar(&f.logKey, "log-key", "", "verifier `KEY` of the server or the log, or a file that holds it; from its operator, not from the server")
			fs.StringVar(&f.key, "key", "witness.key", "`FILE` of the witness's secret key (summit keygen --witness creates one)")
			fs.StringVar(&f.state, "state", "summit-witness", "`DIR` where the last cosigned head is kept")
			fs.StringVar(&f.addr, "addr", "", "`HOST:PORT` to serve the cosigned head on (/checkpoint) and to receive heads on (/add-checkpoint, C2SP tlog-witness)")
			fs.DurationVar(&f.every, "every", 10*time.Second, "how often to ask the server")
			fs.BoolVar(&f.once, "once", false, "ask once, then exit")
			f.Client.Flags(fs)
			return func(ctx context.Context, std cli.Streams, args []string) error { return f.run(ctx, std, args[0]) }
		},
	}
}

func (f *witnessOptions) run(ctx context.Context, std cli.Streams, id string) error {
	w, err := f.witness(id)
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
	if err := broker.CheckLoopback("addr", f.addr); err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", f.addr)
	if err != nil {
		return fmt.Errorf("listen: %w (choose another with --addr)", err)
	}
	fmt.Fprintf(std.Err, "witness http://%s\n", listener.Addr())
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

func (f *witnessOptions) witness(id string) (*signing.Witness, error) {
	logKey, err := keys.OrFile("log-key", f.logKey)
	if err != nil {
		return nil, err
	}
	name, err := merkle.KeyName(logKey)
	if err != nil {
		return nil, cli.Usage("--log-key: %v", err)
	}
	if !strings.HasSuffix(name, "/summits/"+id) { // it is the server's
		if logKey, err = merkle.RenameKey(logKey, signing.Origin(name, id)); err != nil {
			return nil, cli.Usage("--log-key: %v", err)
		}
	}
	skey, err := keys.Read(f.key)
	if err != nil {
		return nil, cli.Usage("--key: %v", err)
	}
	return signing.OpenWitness(signing.WitnessOptions{LogKey: logKey, Key: skey, Dir: f.state, Clock: time.Now})
}

// follow looks again and again. A server out of reach is told, and waited for:
// the witness ends with a split view alone.
func (f *witnessOptions) follow(ctx context.Context, std cli.Streams, w *signing.Witness, id string) error {
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
			fmt.Fprintf(std.Err, "summit witness: %v\n", err)
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

// look asks for the head, cosigns it if it is new, and prints it.
func (f *witnessOptions) look(ctx context.Context, std cli.Streams, w *signing.Witness, id string) error {
	text, err := f.Call(ctx, http.MethodGet, client.Path(id, "/checkpoint"), "", nil)
	if err != nil {
		return err
	}
	last, before := w.Last()
	var proof struct{ Hashes []merkle.Hash }
	if size, ok := ClaimedSize(text); before && ok && size > last.Size && last.Size > 0 {
		query := url.Values{"from": {strconv.FormatInt(last.Size, 10)}, "to": {strconv.FormatInt(size, 10)}}
		if _, err := f.Get(ctx, client.Path(id, "/proof/consistency"), query, &proof); err != nil {
			return err
		}
	}
	h, err := w.Add(last.Size, proof.Hashes, text)
	if err != nil {
		return err
	}
	switch {
	case f.once:
		_, err = std.Out.Write(h.Note)
	case !before || h.Size != last.Size:
		_, err = fmt.Fprintf(std.Out, "%s\n", h.Note)
	}
	return err
}

// ClaimedSize returns the size that a checkpoint claims, before it is verified.
func ClaimedSize(text []byte) (int64, bool) {
	lines := bytes.SplitN(text, []byte("\n"), 3)
	if len(lines) < 3 {
		return 0, false
	}
	n, err := strconv.ParseInt(string(lines[1]), 10, 64)
	return n, err == nil
}
