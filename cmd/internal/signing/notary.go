// Package signing signs the heads of logs, and cosigns those of other servers.
//
// A [Notary] signs for every summit of a server. Before it signs a head it
// computes the root a second time, with other code, from the stored bytes
// themselves, and checks that the head continues the last one that was signed:
// it refuses a rollback, a fork and a flipped bit. Servers that share a key
// share their last heads through a [Register], which is a [Bucket] of NATS.
//
// A [Witness] cosigns the heads of one log of another server. DESIGN.md has the
// reasons.
package signing

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"os"
	"sync"

	"golang.org/x/mod/sumdb/note"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/merkle"
)

// Log is what the notary reads of a summit's log.
type Log interface {
	Summit() string
	Info(ctx context.Context) (store.Info, error)
	ReadBytes(ctx context.Context, from, to uint64) iter.Seq2[store.Record, error]
}

// Source is a summit to sign for: the stored bytes, and the tree that the views
// keep over them.
type Source struct {
	Log  Log
	Tree func(fn func(head events.Position, tiles merkle.Store) error) error
	// Wait waits until the views have come so far; it is nil if they cannot.
	Wait func(ctx context.Context, seq uint64) error
}

// Signed is a head and its signed note.
type Signed struct {
	merkle.Checkpoint
	Note []byte
}

// Notary signs with one key for every summit of a server.
type Notary struct {
	dir      string
	register Register // nil where this server alone has the key

	mu      sync.Mutex // guards what follows
	key     key
	ledgers map[string]*ledger
	refused map[string]error
}

// key is a secret key and what follows from it.
type key struct{ secret, verifier, name string }

func parseKey(secret string) (key, error) {
	verifier, err := merkle.VerifierKey(secret)
	if err != nil {
		return key{}, fmt.Errorf("read the key: %w", err)
	}
	name, err := merkle.KeyName(verifier)
	if err != nil {
		return key{}, fmt.Errorf("read the key: %w", err)
	}
	return key{secret, verifier, name}, nil
}

// Open opens a notary with a secret key. It keeps the last signed heads in dir,
// and makes that folder if there is none.
func Open(dir, skey string) (*Notary, error) {
	k, err := parseKey(skey)
	if err != nil {
		return nil, fmt.Errorf("open notary: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open notary: %w", err)
	}
	return &Notary{dir: dir, key: k, ledgers: map[string]*ledger{}, refused: map[string]error{}}, nil
}

// Reload replaces the secret key. It changes nothing and returns an error if a
// head that was signed before is not of the new key.
func (n *Notary) Reload(skey string) error {
	k, err := parseKey(skey)
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if k == n.key {
		return nil
	}
	kept, err := Kept(n.dir)
	if err != nil {
		return err
	}
	ledgers := map[string]*ledger{}
	for _, summit := range kept {
		l := newLedger(n, k, summit)
		if err := l.open(); err != nil {
			return err
		}
		ledgers[summit] = l
	}
	n.key, n.ledgers, n.refused = k, ledgers, map[string]error{}
	return nil
}

// Key returns the server's verifier key.
func (n *Notary) Key() string { return n.current().verifier }

func (n *Notary) current() key {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.key
}

// Origin returns the first line of a summit's checkpoints.
func (n *Notary) Origin(summit string) string { return Origin(n.current().name, summit) }

// Origin returns the name of a summit of a server.
func Origin(server, summit string) string { return server + "/summits/" + summit }

// LogKey returns the verifier key of one summit's log: the server's key under
// the name of the log.
func (n *Notary) LogKey(summit string) (string, error) { return n.current().of(summit) }

func (k key) of(summit string) (string, error) {
	return merkle.RenameKey(k.verifier, Origin(k.name, summit))
}

// Head signs what is served now.
func (n *Notary) Head(ctx context.Context, s Source) (Signed, error) {
	return n.with(ctx, s, func(l *ledger) (Signed, error) { return l.head(ctx, s) })
}

// At signs the head of the first size events. It returns a *SizeError if there
// are not that many.
func (n *Notary) At(ctx context.Context, s Source, size int64) (Signed, error) {
	return n.with(ctx, s, func(l *ledger) (Signed, error) {
		if last, ok := l.signed(); !ok || last.Size < size {
			if _, err := l.head(ctx, s); err != nil {
				return Signed{}, err
			}
		}
		return l.at(s, size)
	})
}

// Covers reports whether a head of at least size events has been signed. It reads
// nothing but the last signed head.
func (n *Notary) Covers(ctx context.Context, s Source, size int64) bool {
	var covers bool
	_, err := n.with(ctx, s, func(l *ledger) (Signed, error) {
		last, ok := l.signed()
		covers = ok && last.Size >= size
		return Signed{}, nil
	})
	return err == nil && covers
}

// Check returns the error that signing the head would return, and signs nothing.
func (n *Notary) Check(ctx context.Context, s Source) error {
	_, err := n.with(ctx, s, func(l *ledger) (Signed, error) {
		now, err := l.look(s)
		if err == nil {
			err = l.continues(ctx, s, now)
		}
		return Signed{}, err
	})
	return err
}

// Attest signs a text about a summit. It returns an error if the text is a
// checkpoint: only Head and At sign those.
func (n *Notary) Attest(summit string, text []byte) ([]byte, error) {
	if _, err := merkle.ParseCheckpoint(text); err == nil {
		return nil, errors.New("attest: the text is a checkpoint, and only heads are signed as checkpoints")
	}
	k := n.current()
	signer, err := merkle.NewLogSigner(k.secret, Origin(k.name, summit))
	if err != nil {
		return nil, fmt.Errorf("attest: %w", err)
	}
	b, err := note.Sign(&note.Note{Text: string(text)}, signer)
	if err != nil {
		return nil, fmt.Errorf("attest: %w", err)
	}
	return b, nil
}

// Refused returns the summits whose head is not signed, with the reason. A summit
// leaves the list when its head can be signed again.
func (n *Notary) Refused() map[string]error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return maps.Clone(n.refused)
}

// Blame adds a summit to the refused ones for an error that does not pass by
// itself. It leaves the list when its head can be signed.
func (n *Notary) Blame(summit string, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.refused[summit] = err
}

// with runs sign, one at a time for a summit, and notes a refusal.
func (n *Notary) with(ctx context.Context, s Source, sign func(*ledger) (Signed, error)) (Signed, error) {
	summit := s.Log.Summit()
	l := n.ledger(summit)
	select {
	case l.hold <- struct{}{}:
		defer func() { <-l.hold }()
	case <-ctx.Done():
		return Signed{}, fmt.Errorf("sign the head of %s: %w", summit, ctx.Err())
	}
	err := l.open()
	var signed Signed
	if err == nil {
		signed, err = sign(l)
	}
	n.note(summit, err)
	if err != nil {
		return Signed{}, fmt.Errorf("sign the head of %s: %w", summit, err)
	}
	return signed, nil
}

func (n *Notary) note(summit string, err error) {
	var refused *RefusedError
	var unkept *UnkeptError
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case err == nil:
		delete(n.refused, summit)
	case errors.As(err, &refused), errors.As(err, &unkept):
		n.refused[summit] = err
	}
}

func (n *Notary) ledger(summit string) *ledger {
	n.mu.Lock()
	defer n.mu.Unlock()
	l := n.ledgers[summit]
	if l == nil {
		l = newLedger(n, n.key, summit)
		n.ledgers[summit] = l
	}
	return l
}
