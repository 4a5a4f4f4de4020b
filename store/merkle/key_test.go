package merkle

import (
	"bytes"
	"crypto/rand"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

// The published key of the Go checksum database, and the key of the tests of
// x/mod/sumdb/note with the signature that its documentation shows.
const (
	sumKey   = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
	peterKey = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
	peterPub = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
	peterSig = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
)

// keys makes a pair out of one repeated byte.
func keys(t testing.TB, name string, seed byte) (skey, vkey string) {
	t.Helper()
	skey, vkey, err := GenerateKey(bytes.NewReader(bytes.Repeat([]byte{seed}, 64)), name)
	if err != nil {
		t.Fatal(err)
	}
	return skey, vkey
}

func signerOf(t testing.TB, skey string) note.Signer {
	t.Helper()
	s, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func verifierOf(t testing.TB, vkey string) note.Verifier {
	t.Helper()
	v, err := ParseVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestKnownKeysSignAndVerify(t *testing.T) {
	const text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
	sig, err := signerOf(t, peterKey).Sign([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if got := encode64(append([]byte{0xc7, 0x4f, 0x20, 0xa3}, sig...)); got != peterSig {
		t.Fatalf("signed as %s", got)
	}
	if v := verifierOf(t, peterPub); v.Name() != "PeterNeumann" || v.KeyHash() != 0xc74f20a3 || !v.Verify([]byte(text), sig) {
		t.Fatal("the verifier does not know its own signature")
	}
	if v := verifierOf(t, sumKey); v.Name() != "sum.golang.org" || v.KeyHash() != 0x033de0ae {
		t.Fatalf("read as %s %08x", v.Name(), v.KeyHash())
	}
}

func TestGeneratedKeysFitEachOther(t *testing.T) {
	skey, vkey, err := GenerateKey(rand.Reader, "host.example/summits")
	if err != nil {
		t.Fatal(err)
	}
	s, v := signerOf(t, skey), verifierOf(t, vkey)
	sig, err := s.Sign([]byte("text"))
	if err != nil {
		t.Fatal(err)
	}
	if s.Name() != v.Name() || s.KeyHash() != v.KeyHash() || !v.Verify([]byte("text"), sig) || v.Verify([]byte("test"), sig) {
		t.Fatal("the keys do not fit")
	}
}

func TestKeysAreNotMadeOfBadNamesOrTooLittleRandomness(t *testing.T) {
	for _, name := range []string{"", "a b", "a+b", "a\u00a0b", "a\nb", "a\x01", "\xff"} {
		if _, _, err := GenerateKey(rand.Reader, name); err == nil {
			t.Errorf("made a key of the name %q", name)
		}
	}
	if _, _, err := GenerateKey(strings.NewReader("short"), "a"); err == nil {
		t.Error("made a key of five bytes")
	}
}

func TestLenientVerifierKeysAreRefused(t *testing.T) {
	for name, k := range map[string]string{
		"nothing":         "",
		"no key":          "sum.golang.org+033de0ae",
		"other name":      strings.Replace(sumKey, "sum", "sun", 1),
		"other hash":      strings.Replace(sumKey, "033de0ae", "033de0af", 1),
		"upper case hash": strings.Replace(sumKey, "033de0ae", "033DE0AE", 1),
		"other key":       strings.Replace(sumKey, "Ac4z", "Ac4y", 1),
		"unknown type":    formatKey("a", 2, make([]byte, 32)),
		"short":           "a+" + "00000000+AQ==",
		"line end in it":  strings.Replace(sumKey, "Ac4z", "Ac4z\n", 1),
		"line end after":  sumKey + "\n",
		"space in name":   strings.Replace(sumKey, "sum", "s m", 1),
	} {
		if _, err := ParseVerifier(k); err == nil {
			t.Errorf("%s: %q was taken", name, k)
		}
		if _, err := CosignerKey(k); err == nil {
			t.Errorf("%s: %q was taken for a cosigner's", name, k)
		}
	}
}

func TestLenientSignerKeysAreRefusedWithoutTellingThem(t *testing.T) {
	const secret = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
	for name, k := range map[string]string{
		"nothing":         "",
		"public":          peterPub,
		"other prefix":    strings.Replace(peterKey, "KEY", "key", 1),
		"other name":      strings.Replace(peterKey, "Peter", "Petra", 1),
		"other hash":      strings.Replace(peterKey, "c74f20a3", "c74f20a4", 1),
		"upper case hash": strings.Replace(peterKey, "c74f20a3", "C74F20A3", 1),
		"unknown type":    strings.Replace(peterKey, "+AYEK", "+AoEK", 1),
		"line end after":  peterKey + "\n",
		"cut":             peterKey[:len(peterKey)-4],
	} {
		_, err := NewLogSigner(k, "Peter")
		if err == nil {
			t.Errorf("%s: was taken", name)
		} else if strings.Contains(err.Error(), secret[8:]) {
			t.Errorf("%s: the error tells the secret: %v", name, err)
		}
	}
}

func FuzzParseVerifier(f *testing.F) {
	f.Add(sumKey)
	f.Add(peterPub)
	f.Add("a+b+c")
	f.Fuzz(func(t *testing.T, vkey string) {
		if _, err := ParseVerifier(vkey); err != nil {
			return
		}
		name, typ, key, err := publicKey(vkey)
		if err != nil || formatKey(name, typ, key) != vkey {
			t.Fatalf("%q came back as %q (%v)", vkey, formatKey(name, typ, key), err)
		}
	})
}
