package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/client"
	"github.com/summit-timeline/summit/cmd/internal/keys"
	"github.com/summit-timeline/summit/cmd/internal/signing"
	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/store/merkle"
)

// headsBucket is where the servers of a cluster keep the last heads that they
// have signed: those with one key never sign two histories.
const headsBucket = "summit-heads"

// register is where other servers with this key look, or nil if there are none,
// since the logs are this process's alone.
func (s *Server) register(conn *nats.Conn) (signing.Register, error) {
	if s.o.Cluster.URL == "" {
		return nil, nil //nolint:nilnil // there is nobody to share with
	}
	return signing.OpenBucket(conn, headsBucket, s.broker.Replicas)
}

// The places of a data folder that have to do with signing.
const (
	KeyFile        = "key"
	checkpointsDir = "checkpoints"
)

// KeyPath returns the file of the secret key: DIR/key if none was named.
func (f *Options) KeyPath() string { return cmp.Or(f.Key, filepath.Join(f.Data, KeyFile)) }

// openNotary opens the notary with the key of the server, which is made at the
// first start.
func openNotary(f Options, shared signing.Register) (*signing.Notary, error) {
	path := f.KeyPath()
	if _, err := os.Stat(path); f.Key == "" && errors.Is(err, os.ErrNotExist) {
		if err := firstKey(f, path); err != nil {
			return nil, err
		}
	}
	skey, err := keys.Read(path)
	if err != nil {
		return nil, err
	}
	n, err := signing.OpenShared(filepath.Join(f.Data, checkpointsDir), skey, shared)
	if err != nil {
		return nil, keys.Unusable(path, err)
	}
	return n, f.named(n.Key())
}

// reloadKey continues with the key that is in the file now.
func reloadKey(f Options, n *signing.Notary) error {
	skey, err := keys.Read(f.KeyPath())
	if err != nil {
		return err
	}
	vkey, err := merkle.VerifierKey(skey)
	if err != nil {
		return keys.Unusable(f.KeyPath(), err)
	}
	if err := f.named(vkey); err != nil {
		return err
	}
	return n.Reload(skey)
}

// named refuses a key of another name than --name says.
func (f *Options) named(vkey string) error {
	if has, err := merkle.KeyName(vkey); err != nil || f.Name != "" && has != f.Name {
		return cli.Usage("--name %s: the key in %s was made for %s, and a key never changes its name; make another with summit keygen", f.Name, f.KeyPath(), has)
	}
	return nil
}

// firstKey makes the key of a folder in which nothing was served before.
func firstKey(f Options, path string) error {
	if err := keyLost(f.Data, path); err != nil {
		return err
	}
	name, err := keys.ServerName(f.Name)
	if err != nil {
		return err
	}
	_, err = keys.Make(path, name)
	return err
}

// keyLost returns an error where the folder shows that it had a key, which is not
// there: what another key signs, readers who trust the old one refuse.
func keyLost(data, path string) error {
	signed, err := signing.Kept(filepath.Join(data, checkpointsDir))
	if err != nil {
		return err
	}
	views, err := filepath.Glob(filepath.Join(data, "views", "*.db"))
	if err != nil {
		return fmt.Errorf("look for views: %w", err)
	}
	if len(signed) == 0 && len(views) == 0 {
		return nil
	}
	aside := ""
	if len(signed) > 0 {
		aside = fmt.Sprintf("mv %[1]s %[1]s.old && ", filepath.Join(data, checkpointsDir))
	}
	return fmt.Errorf("the signing key is missing: %s does not exist, although this folder has served before; restore it from a backup, or name its file with --key FILE. "+
		"If it is lost, start with a new one and give its verifier key to every reader: %ssummit keygen --name NAME -o %s", path, aside, path)
}

const (
	// signEvery is how often what is new is signed, whether or not anybody asks:
	// so that a fork is noticed, and a head is remembered from before it.
	signEvery = time.Minute
	// signAgain is how soon a head that could not be signed is tried again.
	signAgain = 2 * time.Second
	// unsignedAllowed is how long a head may stay unsigned, whatever the reason,
	// before the server counts as not ready.
	unsignedAllowed = time.Minute
)

// keepSigning signs the heads from time to time until ctx ends.
func keepSigning(ctx context.Context, h *summits.Registry, n *signing.Notary, logger *slog.Logger) error {
	said, since := map[string]string{}, map[string]time.Time{}
	for round := 0; ; round++ {
		refused := n.Refused() // by whoever asked
		for _, s := range h.Summits() {
			if round%int(signEvery/signAgain) != 0 && refused[s.ID] == nil && said[s.ID] == "" {
				continue
			}
			if s.Views.Asleep() && refused[s.ID] == nil && said[s.ID] == "" && n.Covers(ctx, sourceOf(s), int64(s.Views.Head().Seq)) {
				continue // it need not be woken for that
			}
			_, err := n.Head(ctx, sourceOf(s))
			if ctx.Err() != nil {
				return nil
			}
			fault := faultOf(err)
			if fault == "" {
				delete(said, s.ID)
				delete(since, s.ID)
				continue
			}
			if fault != said[s.ID] {
				logger.Error("a head was not signed", "summit", s.ID, "error", err)
			}
			if said[s.ID] = fault; since[s.ID].IsZero() {
				since[s.ID] = time.Now()
			} else if time.Since(since[s.ID]) > unsignedAllowed {
				n.Blame(s.ID, err)
			}
		}
		if client.Pause(ctx, signAgain) != nil {
			return nil
		}
	}
}

func sourceOf(s *summits.Summit) signing.Source {
	return signing.Source{Log: s.Log, Tree: s.Views.Tree, Wait: s.Views.Wait}
}

// faultOf returns a key for a fault, so that each is logged once; "" is
// none. Views that are being built are no fault.
func faultOf(err error) string {
	var refused *signing.RefusedError
	switch {
	case err == nil, errors.Is(err, signing.ErrBehind):
		return ""
	case errors.As(err, &refused):
		return "refused"
	}
	return err.Error()
}
