package merkle

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

// ctNote is a head of a Certificate Transparency log, with a signature of a
// type that is not known here, the log's Ed25519 signature and those of four
// public witnesses.
const ctNote = `arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

— arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
— transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==
— witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==
— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
— witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==
`

const ctKey = "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f"

// ctWitnesses returns the published keys of the witnesses.
func ctWitnesses(t *testing.T) []note.Verifier {
	return []note.Verifier{
		verifierOf(t, "transparency.dev/DEV:witness-little-garden+d8042a87+BCtusOxINQNUTN5Oj8HObRkh2yHf/MwYaGX4CPdiVEPM"),
		verifierOf(t, "witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO"),
		verifierOf(t, "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"),
		verifierOf(t, "witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv"),
	}
}

func TestHeadWithFourPublicWitnesses(t *testing.T) {
	c, n, err := Open([]byte(ctNote), verifierOf(t, ctKey), ctWitnesses(t)...)
	if err != nil {
		t.Fatal(err)
	}
	if c.Size != 1432088532 || len(n.Sigs) != 5 || len(n.UnverifiedSigs) != 1 {
		t.Fatalf("size %d, %d signatures are right, %d unknown", c.Size, len(n.Sigs), len(n.UnverifiedSigs))
	}
	for _, s := range n.Sigs[1:] {
		if at, err := CosignedAt(s); err != nil || at != 0x6a122120 {
			t.Errorf("%s cosigned at %d (%v)", s.Name, at, err)
		}
	}
	if at, err := CosignedAt(n.Sigs[0]); err == nil {
		t.Errorf("the log's own signature has the time %d", at)
	}
}

// cosigned is a head signed by a log, with the cosignature of a witness.
func cosigned(t testing.TB, at int64) (text []byte, log, witness note.Verifier) {
	t.Helper()
	skey, vkey := keys(t, "host.example", 1)
	wskey, wvkey := keys(t, "witness.example", 2)
	cokey, err := CosignerKey(wvkey)
	if err != nil {
		t.Fatal(err)
	}
	c, err := NewCosigner(wskey, at)
	if err != nil {
		t.Fatal(err)
	}
	return sign(t, head, signerOf(t, skey), c), verifierOf(t, vkey), verifierOf(t, cokey)
}

func TestCosignaturesRoundTrip(t *testing.T) {
	for _, at := range []int64{1, 1679315147, math.MaxInt64} {
		text, log, witness := cosigned(t, at)
		_, n, err := Open(text, log, witness)
		if err != nil {
			t.Fatal(err)
		}
		if len(n.Sigs) != 2 {
			t.Fatalf("%d signatures are right", len(n.Sigs))
		}
		if got, err := CosignedAt(n.Sigs[1]); err != nil || got != at {
			t.Fatalf("cosigned at %d (%v), want %d", got, err, at)
		}
	}
}

func TestACosignatureIsOverTheSpecifiedMessage(t *testing.T) {
	wskey, wvkey := keys(t, "witness.example", 2)
	_, _, public, err := publicKey(wvkey)
	if err != nil {
		t.Fatal(err)
	}
	c, err := NewCosigner(wskey, 1679315147)
	if err != nil {
		t.Fatal(err)
	}
	sig, err := c.Sign([]byte(specBody))
	if err != nil {
		t.Fatal(err)
	}
	if len(sig) != 72 || binary.BigEndian.Uint64(sig) != 1679315147 ||
		!ed25519.Verify(public, []byte("cosignature/v1\ntime 1679315147\n"+specBody), sig[8:]) {
		t.Fatalf("signed as %x", sig)
	}
}

// A witness adds its line to a note that is signed already.
func TestCosigningAnOpenedNote(t *testing.T) {
	skey, vkey := keys(t, "host.example", 1)
	wskey, wvkey := keys(t, "witness.example", 2)
	cokey, err := CosignerKey(wvkey)
	if err != nil {
		t.Fatal(err)
	}
	_, n, err := Open(sign(t, head, signerOf(t, skey)), verifierOf(t, vkey))
	if err != nil {
		t.Fatal(err)
	}
	c, err := NewCosigner(wskey, 5)
	if err != nil {
		t.Fatal(err)
	}
	text, err := note.Sign(n, c)
	if err != nil {
		t.Fatal(err)
	}
	if _, n, err := Open(text, verifierOf(t, vkey), verifierOf(t, cokey)); err != nil || len(n.Sigs) != 2 {
		t.Fatalf("opened as %+v (%v)", n, err)
	}
}

// With the witness's name or key hash bent its line is a stranger's, and is
// passed over: but then it does not count.
func TestNoFlippedBitLeavesBothSignatures(t *testing.T) {
	text, log, witness := cosigned(t, 5)
	for i := range len(text) * 8 {
		bent := bytes.Clone(text)
		bent[i/8] ^= 1 << (i % 8)
		if _, n, err := Open(bent, log, witness); err == nil && len(n.Sigs) > 1 {
			t.Errorf("bit %d of byte %d flipped: both signatures of %q are taken", i%8, i/8, bent)
		}
	}
}

func TestACosignatureIsNotASignature(t *testing.T) {
	wskey, wvkey := keys(t, "witness.example", 2)
	cokey, err := CosignerKey(wvkey)
	if err != nil {
		t.Fatal(err)
	}
	c, err := NewCosigner(wskey, 5)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := Open(sign(t, head, c), verifierOf(t, wvkey)); err == nil {
		t.Error("a cosignature was taken for a signature")
	}
	if _, _, err := Open(sign(t, head, signerOf(t, wskey)), verifierOf(t, cokey)); err == nil {
		t.Error("a signature was taken for a cosignature")
	}
}

func TestBadCosignersAndCosignatures(t *testing.T) {
	wskey, wvkey := keys(t, "witness.example", 2)
	for _, at := range []int64{0, -1} {
		if _, err := NewCosigner(wskey, at); err == nil {
			t.Errorf("a cosigner at %d", at)
		}
	}
	if _, err := NewCosigner(wvkey, 1); err == nil {
		t.Error("a cosigner with a public key")
	}
	if _, err := CosignerKey(wskey); err == nil {
		t.Error("a cosigner's public key out of a secret one")
	}
	c, err := NewCosigner(wskey, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Sign([]byte("not a checkpoint\n")); err == nil {
		t.Error("cosigned what is no checkpoint")
	}
	sig, err := c.Sign([]byte(specBody))
	if err != nil {
		t.Fatal(err)
	}
	v := c.(note.Verifier)
	if !v.Verify([]byte(specBody), sig) {
		t.Fatal("the right cosignature was refused")
	}
	for name, bent := range map[string][]byte{
		"nothing":         nil,
		"cut":             sig[:71],
		"longer":          append(bytes.Clone(sig), 0),
		"other time":      append(binary.BigEndian.AppendUint64(nil, 2), sig[8:]...),
		"no time, signed": cosignedAt(t, wskey, 0, "0"),
		"2^63, signed":    cosignedAt(t, wskey, 1<<63, "9223372036854775808"),
		"-2^63, signed":   cosignedAt(t, wskey, 1<<63, "-9223372036854775808"),
	} {
		if v.Verify([]byte(specBody), bent) {
			t.Errorf("%s: the cosignature was taken", name)
		}
	}
	if v.Verify([]byte(strings.Replace(specBody, "3", "4", 1)), sig) {
		t.Error("another head was taken")
	}
}

// cosignedAt signs the specification's head at a time that no cosigner takes.
func cosignedAt(t *testing.T, skey string, at uint64, line string) []byte {
	t.Helper()
	_, key, err := privateKey(skey)
	if err != nil {
		t.Fatal(err)
	}
	m := []byte("cosignature/v1\ntime " + line + "\n" + specBody)
	return append(binary.BigEndian.AppendUint64(nil, at), ed25519.Sign(key, m)...)
}
