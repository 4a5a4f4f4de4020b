package merkle

import (
	"crypto/ed25519"
	"fmt"

	"golang.org/x/mod/sumdb/note"
)

// A server has one secret key and signs for many logs. A log's key has the name
// of the log's origin (C2SP tlog-checkpoint): it is the same key under another
// name, so that a signature for one log cannot pass for one of another.

// RenameKey returns a verifier key under another name.
func RenameKey(vkey, name string) (string, error) {
	_, typ, key, err := publicKey(vkey)
	if err != nil {
		return "", err
	}
	if !isKeyName(name) {
		return "", fmt.Errorf("rename key: %.80q is not a key name", name)
	}
	return formatKey(name, typ, key), nil
}

// NewLogSigner signs with a secret key under the name of a log's origin.
func NewLogSigner(skey, origin string) (note.Signer, error) {
	_, key, err := privateKey(skey)
	if err != nil {
		return nil, err
	}
	if !isKeyName(origin) {
		return nil, fmt.Errorf("sign as %.80q: it is not a key name", origin)
	}
	hash := keyHash(origin, typeEd25519, key.Public().(ed25519.PublicKey))
	renamed := fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", origin, hash, encode64(append([]byte{typeEd25519}, key.Seed()...)))
	s, err := note.NewSigner(renamed)
	if err != nil {
		return nil, fmt.Errorf("sign as %.80q: the key cannot be used", origin)
	}
	return s, nil
}

// VerifierKey returns the verifier key of a secret key.
func VerifierKey(skey string) (string, error) {
	name, key, err := privateKey(skey)
	if err != nil {
		return "", err
	}
	return formatKey(name, typeEd25519, key.Public().(ed25519.PublicKey)), nil
}

// KeyName is the name that a verifier key has.
func KeyName(vkey string) (string, error) {
	name, _, _, err := publicKey(vkey)
	return name, err
}
