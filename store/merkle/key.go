package merkle

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/mod/sumdb/note"
)

// The signature types of C2SP signed-note that are known here.
const (
	typeEd25519     = 1
	typeCosignature = 4
)

// GenerateKey makes an Ed25519 key pair in the text form of signed notes. The
// randomness is the caller's; skey is secret.
func GenerateKey(rand io.Reader, name string) (skey, vkey string, err error) {
	if !isKeyName(name) {
		return "", "", fmt.Errorf("generate key: %q is not a key name: it may hold no space, no plus sign and no control character", name)
	}
	skey, vkey, err = note.GenerateKey(rand, name)
	if err != nil {
		return "", "", fmt.Errorf("generate key: %w", err)
	}
	return skey, vkey, nil
}

// ParseVerifier reads a public key: one that signs notes (type 1) or one that
// cosigns checkpoints (type 4, see [CosignerKey]).
func ParseVerifier(vkey string) (note.Verifier, error) {
	name, typ, key, err := publicKey(vkey)
	if err != nil {
		return nil, err
	}
	if typ == typeCosignature {
		return newCosignerVerifier(name, key), nil
	}
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return nil, fmt.Errorf("parse verifier key %.80q: %w", vkey, err)
	}
	return v, nil
}

// privateKey takes PRIVATE+KEY+<name>+<hash>+<base64>, and only the one text
// of it.
func privateKey(skey string) (name string, key ed25519.PrivateKey, err error) {
	part := strings.SplitN(skey, "+", 5)
	if len(part) != 5 {
		return "", nil, errors.New("parse signer key: it has too few parts")
	}
	raw, err := decode64(part[4])
	if err != nil || len(raw) != 1+ed25519.SeedSize || raw[0] != typeEd25519 {
		return "", nil, errors.New("parse signer key: it is not an Ed25519 key in canonical base64")
	}
	name, key = part[2], ed25519.NewKeyFromSeed(raw[1:])
	hash := keyHash(name, typeEd25519, key.Public().(ed25519.PublicKey))
	if part[0] != "PRIVATE" || part[1] != "KEY" || !isKeyName(name) || part[3] != fmt.Sprintf("%08x", hash) {
		return "", nil, errors.New("parse signer key: its prefix, name or hash is wrong")
	}
	return name, key, nil
}

// publicKey takes <name>+<hash>+<base64>, and only the one text of it.
func publicKey(vkey string) (name string, typ byte, key ed25519.PublicKey, err error) {
	part := strings.SplitN(vkey, "+", 3)
	if len(part) != 3 || !isKeyName(part[0]) {
		return "", 0, nil, fmt.Errorf("parse verifier key %.80q: expected a name, a hash and a key", vkey)
	}
	raw, err := decode64(part[2])
	if err != nil {
		return "", 0, nil, fmt.Errorf("parse verifier key %.80q: %w", vkey, err)
	}
	if len(raw) != 1+ed25519.PublicKeySize || raw[0] != typeEd25519 && raw[0] != typeCosignature {
		return "", 0, nil, fmt.Errorf("parse verifier key %.80q: it is not an Ed25519 key", vkey)
	}
	name, typ, key = part[0], raw[0], raw[1:]
	if formatKey(name, typ, key) != vkey {
		return "", 0, nil, fmt.Errorf("parse verifier key %.80q: its hash is not that of its name and key", vkey)
	}
	return name, typ, key, nil
}

func formatKey(name string, typ byte, key ed25519.PublicKey) string {
	return keyID(name, keyHash(name, typ, key)) + "+" + encode64(append([]byte{typ}, key...))
}

// keyID is how a note names a key.
func keyID(name string, hash uint32) string { return fmt.Sprintf("%s+%08x", name, hash) }

// keyHash is SHA-256(name ‖ "\n" ‖ type ‖ key)[:4].
func keyHash(name string, typ byte, key ed25519.PublicKey) uint32 {
	sum := sha256.Sum256(slices.Concat([]byte(name), []byte{'\n', typ}, key))
	return binary.BigEndian.Uint32(sum[:])
}

func isKeyName(s string) bool {
	return isLine(s) && !strings.ContainsFunc(s, unicode.IsSpace) && !strings.Contains(s, "+")
}
