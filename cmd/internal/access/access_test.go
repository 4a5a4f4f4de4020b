package access

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	now = time.Date(2025, 8, 14, 20, 0, 0, 0, time.UTC)
	in  = now.Add(time.Hour)
)

// counting is a source of bytes that differ.
type counting byte

func (c *counting) Read(p []byte) (int, error) {
	for i := range p {
		*c++
		p[i] = byte(*c)
	}
	return len(p), nil
}

func secret(t *testing.T, random *counting) string {
	t.Helper()
	s, err := NewSecret(random)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func gate(t *testing.T, path string, at *time.Time) *Gate {
	t.Helper()
	g, err := Open(Options{File: path, Clock: func() time.Time { return *at }, Public: []string{"open"}})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestTheFileIsLookedAtAgainOnceItIsNoLongerFresh(t *testing.T) {
	path, at := filepath.Join(t.TempDir(), "tokens.json"), now
	one := secret(t, new(counting))
	if err := Add(path, Token{Name: "one", Desk: "/desks/one", Role: Reader, Created: now, Expires: in}, one); err != nil {
		t.Fatal(err)
	}
	g, err := Open(Options{File: path, Clock: func() time.Time { return at }, Fresh: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if err := Revoke(path, "one", now); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		at   time.Time
		want error
	}{
		{now.Add(time.Millisecond - 1), nil},
		{now.Add(time.Millisecond), ErrRevoked},
		{now.Add(-time.Hour), ErrRevoked}, // the clock was set back
	} {
		at = c.at
		if _, err := g.Identify(t.Context(), one); !errors.Is(err, c.want) {
			t.Errorf("%v after it was looked at: %v", at.Sub(now), err)
		}
	}
}

func TestATokenIsKnownUntilItEnds(t *testing.T) {
	path, at, random := filepath.Join(t.TempDir(), "a", "tokens.json"), now, new(counting)
	g := gate(t, path, &at)
	one, two := secret(t, random), secret(t, random)
	if _, err := g.Identify(t.Context(), one); !errors.Is(err, ErrUnknown) {
		t.Errorf("before it is made: %v", err)
	}
	if usable, err := g.HasTokens(); usable || err != nil {
		t.Errorf("there is a token: %v", err)
	}
	for name, s := range map[string]string{"one": one, "two": two} {
		if err := Add(path, Token{Name: name, Desk: "/desks/" + name, Role: Recorder, Summits: []string{"alaska"}, Created: now, Expires: in}, s); err != nil {
			t.Fatal(err)
		}
	}
	who, err := g.Identify(t.Context(), one)
	if err != nil || who.Name != "one" || who.Desk != "/desks/one" || !who.Can(Record, "alaska") || who.Can(Record, "geneva") || who.Can(Amend, "alaska") {
		t.Errorf("one is %+v, %v", who, err)
	}
	if err := Revoke(path, "one", now); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Identify(t.Context(), one); !errors.Is(err, ErrRevoked) {
		t.Errorf("revoked: %v", err)
	}
	if _, err := g.Identify(t.Context(), two); err != nil {
		t.Errorf("the other: %v", err)
	}
	at = in
	if _, err := g.Identify(t.Context(), two); !errors.Is(err, ErrExpired) {
		t.Errorf("expired: %v", err)
	}
	if usable, err := g.HasTokens(); usable || err != nil {
		t.Errorf("a token can still be used: %v", err)
	}
	if err := Add(path, Token{Name: "one", Desk: "/d", Role: Reader, Expires: in}, "again"); err == nil {
		t.Error("the name of a revoked token was given away")
	}
	if err := Revoke(path, "three", now); !errors.Is(err, ErrNoToken) {
		t.Errorf("revoke what is not there: %v", err)
	}
	b, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(b), one) || strings.Contains(string(b), strings.TrimPrefix(two, prefix)) {
		t.Errorf("the file holds a secret: %s, %v", b, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file can be read by others: %v, %v", info.Mode(), err)
	}
}

func TestWhatEachRoleMay(t *testing.T) {
	want := map[Role]string{
		Reader: "read", Recorder: "read record", Editor: "read record amend", Auditor: "read audit", Operator: "read record amend audit operate",
	}
	for _, r := range Roles {
		var may []string
		for _, n := range []Need{Read, Record, Amend, Audit, Operate} {
			if (Identity{Role: r}).Can(n, "any") {
				may = append(may, string(n))
			}
		}
		if got := strings.Join(may, " "); got != want[r] {
			t.Errorf("%s may %s, not %s", r, got, want[r])
		}
	}
	of := Identity{Role: Operator, Summits: []string{"alaska"}}
	if of.Can(Operate, "") || of.Can(Amend, "") || !of.Can(Read, "") || !of.Can(Amend, "alaska") {
		t.Error("an operator of one summit has the wrong rights over the server")
	}
	if _, err := ParseRole("root"); err == nil {
		t.Error("root is a role")
	}
}

func TestAnybodyReadsWhatIsPublic(t *testing.T) {
	at := now
	g := gate(t, filepath.Join(t.TempDir(), "tokens.json"), &at)
	anybody := func() Identity {
		who, err := g.Anonymous()
		if err != nil {
			t.Fatal(err)
		}
		return who
	}
	who := anybody()
	if !who.Can(Read, "open") || who.Can(Read, "closed") || who.Can(Record, "open") {
		t.Errorf("anybody is %+v", who)
	}
	g.o.Public = []string{"*"}
	if !anybody().Can(Read, "closed") {
		t.Error("nothing is public though all is")
	}
	g.o.Public = nil
	if anybody().Can(Read, "open") {
		t.Error("something is public though nothing is")
	}
}

func TestAServerOfOneMachineTrustsUntilThereIsAToken(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens.json")
	g, err := Open(Options{File: path, Clock: func() time.Time { return now }, Trusting: true})
	if err != nil {
		t.Fatal(err)
	}
	if who, err := g.Anonymous(); err != nil || !who.Can(Amend, "any") {
		t.Errorf("before there is a token anybody is %+v, %v", who, err)
	}
	if err := Add(path, Token{Name: "one", Desk: "/d", Role: Operator, Expires: in}, "secret"); err != nil {
		t.Fatal(err)
	}
	if err := Revoke(path, "one", now); err != nil {
		t.Fatal(err)
	}
	if who, err := g.Anonymous(); err != nil || who.Can(Read, "any") {
		t.Errorf("once there was a token anybody is %+v, %v", who, err)
	}
}

func TestADamagedFileLetsNobodyIn(t *testing.T) {
	path, at, random := filepath.Join(t.TempDir(), "tokens.json"), now, new(counting)
	s := secret(t, random)
	if err := Add(path, Token{Name: "one", Desk: "/d", Role: Operator, Expires: in}, s); err != nil {
		t.Fatal(err)
	}
	g := gate(t, path, &at)
	for _, damage := range []string{"", "[", `[{"name":"x"}]`, `[{"name":"x","desk":"/d","role":"root","expires":"2030-01-01T00:00:00Z"}]`} {
		if err := os.WriteFile(path, []byte(damage), 0o600); err != nil {
			t.Fatal(err)
		}
		if who, err := g.Identify(t.Context(), s); err == nil {
			t.Errorf("%q: %+v is let in", damage, who)
		}
	}
}

func TestTokensMadeAtOnceAreAllKept(t *testing.T) {
	path, at := filepath.Join(t.TempDir(), "tokens.json"), now
	var all sync.WaitGroup
	names := []string{"a", "b", "c", "d", "e", "f"}
	for _, name := range names {
		all.Go(func() {
			if err := Add(path, Token{Name: name, Desk: "/d", Role: Reader, Expires: in}, "secret of "+name); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	g := gate(t, path, &at)
	for _, name := range names {
		if who, err := g.Identify(t.Context(), "secret of "+name); err != nil || who.Name != name {
			t.Errorf("%s is %+v, %v", name, who, err)
		}
	}
}
