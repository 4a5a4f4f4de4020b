package merkle

import (
	"strings"
	"testing"
)

func TestAServerSignsForEachLogUnderItsOrigin(t *testing.T) {
	skey, vkey := keys(t, "host.example", 1)
	if got, err := VerifierKey(skey); err != nil || got != vkey {
		t.Fatalf("the verifier key is %s (%v), want %s", got, err, vkey)
	}
	if name, err := KeyName(vkey); err != nil || name != "host.example" {
		t.Fatalf("the name is %q (%v)", name, err)
	}
	signer, err := NewLogSigner(skey, head.Origin)
	if err != nil {
		t.Fatal(err)
	}
	text := sign(t, head, signer)
	logKey, err := RenameKey(vkey, head.Origin)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := Open(text, verifierOf(t, logKey)); err != nil {
		t.Fatal(err)
	}
	other, err := RenameKey(vkey, "host.example/summits/y")
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []string{vkey, other} {
		if _, _, err := Open(text, verifierOf(t, wrong)); err == nil {
			t.Errorf("the signature passed for one of %s", wrong)
		}
	}
}

func TestBadNamesAndKeysAreRefused(t *testing.T) {
	skey, vkey := keys(t, "host.example", 1)
	for _, name := range []string{"", "a b", "a+b", "a\n", "a\tb"} {
		if _, err := RenameKey(vkey, name); err == nil {
			t.Errorf("a verifier key was renamed to %q", name)
		}
		if _, err := NewLogSigner(skey, name); err == nil {
			t.Errorf("a signer was renamed to %q", name)
		}
	}
	if _, err := NewLogSigner(vkey, "a"); err == nil || strings.Contains(err.Error(), vkey) {
		t.Errorf("a verifier key signs: %v", err)
	}
	if _, err := VerifierKey(vkey); err == nil {
		t.Error("a verifier key has a verifier key")
	}
	if _, err := KeyName(skey); err == nil {
		t.Error("a secret key was read as a verifier key")
	}
}

func TestAnAccumulatorGoesOnFromItsEdge(t *testing.T) {
	const most = 300
	entries := entriesOf(most)
	a := NewAccumulator()
	for size := range most {
		resumed, err := ResumeAccumulator(int64(size), a.Edge())
		if err != nil {
			t.Fatal(err)
		}
		if err := resumed.AppendEntry(entries[size]); err != nil {
			t.Fatal(err)
		}
		if err := a.AppendEntry(entries[size]); err != nil {
			t.Fatal(err)
		}
		want := Hash(oracle(entries[:size+1]))
		if got, err := resumed.Root(); err != nil || got != want {
			t.Fatalf("root of %d after resuming is %s (%v), want %s", size+1, got, err, want)
		}
	}
	for name, err := range map[string]error{
		"too few": secondOf(ResumeAccumulator(7, a.Edge()[:1])), "too many": secondOf(ResumeAccumulator(1, make([]Hash, 2))), "negative": secondOf(ResumeAccumulator(-1, nil)),
	} {
		if err == nil {
			t.Errorf("%s: resumed", name)
		}
	}
}

func secondOf(_ *Accumulator, err error) error { return err }
