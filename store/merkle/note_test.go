package merkle

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

// sumNote is a signed head of the Go checksum database.
const sumNote = `go.sum database tree
69959272
L6xGIG9BJ5WLe0paJgb2RVNCdNi6wVyMUVOfn9Oo/8s=

— sum.golang.org Az3grvPr9qFNGfBH993UqYhBVEqwL36wMKDSKjE/3PtBZWUkfXu1W9Ou9SCCy+ElsdGVH6ak2rZo9lsDhZhlD8TK6AE=
`

var head = Checkpoint{Origin: "host.example/summits/x", Size: 7, Root: LeafHash([]byte("root"))}

func sign(t testing.TB, c Checkpoint, signers ...note.Signer) []byte {
	t.Helper()
	b, err := Sign(c, signers...)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestHeadOfTheGoChecksumDatabase(t *testing.T) {
	c, n, err := Open([]byte(sumNote), verifierOf(t, sumKey))
	if err != nil {
		t.Fatal(err)
	}
	if c.Origin != "go.sum database tree" || c.Size != 69959272 || len(n.Sigs) != 1 {
		t.Fatalf("read %+v", c)
	}
}

func TestSignedHeadsOpen(t *testing.T) {
	skey, vkey := keys(t, "host.example", 1)
	other, _ := keys(t, "other.example", 2)
	long := head
	long.Extensions = []string{"digest abc", "two"}
	for _, c := range []Checkpoint{head, long} {
		text := sign(t, c, signerOf(t, other), signerOf(t, skey))
		got, n, err := Open(text, verifierOf(t, vkey))
		if err != nil {
			t.Fatal(err)
		}
		if got.Root != c.Root || got.Size != c.Size || !slices.Equal(got.Extensions, c.Extensions) {
			t.Fatalf("%+v came back as %+v", c, got)
		}
		if len(n.Sigs) != 1 || len(n.UnverifiedSigs) != 1 {
			t.Fatalf("%d signatures are right and %d unknown, want one each", len(n.Sigs), len(n.UnverifiedSigs))
		}
	}
}

func TestSigningNeedsASignerOnce(t *testing.T) {
	skey, _ := keys(t, "host.example", 1)
	s := signerOf(t, skey)
	if text, err := Sign(head); err == nil {
		t.Errorf("signed by nobody: %q", text)
	}
	if text, err := Sign(head, s, s); err == nil {
		t.Errorf("signed twice: %q", text)
	}
	if text, err := Sign(Checkpoint{}, s); err == nil {
		t.Errorf("signed a checkpoint of nothing: %q", text)
	}
}

func TestEveryFlippedBitIsRefused(t *testing.T) {
	skey, vkey := keys(t, "host.example", 1)
	text := sign(t, head, signerOf(t, skey))
	v := verifierOf(t, vkey)
	for i := range len(text) * 8 {
		bent := bytes.Clone(text)
		bent[i/8] ^= 1 << (i % 8)
		if c, _, err := Open(bent, v); err == nil {
			t.Errorf("bit %d of byte %d flipped: %q opened as %+v", i%8, i/8, bent, c)
		}
	}
}

func TestAnotherKeyIsNamed(t *testing.T) {
	skey, vkey := keys(t, "host.example", 1)
	_, changed := keys(t, "host.example", 2)
	_, _, err := Open(sign(t, head, signerOf(t, skey)), verifierOf(t, changed))
	var unknown *UnknownKeyError
	if !errors.As(err, &unknown) {
		t.Fatalf("the error is %v", err)
	}
	id := func(vkey string) string { return vkey[:strings.LastIndex(vkey, "+")] }
	if unknown.Want != id(changed) || !slices.Equal(unknown.Have, []string{id(vkey)}) {
		t.Fatalf("wanted %s, have %s", unknown.Want, unknown.Have)
	}
	for _, k := range []string{id(changed), id(vkey)} {
		if !strings.Contains(err.Error(), k) {
			t.Errorf("the error does not name %s: %v", k, err)
		}
	}
}

// A cosignature alone does not make a head of the log's.
func TestTheLogsOwnSignatureIsNeeded(t *testing.T) {
	_, vkey := keys(t, "host.example", 1)
	wskey, wvkey := keys(t, "witness.example", 2)
	_, _, err := Open(sign(t, head, signerOf(t, wskey)), verifierOf(t, vkey), verifierOf(t, wvkey))
	var unknown *UnknownKeyError
	if !errors.As(err, &unknown) {
		t.Fatalf("the error is %v", err)
	}
}

func TestMalformedNotesAreRefused(t *testing.T) {
	skey, vkey := keys(t, "host.example", 1)
	text := string(sign(t, head, signerOf(t, skey)))
	body, line, _ := strings.Cut(text, "\n\n")
	body += "\n"
	for name, bent := range map[string]string{
		"nothing":              "",
		"only the body":        body,
		"no signature":         body + "\n",
		"signed twice":         text + line,
		"no last line end":     strings.TrimSuffix(text, "\n"),
		"line after":           text + "more\n",
		"empty line after":     text + "\n",
		"carriage return":      strings.TrimSuffix(text, "\n") + "\r\n",
		"hyphen":               body + "\n" + strings.Replace(line, "—", "-", 1),
		"two spaces":           body + "\n" + strings.Replace(line, "host.example ", "host.example  ", 1),
		"other size":           strings.Replace(text, "\n7\n", "\n8\n", 1),
		"extension slipped in": strings.Replace(text, "\n\n", "\nmore\n\n", 1),
		"not UTF-8":            strings.Replace(text, "x", "\xff", 1),
		"stranger in no base64": text + "— stranger.example " + strings.Replace(
			encode64([]byte("12345678")), "g=", "h=", 1) + "\n",
		"short stranger": text + "— stranger.example " + encode64([]byte("1234")) + "\n",
	} {
		if c, _, err := Open([]byte(bent), verifierOf(t, vkey)); err == nil {
			t.Errorf("%s: opened as %+v", name, c)
		}
	}
}

// These are right but for their size: it is refused before any is verified.
func TestBoundsOfANote(t *testing.T) {
	skey, vkey := keys(t, "host.example", 1)
	long := head
	long.Extensions = []string{strings.Repeat("x", maxNote)}
	body, err := long.Format()
	if err != nil {
		t.Fatal(err)
	}
	large, err := note.Sign(&note.Note{Text: string(body)}, signerOf(t, skey))
	if err != nil {
		t.Fatal(err)
	}
	many := string(sign(t, head, signerOf(t, skey))) +
		strings.Repeat("— stranger.example "+encode64([]byte("12345678"))+"\n", maxSignatures)
	_, changed := keys(t, "host.example", 2)
	for _, text := range []string{string(large), many} {
		for _, k := range []string{vkey, changed} {
			var unknown *UnknownKeyError
			if _, _, err := Open([]byte(text), verifierOf(t, k)); err == nil || errors.As(err, &unknown) {
				t.Errorf("a note of %d bytes: %v", len(text), err)
			}
		}
	}
	if _, err := Sign(long, signerOf(t, skey)); err == nil {
		t.Error("signed what cannot be opened")
	}
}

// The last two bits of an Ed25519 signature's base64 are spare: the standard
// decoder passes over them.
func TestSpareBitsOfASignatureAreRefused(t *testing.T) {
	bent := strings.Replace(sumNote, "6AE=", "6AF=", 1)
	if _, err := note.Open([]byte(bent), note.VerifierList(verifierOf(t, sumKey))); err != nil {
		t.Fatalf("this test needs a text that the lenient reader takes: %v", err)
	}
	if _, _, err := Open([]byte(bent), verifierOf(t, sumKey)); err == nil {
		t.Fatal("a second text of one signature was taken")
	}
}

func TestAValidNoteThatIsNoCheckpointIsRefused(t *testing.T) {
	skey, vkey := keys(t, "host.example", 1)
	text, err := note.Sign(&note.Note{Text: "a\n01\n" + encode64(make([]byte, 32)) + "\n"}, signerOf(t, skey))
	if err != nil {
		t.Fatal(err)
	}
	if c, _, err := Open(text, verifierOf(t, vkey)); err == nil {
		t.Fatalf("opened as %+v", c)
	}
}

func TestAWrongSignatureOfTheRightKeyIsNamed(t *testing.T) {
	bent := strings.Replace(sumNote, "69959272", "69959273", 1)
	_, _, err := Open([]byte(bent), verifierOf(t, sumKey))
	var invalid *note.InvalidSignatureError
	if !errors.As(err, &invalid) || invalid.Name != "sum.golang.org" {
		t.Fatalf("the error is %v", err)
	}
}

func FuzzOpen(f *testing.F) {
	skey, vkey := keys(f, "host.example", 1)
	wskey, _ := keys(f, "witness.example", 2)
	text := sign(f, head, signerOf(f, skey))
	body, _, _ := bytes.Cut(text, []byte("\n\n"))
	f.Add(text)
	f.Add(sign(f, head, signerOf(f, skey), signerOf(f, wskey)))
	f.Add(bytes.Replace(text, []byte("\n\n"), []byte("\n\n\n"), 1))
	f.Add([]byte("a\n\n— b AAAAAAA=\n"))
	v := verifierOf(f, vkey)
	f.Fuzz(func(t *testing.T, text []byte) {
		if _, n, err := Open(text, v); err == nil && n.Text != string(body)+"\n" {
			t.Fatalf("a text that was not signed opened: %q", text)
		}
	})
}
