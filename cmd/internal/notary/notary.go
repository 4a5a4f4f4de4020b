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

// Open makes a notary with a secret key. The last signed heads are kept in a
// folder, which is made where there is none.
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

// Reload goes on with a secret key that may be another. It changes nothing and
// returns an error where a head that was signed before is not of that key.
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

// Key is the server's verifier key.
func (n *Notary) Key() string { return n.current().verifier }

func (n *Notary) current() key {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.key
}

// Origin is the first line of a summit's checkpoints.
func (n *Notary) Origin(summit string) string { return Origin(n.current().name, summit) }

// Origin names a summit of a server.
func Origin(server, summit string) string { return server + "/summits/" + summit }

// LogKey is the verifier key of one summit's log: the server's key under the
// name of the log.
func (n *Notary) LogKey(summit string) (string, error) { return n.current().of(summit) }

func (k key) of(summit string) (string, error) {
	return merkle.RenameKey(k.verifier, Origin(k.name, summit))
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

// Covers reports whether a head of so many events has been signed, by what is kept
// of it alone.
func (n *Notary) Covers(ctx context.Context, s Source, size int64) bool {
	var covers bool
	_, err := n.with(ctx, s, func(l *ledger) (Signed, error) {
		last, ok := l.signed()
		covers = ok && last.Size >= size
		return Signed{}, nil
	})
	return err == nil && covers
}

// Check reports what would keep the head from being signed, and signs nothing.
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

// Attest signs a text about a summit that is no checkpoint.
func (n *Notary) Attest(summit string, text []byte) ([]byte, error) {
	if _, err := merkle.ParseCheckpoint(text); err == nil {
		return nil, errors.New("attest: the text is a checkpoint, which only a head is signed as")
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

// Refused are the summits whose head is not signed, and why. A summit leaves
// the list when its head can be signed again.
func (n *Notary) Refused() map[string]error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return maps.Clone(n.refused)
}

// Blame counts a summit among the refused for an error that does not pass. It
// leaves the list when its head can be signed.
func (n *Notary) Blame(summit string, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.refused[summit] = err
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
