package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/broker"
	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/keys"
	"github.com/summit-timeline/summit/cmd/internal/signing"
	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/store/embedded"
)

// Examine looks at a data folder that no server holds: it reads every log to its
// end and compares it with the tree of its views. version is that of the program.
func Examine(ctx context.Context, progress io.Writer, data, key, version string) (r summits.Report, err error) {
	if _, err := os.Stat(filepath.Join(data, "nats")); err != nil {
		return r, cli.Usage("--data %s is not a server's data folder: %v", data, err)
	}
	f := Options{Data: data, Key: key, NATS: broker.ListenOptions{Listen: broker.Off}}
	logger := slog.New(slog.DiscardHandler) // what it would say is in the report
	opened, err := broker.Open(ctx, broker.Options{Cluster: broker.ClusterOptions{Durability: broker.Always}, Listen: &f.NATS, Data: data, Logger: logger})
	if errors.Is(err, embedded.ErrLocked) {
		return r, fmt.Errorf("a server is using %s: ask it with --server instead of --data", data)
	}
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, opened.Shutdown()) }()
	write, err := opened.Connect("append")
	if err != nil {
		return r, err
	}
	defer write.Close()
	read, err := opened.Connect("read")
	if err != nil {
		return r, err
	}
	defer read.Close()
	f.Scrub.Every = time.Hour // it is on: once, here
	h, err := (&Server{o: f, logger: logger, broker: opened}).openRegistry(ctx, write, read)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	for _, s := range h.Summits() {
		fmt.Fprintf(progress, "reading the log of %s\n", s.ID)
		if err := h.ScrubNow(ctx, s); err != nil {
			return r, err
		}
	}
	unsigned, keyless := checkSigning(ctx, f, h)
	r = h.Report(ctx, summits.Surroundings{Broker: opened.Health, Unsigned: unsigned})
	if keyless != nil {
		r.Unready = append(r.Unready, summits.Cause{Kind: summits.Unsigned, Detail: keyless.Error()})
	}
	r.Version, r.Durability = version, broker.Always
	if w := keys.Warning(f.KeyPath()); w != "" {
		r.Warnings = append(r.Warnings, w)
	}
	if disk, err := diskOf(data); err == nil { // where the system does not say, nothing is said
		r.Disk = &disk
	}
	return r, nil
}

// checkSigning looks whether the heads could be signed, and signs nothing. The
// error is that of the key.
func checkSigning(ctx context.Context, f Options, h *summits.Registry) (unsigned func() map[string]error, err error) {
	path := f.KeyPath()
	if _, err := os.Stat(path); f.Key == "" && errors.Is(err, os.ErrNotExist) {
		return nil, keyLost(f.Data, path)
	}
	skey, err := keys.Read(path)
	if err != nil {
		return nil, err
	}
	n, err := signing.Open(filepath.Join(f.Data, checkpointsDir), skey)
	if err != nil {
		return nil, keys.Unusable(path, err)
	}
	for _, s := range h.Summits() {
		_ = n.Check(ctx, sourceOf(s)) // the notary remembers what it refuses
	}
	return n.Refused, nil
}
