package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/summit-timeline/summit/cmd/internal/signing"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store/merkle"
	"github.com/summit-timeline/summit/store/snapshot"
)

// snapshotFlags say where the views of a new replica begin.
type snapshotFlags struct{ from, key, token string }

func (f *snapshotFlags) flags(fs *flag.FlagSet) {
	fs.StringVar(&f.from, "snapshot-from", "", "URL of another replica, or a folder of ID.snapshot files, whose views those that are empty begin from; what does not verify is put aside")
	fs.StringVar(&f.key, "snapshot-key", "", "verifier key that must have signed it, or a file that holds it; that of this server's own key where not given")
	fs.StringVar(&f.token, "snapshot-token", "", "token of an auditor there; what SUMMIT_TOKEN holds where not given")
}

func (f *snapshotFlags) check() error {
	if f.from == "" || f.remote() {
		return nil
	}
	if info, err := os.Stat(f.from); err != nil || !info.IsDir() {
		return usage("--snapshot-from %s is neither the URL of a replica (http://HOST:PORT) nor a folder with ID.snapshot files in it", f.from)
	}
	return nil
}

func (f *snapshotFlags) remote() bool {
	return strings.HasPrefix(f.from, "http://") || strings.HasPrefix(f.from, "https://")
}

// fetch gives what brings the views of a summit; nil where they are folded here.
func (f snapshotFlags) fetch(own *signing.Notary) (func(summit string) projections.Fetch, error) {
	if f.from == "" {
		return nil, nil //nolint:nilnil // nothing is fetched
	}
	key, err := keyOrFile(f.key)
	if err != nil {
		return nil, err
	}
	if key == "" {
		key = own.Key()
	}
	if _, err := merkle.ParseVerifier(key); err != nil {
		return nil, usage("--snapshot-key: %v", err)
	}
	return func(summit string) projections.Fetch {
		return func(ctx context.Context, path string, tell func(done, of uint64)) (projections.Said, error) {
			verifier, err := logVerifier(key, summit)
			if err != nil {
				return projections.Said{}, err
			}
			in, err := f.open(ctx, summit)
			if err != nil {
				return projections.Said{}, fmt.Errorf("fetch views from %s: %w", f.from, err)
			}
			defer in.Close()
			said, err := unpack(in, verifier, path, tell)
			return projections.Said{Account: accountOf(said), Signed: said.Signed}, err
		}
	}, nil
}

// logVerifier verifies what the key of a summit's log has signed. A server's key
// signs for each of its logs under the name of that log.
func logVerifier(key, summit string) (note.Verifier, error) {
	name, err := merkle.KeyName(key)
	if err != nil {
		return nil, err
	}
	if !strings.HasSuffix(name, signing.Origin("", summit)) {
		if key, err = merkle.RenameKey(key, signing.Origin(name, summit)); err != nil {
			return nil, err
		}
	}
	return merkle.ParseVerifier(key)
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

func accountOf(s snapshot.Statement) projections.Account {
	a := projections.Account{Position: s.Position, Version: s.Version, Root: s.Root}
	for _, t := range s.Tables {
		a.Tables = append(a.Tables, projections.TableDigest{Table: t.Name, Rows: t.Rows, Sum: t.Sum})
	}
	return a
}

// open opens the snapshot of a summit.
func (f snapshotFlags) open(ctx context.Context, summit string) (io.ReadCloser, error) {
	if !f.remote() {
		return os.Open(filepath.Join(f.from, summit+endingSnapshot))
	}
	ctx, cancel := context.WithCancel(ctx)
	silent := time.AfterFunc(fetchSilence, cancel)
	c := client{server: f.from, token: cmp.Or(f.token, os.Getenv("SUMMIT_TOKEN"))}
	res, err := c.open(ctx, summitPath(summit, "/snapshot"), nil) //nolint:bodyclose // whoever reads it closes it
	if err != nil {
		cancel()
		return nil, err
	}
	return &watched{res.Body, silent, cancel}, nil
}

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
