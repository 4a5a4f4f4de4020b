package signing

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/summit-timeline/summit/store/merkle"
)

func secret(t testing.TB, seed byte, name string) string {
	t.Helper()
	skey, _, err := merkle.GenerateKey(seeded(seed), name)
	if err != nil {
		t.Fatal(err)
	}
	return skey
}

// A key is replaced only if no head is kept that the old key has signed.
func TestAKeyIsReloaded(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "checkpoints")
	s, n := newSummit(t, "a").grow(3), open(t, dir, 1)
	if _, err := n.Head(t.Context(), s.source()); err != nil {
		t.Fatal(err)
	}
	before := n.Key()
	if err := n.Reload(secret(t, 1, "host.example")); err != nil || n.Key() != before {
		t.Errorf("the same key: %v", err)
	}
	for name, key := range map[string]string{"another": secret(t, 2, "host.example"), "damaged": "PRIVATE+KEY", "empty": ""} {
		if err := n.Reload(key); err == nil || n.Key() != before {
			t.Errorf("%s: %v", name, err)
		}
		if signed, err := n.Head(t.Context(), s.grow(1).source()); err != nil {
			t.Errorf("%s: the key before no longer signs: %v", name, err)
		} else {
			check(t, n, signed, int64(len(s.Records())))
		}
	}
	if err := os.Rename(dir, dir+".old"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := n.Reload(secret(t, 2, "host.example")); err != nil || n.Key() == before {
		t.Fatal(err)
	}
	signed, err := n.Head(t.Context(), s.grow(1).source())
	if err != nil {
		t.Fatal(err)
	}
	check(t, n, signed, int64(len(s.Records())))
}

// A head that cannot be stored is not signed. It is signed once it can be stored.
func TestAHeadThatCannotBeKeptIsNotSigned(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "checkpoints")
	s, n := newSummit(t, "a").grow(3), open(t, dir, 1)
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	var unkept *UnkeptError
	if signed, err := n.Head(t.Context(), s.source()); !errors.As(err, &unkept) || !errors.Is(err, os.ErrNotExist) || signed.Note != nil {
		t.Errorf("%+v, %v", signed, err)
	}
	if n.Refused()["one"] == nil {
		t.Error("the notary does not say so")
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if signed, err := n.Head(t.Context(), s.source()); err != nil {
		t.Error(err)
	} else {
		check(t, n, signed, int64(len(s.Records())))
	}
	if n.Refused()["one"] != nil {
		t.Error("the notary still says so")
	}
}

// Check finds what would be refused, and leaves no trace.
func TestCheckSignsNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "checkpoints")
	s, n := newSummit(t, "a").grow(3), open(t, dir, 1)
	if err := n.Check(t.Context(), s.source()); err != nil {
		t.Error(err)
	}
	if list, err := Kept(dir); err != nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
	if _, err := n.Head(t.Context(), s.source()); err != nil {
		t.Fatal(err)
	}
	var refused *RefusedError
	if err := open(t, dir, 1).Check(t.Context(), newSummit(t, "another").grow(3).source()); !errors.As(err, &refused) {
		t.Errorf("another log: %v", err)
	}
	if list, err := Kept(dir); err != nil || len(list) != 1 || list[0] != "one" {
		t.Errorf("%v, %v", list, err)
	}
}
