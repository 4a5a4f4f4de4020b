package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// key is a verifier key of C2SP signed-note.
type key struct {
	name   string
	id     []byte
	public ed25519.PublicKey
}

func encode(h [32]byte) string { return base64.StdEncoding.EncodeToString(h[:]) }

func parseKey(text string) (key, error) {
	part := strings.SplitN(text, "+", 3)
	if len(part) != 3 {
		return key{}, errors.New("the key is not name+id+base64")
	}
	raw, err := base64.StdEncoding.DecodeString(part[2])
	if err != nil || len(raw) != 33 || raw[0] != 1 {
		return key{}, errors.New("the key is no Ed25519 key")
	}
	sum := sha256.Sum256(append([]byte(part[0]+"\n"), raw...))
	if fmt.Sprintf("%x", sum[:4]) != part[1] {
		return key{}, errors.New("the id is not that of the key")
	}
	return key{part[0], sum[:4], raw[1:]}, nil
}

// open returns the text of a note that the key has signed.
func (k key) open(note []byte) (string, error) {
	i := bytes.LastIndex(note, []byte("\n\n"))
	if i < 0 {
		return "", errors.New("it is no note")
	}
	text := note[:i+1]
	for line := range strings.Lines(string(note[i+2:])) {
		name, sig, ok := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(line, "— "), "\n"), " ")
		raw, err := base64.StdEncoding.DecodeString(sig)
		if !ok || err != nil || len(raw) < 4 || name != k.name || !bytes.Equal(raw[:4], k.id) {
			continue
		}
		if !ed25519.Verify(k.public, text, raw[4:]) {
			return "", errors.New("the signature is wrong")
		}
		return string(text), nil
	}
	return "", fmt.Errorf("it is not signed by %s", k.name)
}

// head is a checkpoint.
type head struct {
	origin string
	size   int
	root   [32]byte
}

func (k key) checkpoint(note []byte) (h head, err error) {
	text, err := k.open(note)
	if err != nil {
		return h, fmt.Errorf("checkpoint: %w", err)
	}
	lines := strings.Split(text, "\n")
	if len(lines) < 4 {
		return h, errors.New("checkpoint: it has too few lines")
	}
	h.origin = lines[0]
	if h.size, err = strconv.Atoi(lines[1]); err != nil {
		return h, fmt.Errorf("checkpoint: %w", err)
	}
	h.root, err = decode(lines[2])
	if h.origin != k.name {
		err = errors.New("checkpoint: its origin is not the name of the key")
	}
	return h, err
}

func decode(text string) (h [32]byte, err error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) != 32 {
		return h, fmt.Errorf("%q is no hash", text)
	}
	return [32]byte(raw), nil
}
