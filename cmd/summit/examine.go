package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/signing"
	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/store/embedded"
)

// examine looks at a data folder that no server holds: every log is read to its
// end and compared with the tree of its views.
func examine(ctx context.Context, std streams, data, key string) (r summits.Report, err error) {
	if _, err := os.Stat(filepath.Join(data, "nats")); err != nil {
		return r, usage("--data %s is no data folder of a server: %v", data, err)
	}
	f := serveFlags{data: data, key: key, nats: natsFlags{listen: natsOff}}
	logger := slog.New(slog.DiscardHandler) // what it would say is in the report
	broker, err := f.nats.start(ctx, data, nil, 0, false, logger)
	if errors.Is(err, embedded.ErrLocked) {
		return r, &codeError{exitBad, fmt.Errorf("a server holds %s: ask it, with --server and without --data", data)}
	}
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, broker.Shutdown()) }()
	write, err := broker.Connect("append")
	if err != nil {
		return r, err
	}
	defer write.Close()
	read, err := broker.Connect("read")
	if err != nil {
		return r, err
	}
	defer read.Close()
	f.scrub.every = time.Hour // it is on: once, here
	h, err := (&serving{f: f, logger: logger, broker: broker, replicas: 1}).openHost(ctx, write, read)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	for _, s := range h.Summits() {
		fmt.Fprintf(std.err, "reading the log of %s\n", s.ID)
		if err := h.ScrubNow(ctx, s); err != nil {
			return r, err
		}
	}
	unsigned, keyless := checkSigning(ctx, f, h)
	r = h.Report(ctx, summits.Beside{Broker: broker.Health, Unsigned: unsigned})
	if keyless != nil {
		r.Unready = append(r.Unready, summits.Cause{Kind: summits.Unsigned, Detail: keyless.Error()})
	}
	r.Version, r.Durability = version(), always
	if w := keyWarning(f.keyPath()); w != "" {
		r.Warnings = append(r.Warnings, w)
	}
	if disk, err := diskOf(data); err == nil { // where the system does not say, nothing is said
		r.Disk = &disk
	}
	return r, nil
}

// checkSigning looks whether the heads could be signed, and signs nothing. The
// error is that of the key.
func checkSigning(ctx context.Context, f serveFlags, h *summits.Registry) (unsigned func() map[string]error, err error) {
	path := f.keyPath()
	if _, err := os.Stat(path); f.key == "" && errors.Is(err, os.ErrNotExist) {
		return nil, keyLost(f.data, path)
	}
	skey, err := readKey(path)
	if err != nil {
		return nil, err
	}
	n, err := signing.Open(filepath.Join(f.data, checkpointsDir), skey)
	if err != nil {
		return nil, badKey(path, err)
	}
	for _, s := range h.Summits() {
		_ = n.Check(ctx, sourceOf(s)) // the notary remembers what it refuses
	}
	return n.Refused, nil
}
