// Package notary is the one place that signs heads of logs.
//
// The door is [Open]. Before a head is signed its root is computed a second
// time, by other code, from the stored bytes themselves, and it must continue
// the last head that was signed: a rollback, a fork and a flipped bit are
// refused, not signed.
package notary

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
	// Wait waits until the views have come so far; nil where they cannot.
	Wait func(ctx context.Context, seq uint64) error
}

// Signed is a head and the note that says so.
type Signed struct {
	merkle.Checkpoint
	Note []byte
}

// Notary signs with one key for every summit of a server.
type Notary struct {
	dir, skey, vkey, name string
	register              Register // nil where this server alone has the key

	mu      sync.Mutex // guards what follows
	ledgers map[string]*ledger
	refused map[string]error
}

// Open makes a notary with a secret key. The last signed heads are kept in a
// folder, which is made where there is none.
func Open(dir, skey string) (*Notary, error) {
	vkey, err := merkle.VerifierKey(skey)
	if err != nil {
		return nil, fmt.Errorf("open notary: %w", err)
	}
	name, err := merkle.KeyName(vkey)
	if err != nil {
		return nil, fmt.Errorf("open notary: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open notary: %w", err)
	}
	return &Notary{dir: dir, skey: skey, vkey: vkey, name: name, ledgers: map[string]*ledger{}, refused: map[string]error{}}, nil
}

// Key is the server's verifier key.
func (n *Notary) Key() string { return n.vkey }

// Origin is the first line of a summit's checkpoints.
func (n *Notary) Origin(summit string) string { return Origin(n.name, summit) }

// Origin names a summit of a server.
func Origin(server, summit string) string { return server + "/summits/" + summit }

// LogKey is the verifier key of one summit's log: the server's key under the
// name of the log.
func (n *Notary) LogKey(summit string) (string, error) {
	return merkle.RenameKey(n.vkey, n.Origin(summit))
}

// Head signs what is served now.
func (n *Notary) Head(ctx context.Context, s Source) (Signed, error) {
	return n.with(ctx, s, func(l *ledger) (Signed, error) { return l.head(ctx, s) })
}

// At signs the head of the first size events. The error is a *SizeError where
// there are not that many.
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

// Attest signs a text about a summit that is no checkpoint.
func (n *Notary) Attest(summit string, text []byte) ([]byte, error) {
	if _, err := merkle.ParseCheckpoint(text); err == nil {
		return nil, errors.New("attest: the text is a checkpoint, which only a head is signed as")
	}
	signer, err := merkle.NewLogSigner(n.skey, n.Origin(summit))
	if err != nil {
		return nil, fmt.Errorf("attest: %w", err)
	}
	b, err := note.Sign(&note.Note{Text: string(text)}, signer)
	if err != nil {
		return nil, fmt.Errorf("attest: %w", err)
	}
	return b, nil
}

// Refused are the summits whose head is not signed, and why. A summit leaves
// the list when its head can be signed again.
func (n *Notary) Refused() map[string]error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return maps.Clone(n.refused)
}

// with runs one signing a summit at a time, and keeps a refusal.
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
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case err == nil:
		delete(n.refused, summit)
	case errors.As(err, &refused):
		n.refused[summit] = err
	}
}

func (n *Notary) ledger(summit string) *ledger {
	n.mu.Lock()
	defer n.mu.Unlock()
	l := n.ledgers[summit]
	if l == nil {
		l = &ledger{n: n, summit: summit, hold: make(chan struct{}, 1)}
		n.ledgers[summit] = l
	}
	return l
}
