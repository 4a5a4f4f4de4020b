package events

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// Position is a place in a summit's log, written <epoch>-<seq>: the token of
// append results, read-your-writes, time travel, stream ids and citations.
type Position struct {
	// Epoch identifies a history: see [EpochOf].
	Epoch string
	// Seq is the stream sequence, from 1 without gaps; 0 is before the first.
	Seq uint64
}

// String writes the position as <epoch>-<seq>.
func (p Position) String() string {
	return p.Epoch + "-" + strconv.FormatUint(p.Seq, 10)
}

const epochDigits = 8

// ParsePosition reads <epoch>-<seq>.
func ParsePosition(s string) (Position, error) {
	epoch, seq, found := strings.Cut(s, "-")
	if !found || !isEpoch(epoch) {
		return Position{}, fmt.Errorf("%q is not a position: expected 8 hex digits, a hyphen and a number, such as 3f9a1c20-27", clip(s))
	}
	n, err := parseSeq(seq)
	if err != nil {
		return Position{}, fmt.Errorf("%q is not a position: %w", clip(s), err)
	}
	return Position{Epoch: epoch, Seq: n}, nil
}

func parseSeq(s string) (uint64, error) {
	n, err := strconv.ParseUint(s, 10, 63)
	if err != nil || strconv.FormatUint(n, 10) != s {
		return 0, fmt.Errorf("%q is not a sequence number", clip(s))
	}
	return n, nil
}

func isEpoch(s string) bool {
	if len(s) != epochDigits {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// EpochOf is the epoch of a log whose first event has these bytes: the first 8
// hex digits of its RFC 6962 leaf hash, SHA-256(0x00 ‖ bytes).
func EpochOf(first []byte) string {
	h := sha256.New()
	h.Write([]byte{0})
	h.Write(first)
	return hex.EncodeToString(h.Sum(nil))[:epochDigits]
}
