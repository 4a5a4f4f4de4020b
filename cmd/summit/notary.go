package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/summit-timeline/summit/cmd/internal/host"
	"github.com/summit-timeline/summit/cmd/internal/notary"
	"github.com/summit-timeline/summit/cmd/internal/shelf"
	"github.com/summit-timeline/summit/store/durable"
	"github.com/summit-timeline/summit/store/merkle"
)

// headsBucket is where the servers of a cluster keep the last heads that they
// have signed: those with one key never sign two histories.
const headsBucket = "summit-heads"

// register is where other servers with this key look; nil where there are none,
// since the logs are this process's alone.
func (s *serving) register(conn *nats.Conn) (notary.Register, error) {
	if s.f.broker.url == "" {
		return nil, nil //nolint:nilnil // there is nobody to share with
	}
	return shelf.Open(conn, headsBucket, s.replicas)
}

// openNotary opens the notary with the key of the server, which is made at the
// first start.
func openNotary(f serveFlags, shared notary.Register) (*notary.Notary, error) {
	path := f.key
	if path == "" {
		path = filepath.Join(f.data, "key")
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
			name, err := serverName(f.name)
			if err != nil {
				return nil, err
			}
			if _, err := makeKey(path, name); err != nil {
				return nil, err
			}
		}
	}
	skey, err := readKey(path)
	if err != nil {
		return nil, err
	}
	n, err := notary.OpenShared(filepath.Join(f.data, "checkpoints"), skey, shared)
	if err != nil {
		return nil, fmt.Errorf("key in %s: %w", path, err)
	}
	if has, err := merkle.KeyName(n.Key()); err != nil || f.name != "" && has != f.name {
		return nil, usage("--name %s: the key in %s was made for %s, and a key has one name for ever; make another with summit keygen", f.name, path, has)
	}
	return n, nil
}

// serverName is the name that was given, or the host's.
func serverName(given string) (string, error) {
	if given != "" {
		return given, nil
	}
	name, err := os.Hostname()
	if err != nil {
		return "", fmt.Errorf("the host has no name: give one with --name: %w", err)
	}
	return name, nil
}

// makeKey makes a key in a new file that only its owner can read, and gives
// its verifier key.
func makeKey(path, name string) (vkey string, err error) {
	skey, vkey, err := merkle.GenerateKey(rand.Reader, name)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(path); err == nil {
		return "", fmt.Errorf("%s is there already: a key is never written over", path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	return vkey, durable.WriteFile(path, []byte(skey+"\n"), 0o600)
}

func readKey(path string) (string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read the key: %w (summit keygen makes one)", err)
	}
	return strings.TrimSuffix(string(b), "\n"), nil
}

// signEvery is how often what is new is signed, whether or not anybody asks:
// so that a fork is noticed, and a head is remembered from before it.
const signEvery = time.Minute

// keepSigning signs the heads from time to time until ctx ends.
func keepSigning(ctx context.Context, h *host.Host, n *notary.Notary, logger *slog.Logger) error {
	tick := time.NewTicker(signEvery)
	defer tick.Stop()
	said := map[string]string{}
	for {
		for _, s := range h.Summits() {
			_, err := n.Head(ctx, notary.Source{Log: s.Log, Tree: s.Views.Tree, Wait: s.Views.Wait})
			if ctx.Err() != nil {
				return nil
			}
			fault := faultOf(err)
			if fault != "" && fault != said[s.ID] {
				logger.Error("a head was not signed", "summit", s.ID, "error", err)
			}
			said[s.ID] = fault
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// faultOf tells one fault from another, so that each is logged once; "" is
// none. Views that are being built are no fault.
func faultOf(err error) string {
	var refused *notary.RefusedError
	switch {
	case err == nil, errors.Is(err, notary.ErrBehind):
		return ""
	case errors.As(err, &refused):
		return "refused"
	}
	return err.Error()
}
