package message

import (
	"bytes"
	"strings"
)

// A sealed text is held as [SealMark] and the commitment to it. Nobody can write one: a
// control character is in no text that is recorded.
const (
	SealMark = "\x0e"
	// CommitmentSize is how many characters a commitment has.
	CommitmentSize = 43
	// Redacted stands for a sealed text in a sentence.
	Redacted = "█████"

	// escapedMark is SealMark as it stands in JSON.
	escapedMark = `\u000e`
)

// Redact returns a text with [Redacted] for each sealed text in it.
func Redact(s string) string {
	before, rest, found := strings.Cut(s, SealMark)
	if !found {
		return s
	}
	return before + Redacted + Redact(rest[min(CommitmentSize, len(rest)):])
}

// SealedJSON returns JSON with the sealed texts in it as they are recorded, as an object with
// the commitment. In a longer text [Redacted] stands for one.
func SealedJSON(b []byte) []byte {
	at := markIn(b)
	if at < 0 {
		return b
	}
	out := make([]byte, 0, len(b)+64)
	for ; at >= 0; at = markIn(b) {
		from := at + len(escapedMark)
		to := min(from+CommitmentSize, len(b))
		if at > 0 && b[at-1] == '"' && to < len(b) && b[to] == '"' {
			out = append(append(out, b[:at-1]...), sealedBefore...)
			out = append(append(out, b[from:to]...), sealedAfter...)
			to++
		} else {
			out = append(append(out, b[:at]...), Redacted...)
		}
		b = b[to:]
	}
	return append(out, b...)
}

// markIn returns where JSON has the next mark, -1 if there is none. After a backslash that is
// itself escaped, its characters are those that somebody wrote.
func markIn(b []byte) int {
	for from := 0; ; {
		at := bytes.Index(b[from:], []byte(escapedMark))
		if at < 0 {
			return -1
		}
		at += from
		if before := b[:at]; (len(before)-len(bytes.TrimRight(before, `\`)))%2 == 0 {
			return at
		}
		from = at + len(escapedMark)
	}
}

const (
	sealedBefore = `{"sealed":"`
	sealedAfter  = `"}`
)

// HoldsSealed reports whether JSON may have a sealed value.
func HoldsSealed(b []byte) bool { return bytes.Contains(b, []byte(sealedBefore)) }

// SealedObject is what stands in JSON in the place of a sealed value.
func SealedObject(commitment string) []byte { return []byte(sealedBefore + commitment + sealedAfter) }
