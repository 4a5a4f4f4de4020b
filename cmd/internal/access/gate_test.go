package access

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/summit-timeline/summit/events/class"
)

// issuer vouches for the subject that stands between the dots of a token.
type issuer struct {
	err       error
	forgotten int
}

func (i *issuer) Identify(_ context.Context, token string) (Identity, error) {
	if i.err != nil {
		return Identity{}, i.err
	}
	return Identity{Name: strings.Split(token, ".")[1], Desk: "/desks/issued", Role: Recorder, Expires: in}, nil
}

func (i *issuer) Forget() { i.forgotten++ }

func TestTokensOfAnIssuerAreTakenBesideTheServersOwn(t *testing.T) {
	path, at, by := filepath.Join(t.TempDir(), "tokens.json"), now, &issuer{}
	g, err := Open(Options{File: path, Clock: func() time.Time { return at }, Public: []string{"open"}, Issuer: by})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"own", "gone"} {
		if err := Add(path, Token{Name: name, Desk: "/d", Role: Reader, Expires: in}, "secret of "+name); err != nil {
			t.Fatal(err)
		}
	}
	if err := Revoke(path, "gone", now); err != nil {
		t.Fatal(err)
	}
	anna, err := g.Identify(t.Context(), "h.anna.s")
	if err != nil || anna.Name != "anna" || !anna.Issued || !anna.Can(Record, "any") || !anna.Can(Read, "open") {
		t.Errorf("anna is %+v, %v", anna, err)
	}
	if who, err := g.Identify(t.Context(), "secret of own"); err != nil || who.Issued || who.Name != "own" {
		t.Errorf("own is %+v, %v", who, err)
	}
	for token, want := range map[string]class.Class{
		"h.own.s": class.Stranger, "h.gone.s": class.Stranger, // what each records could not be told apart
		"secret of gone": class.Stranger, "h.anna": class.Stranger, "h.anna.s.x": class.Stranger, "": class.Stranger,
	} {
		if who, err := g.Identify(t.Context(), token); class.Of(err) != want {
			t.Errorf("%q is %+v, %v", token, who, err)
		}
	}
	by.err = &UnavailableError{errors.New("no route")}
	if _, err := g.Identify(t.Context(), "h.anna.s"); class.Of(err) != class.Passing || !strings.Contains(err.Error(), "no route") {
		t.Errorf("while the issuer is away: %v", err)
	}
	if _, err := g.Identify(t.Context(), "secret of own"); err != nil {
		t.Errorf("a token of the server needs no issuer: %v", err)
	}
	if err := g.Reload(); err != nil || by.forgotten != 1 {
		t.Errorf("the issuer was made to forget %d times: %v", by.forgotten, err)
	}
	at = in.Add(-1)
	if _, err := g.Valid(anna, "h.anna.s"); err != nil {
		t.Errorf("just before the end: %v", err)
	}
	at = in
	if _, err := g.Valid(anna, "h.anna.s"); !errors.Is(err, ErrExpired) {
		t.Errorf("at the end: %v", err)
	}
}

// A stream that is open ends with the token that it was opened with.
func TestWhoWasLetInIsLookedAtAgain(t *testing.T) {
	path, at := filepath.Join(t.TempDir(), "tokens.json"), now
	g := gate(t, path, &at)
	if err := Add(path, Token{Name: "own", Desk: "/d", Role: Reader, Expires: in}, "secret"); err != nil {
		t.Fatal(err)
	}
	who, err := g.Identify(t.Context(), "secret")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := g.Valid(who, "secret"); err != nil || again.Name != "own" {
		t.Errorf("%+v, %v", again, err)
	}
	if err := Revoke(path, "own", now); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Valid(who, "secret"); !errors.Is(err, ErrRevoked) {
		t.Errorf("revoked: %v", err)
	}
}

// A token for some summits allows nothing that a token for all summits does not allow. In
// other summits it only allows reading what is public.
func TestATokenForSomeSummitsGivesNoMore(t *testing.T) {
	ids := []string{"", "alaska", "geneva", "oslo"}
	rapid.Check(t, func(t *rapid.T) {
		some := Identity{
			Role: rapid.SampledFrom(append(Roles, "none")).Draw(t, "role"), Summits: rapid.SliceOf(rapid.SampledFrom(ids[1:])).Draw(t, "summits"),
			Public: rapid.SliceOf(rapid.SampledFrom(append(ids[1:], "*"))).Draw(t, "public"),
		}
		all, stranger := some, some
		all.Summits, stranger.Role = nil, "none"
		for _, id := range ids {
			for _, need := range []Need{Read, Record, Amend, Audit, Operate} {
				switch {
				case some.Can(need, id) && !all.Can(need, id):
					t.Fatalf("%+v may %s %q, and for all summits not", some, need, id)
				case stranger.Can(need, id) && need != Read:
					t.Fatalf("a stranger may %s %q", need, id)
				case stranger.Can(need, id) && !some.Can(need, id):
					t.Fatalf("a stranger may %s %q, and %+v not", need, id, some)
				case some.Can(need, id) && need != Read && !slices.Contains(some.Summits, id):
					t.Fatalf("%+v may %s %q", some, need, id)
				}
			}
		}
		if every := all.ReadsAll(); every && (!all.Can(Read, "never heard of") || !all.Can(Read, "oslo")) || some.ReadsAll() && !some.Can(Read, "never heard of") {
			t.Fatalf("%+v reads all: %v", all, every)
		}
	})
}

// A new token has a name, a desk and summits that can be shown and typed. Older tokens
// stay valid.
func TestTokensThatCannotBeMade(t *testing.T) {
	good := Token{Name: "anna", Desk: "/desks/a", Role: Reader, Expires: in, Summits: []string{"alaska-2025"}}
	for name, spoil := range map[string]func(*Token){
		"no name": func(t *Token) { t.Name = "" }, "a blank": func(t *Token) { t.Name = "an na" }, "a blank that is not one": func(t *Token) { t.Name = "an\u00a0na" },
		"an escape": func(t *Token) { t.Name = "an\u009bna" }, "reversed": func(t *Token) { t.Name = "\u202eanna" }, "long": func(t *Token) { t.Name = strings.Repeat("a", maxName+1) },
		"no desk": func(t *Token) { t.Desk = "" }, "no path": func(t *Token) { t.Desk = "desks/a" }, "a line end": func(t *Token) { t.Desk = "/desks/a\n" },
		"a role": func(t *Token) { t.Role = "" }, "no end": func(t *Token) { t.Expires = time.Time{} }, "a title": func(t *Token) { t.Summits = []string{"Alaska 2025"} },
	} {
		bad, path := good, filepath.Join(t.TempDir(), "tokens.json")
		spoil(&bad)
		if err := Add(path, bad, "secret"); err == nil {
			t.Errorf("%s: was made", name)
		}
		if list, err := List(path); err != nil || list != nil {
			t.Errorf("%s: %v, %v", name, list, err)
		}
	}
	old := good
	old.Summits = []string{"Alaska 2025"}
	if err := old.check(); err != nil {
		t.Errorf("a token that was made before locks everybody out: %v", err)
	}
	path := filepath.Join(t.TempDir(), "tokens.json")
	if err := Add(path, good, "secret"); err != nil {
		t.Error(err)
	}
	if _, err := NewSecret(strings.NewReader("too few bytes")); err == nil {
		t.Error("a secret was made of too few bytes")
	}
}
