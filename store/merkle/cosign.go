package merkle

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"golang.org/x/mod/sumdb/note"
)

// NewCosigner returns a signer that states, in a C2SP tlog-cosignature v1, that
// at a time (seconds since 1970) the signed head was the largest it had seen
// and grew out of all those before. The time is the caller's, as nothing here
// reads a clock.
func NewCosigner(skey string, at int64) (note.Signer, error) {
	name, key, err := privateKey(skey)
	if err != nil {
		return nil, err
	}
	if at <= 0 {
		return nil, fmt.Errorf("a cosignature needs a time after 1970, not %d", at)
	}
	return cosigner{newCosignerVerifier(name, key.Public().(ed25519.PublicKey)), key, at}, nil
}

// CosignerKey returns the verifier key that fits [NewCosigner], out of the one
// that [GenerateKey] made: the same key under another type, so that a
// cosignature cannot pass for a signature of the log.
func CosignerKey(vkey string) (string, error) {
	name, _, key, err := publicKey(vkey)
	if err != nil {
		return "", err
	}
	return formatKey(name, typeCosignature, key), nil
}

// CosignedAt is the time in a cosignature, in seconds since 1970. It is to be
// believed only of the signatures that [Open] found right.
func CosignedAt(s note.Signature) (int64, error) {
	raw, err := decode64(s.Base64)
	if err != nil || len(raw) < 4 {
		return 0, fmt.Errorf("cosignature of %s: not a signature", s.Name)
	}
	at, _, err := splitCosignature(raw[4:])
	if err != nil {
		return 0, fmt.Errorf("cosignature of %s: %w", s.Name, err)
	}
	return at, nil
}

// cosigner signs with one time: a new one is made for each checkpoint.
type cosigner struct {
	cosignerVerifier
	private ed25519.PrivateKey
	at      int64
}

func (c cosigner) Sign(body []byte) ([]byte, error) {
	m, err := cosignedMessage(body, c.at)
	if err != nil {
		return nil, fmt.Errorf("cosign: %w", err)
	}
	sig := binary.BigEndian.AppendUint64(nil, uint64(c.at))
	return append(sig, ed25519.Sign(c.private, m)...), nil
}

type cosignerVerifier struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func newCosignerVerifier(name string, key ed25519.PublicKey) cosignerVerifier {
	return cosignerVerifier{name, keyHash(name, typeCosignature, key), key}
}

func (v cosignerVerifier) Name() string    { return v.name }
func (v cosignerVerifier) KeyHash() uint32 { return v.hash }

func (v cosignerVerifier) Verify(body, sig []byte) bool {
	at, sig, err := splitCosignature(sig)
	if err != nil {
		return false
	}
	m, err := cosignedMessage(body, at)
	return err == nil && ed25519.Verify(v.key, m, sig)
}

// cosignedMessage is what is signed. Only checkpoints are: the statement is of
// a head, and means nothing of another text.
func cosignedMessage(body []byte, at int64) ([]byte, error) {
	if _, err := ParseCheckpoint(body); err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", at, body), nil
}

func splitCosignature(b []byte) (at int64, sig []byte, err error) {
	if len(b) != 8+ed25519.SignatureSize {
		return 0, nil, errors.New("expected a time and an Ed25519 signature")
	}
	t := binary.BigEndian.Uint64(b)
	if t == 0 || t > math.MaxInt64 {
		return 0, nil, fmt.Errorf("%d is not a time", t)
	}
	return int64(t), b[8:], nil
}

// Cosign adds a cosignature to a checkpoint that the log's key has signed. It
// gives the whole note, and the new line alone.
func Cosign(text []byte, log note.Verifier, cosigner note.Signer) (whole, line []byte, err error) {
	_, n, err := Open(text, log)
	if err != nil {
		return nil, nil, err
	}
	n.UnverifiedSigs = nil // whoever else signed is not vouched for
	if whole, err = note.Sign(n, cosigner); err != nil {
		return nil, nil, fmt.Errorf("cosign: %w", err)
	}
	lines := bytes.SplitAfter(whole, []byte("\n"))
	return whole, lines[len(lines)-2], nil // the last is empty
}
