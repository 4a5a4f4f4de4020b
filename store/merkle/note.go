package merkle

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"

	"github.com/summit-timeline/summit/events/class"
)

// These bound the work that an unsigned text can cause.
const (
	maxNote       = 1 << 20
	maxSignatures = 100
)

// UnknownKeyError reports that a checkpoint is not signed by the key that was
// wanted. Keys are named as notes name them: name+hash.
type UnknownKeyError struct {
	Want string
	Have []string // the keys the signatures say they are of; none of it is verified
}

// Class returns the class of the error: the key must be given.
func (*UnknownKeyError) Class() class.Class { return class.Broken }

func (e *UnknownKeyError) Error() string {
	return fmt.Sprintf("signed by another key: expected a signature by %s, found %s", e.Want, strings.Join(e.Have, ", "))
}

// key is what a signer and a verifier have in common.
type key interface {
	Name() string
	KeyHash() uint32
}

// Sign returns the checkpoint as a signed note that [Open] takes.
func Sign(c Checkpoint, signers ...note.Signer) ([]byte, error) {
	body, err := c.Format()
	if err != nil {
		return nil, err
	}
	text, err := note.Sign(&note.Note{Text: string(body)}, signers...)
	if err != nil {
		return nil, fmt.Errorf("sign checkpoint: %w", err)
	}
	sigs, err := signatures(text)
	if err != nil {
		return nil, fmt.Errorf("sign checkpoint: %w", err)
	}
	for _, s := range signers {
		if err := once(sigs, s); err != nil {
			return nil, fmt.Errorf("sign checkpoint: %w", err)
		}
	}
	return text, nil
}

// Open reads a checkpoint that the log's key has signed; without that
// signature the error is an [UnknownKeyError]. A signature of a cosigner may
// be missing: the note's Sigs tell which are there and right. One that is there
// and wrong spoils the whole. Signatures of other keys are passed over.
//
// That the origin is the log that was asked for is the caller's to check: a
// key may sign several.
func Open(text []byte, log note.Verifier, cosigners ...note.Verifier) (Checkpoint, *note.Note, error) {
	n, err := open(text, log, cosigners)
	if err != nil {
		return Checkpoint{}, nil, fmt.Errorf("open checkpoint: %w", err)
	}
	c, err := ParseCheckpoint([]byte(n.Text))
	if err != nil {
		return Checkpoint{}, nil, fmt.Errorf("open checkpoint: %w", err)
	}
	return c, n, nil
}

// OpenText reads a signed text that is not a checkpoint.
func OpenText(text []byte, signer note.Verifier) (string, error) {
	n, err := open(text, signer, nil)
	if err != nil {
		return "", fmt.Errorf("open note: %w", err)
	}
	return n.Text, nil
}

func open(text []byte, log note.Verifier, cosigners []note.Verifier) (*note.Note, error) {
	sigs, err := signatures(text)
	if err != nil {
		return nil, err
	}
	known := append([]note.Verifier{log}, cosigners...)
	for _, v := range known {
		if err := once(sigs, v); err != nil {
			return nil, err
		}
	}
	if count(sigs, log) == 0 {
		return nil, &UnknownKeyError{Want: keyID(log.Name(), log.KeyHash()), Have: keysOf(sigs)}
	}
	return note.Open(text, note.VerifierList(known...))
}

// signatures reads the signature lines that follow the last empty line. It is
// stricter than note.Open: one signature has one text.
func signatures(text []byte) ([]note.Signature, error) {
	if len(text) > maxNote {
		return nil, fmt.Errorf("the note has %d bytes; at most %d are read", len(text), maxNote)
	}
	if !utf8.Valid(text) {
		return nil, errors.New("the note is not valid UTF-8")
	}
	split := bytes.LastIndex(text, []byte("\n\n"))
	if split < 0 {
		return nil, errors.New("the note has no signatures")
	}
	block, ok := strings.CutSuffix(string(text[split+2:]), "\n")
	if !ok {
		return nil, errors.New("the note has no signatures, or does not end with a newline")
	}
	lines := strings.Split(block, "\n")
	if len(lines) > maxSignatures {
		return nil, fmt.Errorf("the note has %d signatures; at most %d are read", len(lines), maxSignatures)
	}
	sigs := make([]note.Signature, len(lines))
	for i, line := range lines {
		var err error
		if sigs[i], err = signature(line); err != nil {
			return nil, fmt.Errorf("signature line %.80q: %w", line, err)
		}
	}
	return sigs, nil
}

func signature(line string) (note.Signature, error) {
	rest, ok := strings.CutPrefix(line, "— ")
	name, b64, found := strings.Cut(rest, " ")
	if !ok || !found || !isKeyName(name) {
		return note.Signature{}, errors.New("expected a dash, a name and a signature")
	}
	raw, err := decode64(b64)
	if err != nil {
		return note.Signature{}, err
	}
	if len(raw) < 5 {
		return note.Signature{}, errors.New("it is too short for a key hash and a signature")
	}
	return note.Signature{Name: name, Hash: binary.BigEndian.Uint32(raw), Base64: b64}, nil
}

func once(sigs []note.Signature, k key) error {
	if n := count(sigs, k); n > 1 {
		return fmt.Errorf("%d signatures of the key %s", n, keyID(k.Name(), k.KeyHash()))
	}
	return nil
}

func count(sigs []note.Signature, k key) int {
	n := 0
	for _, s := range sigs {
		if s.Name == k.Name() && s.Hash == k.KeyHash() {
			n++
		}
	}
	return n
}

func keysOf(sigs []note.Signature) []string {
	var keys []string
	for _, s := range sigs {
		keys = append(keys, keyID(s.Name, s.Hash))
	}
	return keys
}
