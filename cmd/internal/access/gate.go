package access

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
)

// Options of a gate.
type Options struct {
	// File holds the tokens.
	File  string
	Clock func() time.Time
	// Fresh is for how long the file counts as it was when it was looked at
	// last: many requests a second need not each ask the system for it. 0 looks
	// at it for each.
	Fresh time.Duration
	// Public names the summits that anybody may read; "*" is all.
	Public []string
	// Trusting lets anybody do anything for as long as there is no file: for a
	// server that its own machine alone can reach.
	Trusting bool
	// Issuer finds the identity behind a token that somebody else has issued; nil takes
	// the server's own alone.
	Issuer Issuer
}

// Issuer finds the identity behind a signed token (JWT). Its error is ErrExpired, a
// *RefusedError or an *UnavailableError.
type Issuer interface {
	Identify(ctx context.Context, token string) (Identity, error)
	// Forget has the issuer asked for its keys before the next token is checked.
	Forget()
}

// Gate finds the identity behind the credential of a request.
type Gate struct {
	o Options

	mu     sync.Mutex
	as     stamp
	looked time.Time // when the file was found to be as it is known
	byKey  map[string]Token
}

// stamp identifies one state of the file: it is replaced, never
// written into.
type stamp struct {
	changed time.Time
	size    int64
	info    os.FileInfo
}

// Open opens a gate on a file of tokens, which may not be there yet.
func Open(o Options) (*Gate, error) {
	g := &Gate{o: o}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g, g.refresh()
}

// refresh reads the file again where it may have changed.
func (g *Gate) refresh() error {
	now := g.o.Clock()
	if age := now.Sub(g.looked); age >= 0 && age < g.o.Fresh {
		return nil
	}
	if err := g.look(false); err != nil {
		return err
	}
	g.looked = now
	return nil
}

// Reload reads the file again whether or not it seems to have changed, and has the
// issuer asked for its keys again.
func (g *Gate) Reload() error {
	if g.o.Issuer != nil {
		g.o.Issuer.Forget()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.look(true)
}

// look reads the file again if it has changed, or in any case.
func (g *Gate) look(anyway bool) error {
	info, err := os.Stat(g.o.File)
	if errors.Is(err, os.ErrNotExist) {
		g.byKey, g.as = nil, stamp{}
		return nil
	}
	if err != nil {
		return fmt.Errorf("read tokens: %w", err)
	}
	if !anyway && g.as.info != nil && os.SameFile(info, g.as.info) && info.ModTime().Equal(g.as.changed) && info.Size() == g.as.size {
		return nil
	}
	list, err := read(g.o.File)
	if err != nil {
		return err
	}
	byKey := make(map[string]Token, len(list))
	for _, t := range list {
		byKey[t.Hash] = t
	}
	g.byKey, g.as = byKey, stamp{info.ModTime(), info.Size(), info}
	return nil
}

// Identify returns the identity behind a credential. The error is one of those of this package, or
// says that the file cannot be read: nobody is then let in.
func (g *Gate) Identify(ctx context.Context, secret string) (Identity, error) {
	if who, err := g.own(secret); !errors.Is(err, ErrUnknown) || g.o.Issuer == nil || !signed(secret) {
		return who, err
	}
	who, err := g.o.Issuer.Identify(ctx, secret)
	if err != nil {
		return Identity{}, err
	}
	if taken, err := g.named(who.Name); taken || err != nil {
		return Identity{}, errors.Join(err, &RefusedError{"its subject is the name of a token of this server: what each of them records could not be told apart"})
	}
	who.Issued, who.Public = true, g.o.Public
	return who, nil
}

// Valid reports whether a caller admitted with a secret may continue. It waits for
// nobody.
func (g *Gate) Valid(who Identity, secret string) (Identity, error) {
	if !who.Issued {
		return g.own(secret)
	}
	if !g.o.Clock().Before(who.Expires) {
		return Identity{}, ErrExpired
	}
	return who, nil
}

// signed reports whether a secret has the form of a JWT; those made here never do.
func signed(secret string) bool { return strings.Count(secret, ".") == 2 }

func (g *Gate) own(secret string) (Identity, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.refresh(); err != nil {
		return Identity{}, err
	}
	t, known := g.byKey[hash(secret)]
	if !known {
		return Identity{}, ErrUnknown
	}
	who, err := t.judge(g.o.Clock())
	if err != nil {
		return Identity{}, err
	}
	who.Public = g.o.Public
	return who, nil
}

// named reports whether a token of this server has a name, or had it.
func (g *Gate) named(name string) (bool, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.refresh(); err != nil {
		return false, err
	}
	for _, t := range g.byKey {
		if t.Name == name {
			return true, nil
		}
	}
	return false, nil
}

// Anonymous is the identity of a request without a secret.
func (g *Gate) Anonymous() (Identity, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.refresh(); err != nil {
		return Identity{}, err
	}
	if g.o.Trusting && g.as.info == nil {
		return Whole, nil
	}
	return g.public(), nil
}

func (g *Gate) public() Identity {
	return Identity{Role: Reader, Summits: []string{}, Public: g.o.Public}
}

// HasTokens reports whether there is a token that can be used.
func (g *Gate) HasTokens() (bool, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.refresh(); err != nil {
		return false, err
	}
	for _, t := range g.byKey {
		if _, err := t.judge(g.o.Clock()); err == nil {
			return true, nil
		}
	}
	return false, nil
}
