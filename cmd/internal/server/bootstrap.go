package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/client"
	"github.com/summit-timeline/summit/cmd/internal/keys"
	"github.com/summit-timeline/summit/cmd/internal/signing"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store/merkle"
	"github.com/summit-timeline/summit/store/snapshot"
)

// BootstrapOptions define where a new replica gets its views from.
type BootstrapOptions struct{ From, Key, Token string }

func (f *BootstrapOptions) check() error {
	if f.From == "" || f.remote() {
		return nil
	}
	if info, err := os.Stat(f.From); err != nil || !info.IsDir() {
		return cli.Usage("--snapshot-from %s is neither the URL of a replica (http://HOST:PORT) nor a folder of ID.snapshot files", f.From)
	}
	return nil
}

func (f *BootstrapOptions) remote() bool {
	return strings.HasPrefix(f.From, "http://") || strings.HasPrefix(f.From, "https://")
}

// fetch returns the function that fetches the views of a summit, or nil if they are folded here.
func (f BootstrapOptions) fetch(own *signing.Notary) (func(summit string) projections.Fetch, error) {
	if f.From == "" {
		return nil, nil //nolint:nilnil // nothing is fetched
	}
	key, err := keys.OrFile("snapshot-key", f.Key)
	if err != nil {
		return nil, err
	}
	if key == "" {
		key = own.Key()
	}
	if _, err := merkle.ParseVerifier(key); err != nil {
		return nil, cli.Usage("--snapshot-key: %v", err)
	}
	return func(summit string) projections.Fetch {
		return func(ctx context.Context, path string, tell func(done, of uint64)) (projections.Attestation, error) {
			verifier, err := keys.LogVerifier(key, summit)
			if err != nil {
				return projections.Attestation{}, err
			}
			in, err := f.open(ctx, summit)
			if err != nil {
				return projections.Attestation{}, fmt.Errorf("fetch views from %s: %w", f.From, err)
			}
			defer in.Close()
			said, err := unpack(in, verifier, path, tell)
			return projections.Attestation{ViewDigest: accountOf(said), Signed: said.Signed}, err
		}
	}, nil
}

// unpack takes the views out of a snapshot into a new file, durably.
func unpack(in io.Reader, verifier note.Verifier, path string, tell func(done, of uint64)) (said snapshot.Statement, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return said, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if said, err = snapshot.Read(in, verifier, f, tell); err != nil {
		return said, err
	}
	return said, f.Sync()
}

func accountOf(s snapshot.Statement) projections.ViewDigest {
	a := projections.ViewDigest{Position: s.Position, Version: s.Version, Root: s.Root}
	for _, t := range s.Tables {
		a.Tables = append(a.Tables, projections.TableDigest{Table: t.Name, Rows: t.Rows, Sum: t.Sum})
	}
	return a
}

// open opens the snapshot of a summit.
func (f BootstrapOptions) open(ctx context.Context, summit string) (io.ReadCloser, error) {
	if !f.remote() {
		return os.Open(filepath.Join(f.From, summit+SnapshotEnding))
	}
	ctx, cancel := context.WithCancel(ctx)
	silent := time.AfterFunc(fetchSilence, cancel)
	c := client.Client{Server: f.From, Token: cmp.Or(f.Token, os.Getenv(client.TokenEnv))}
	res, err := c.Open(ctx, client.Path(summit, "/snapshot"), nil) //nolint:bodyclose // whoever reads it closes it
	if err != nil {
		cancel()
		return nil, err
	}
	return &watched{res.Body, silent, cancel}, nil
}

// SnapshotEnding is the ending of the files in a folder of snapshots.
const SnapshotEnding = ".snapshot"

// fetchSilence is how long a replica may send nothing: it copies its views
// before it sends the first byte.
const fetchSilence = 2 * time.Minute

// watched is a body that is given up when nothing comes.
type watched struct {
	io.ReadCloser
	silent *time.Timer
	cancel context.CancelFunc
}

func (w *watched) Read(b []byte) (int, error) {
	n, err := w.ReadCloser.Read(b)
	w.silent.Reset(fetchSilence)
	return n, err
}

func (w *watched) Close() error {
	w.silent.Stop()
	defer w.cancel()
	return w.ReadCloser.Close()
}
