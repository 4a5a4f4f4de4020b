package merkle

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint is the head of a log at a size, as it is signed (C2SP
// tlog-checkpoint).
type Checkpoint struct {
	Origin     string // which log it is of
	Size       int64
	Root       Hash
	Extensions []string // further lines, kept as they are
}

// Format returns the body: the one text that [ParseCheckpoint] reads back as the
// same checkpoint.
func (c Checkpoint) Format() ([]byte, error) {
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("format checkpoint: %w", err)
	}
	lines := append([]string{c.Origin, strconv.FormatInt(c.Size, 10), encode64(c.Root[:])}, c.Extensions...)
	return []byte(strings.Join(lines, "\n") + "\n"), nil
}

// ParseCheckpoint reads a body. It accepts only what [Checkpoint.Format] writes:
// were there a second text of the same head, there would be a second signature
// of it too.
func ParseCheckpoint(body []byte) (Checkpoint, error) {
	c, err := parseCheckpoint(string(body))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("parse checkpoint: %w", err)
	}
	return c, nil
}

func parseCheckpoint(body string) (Checkpoint, error) {
	text, ok := strings.CutSuffix(body, "\n")
	if !ok {
		return Checkpoint{}, errors.New("it does not end with a newline")
	}
	lines := strings.Split(text, "\n")
	if len(lines) < 3 {
		return Checkpoint{}, fmt.Errorf("it has %d lines; origin, size and root are needed", len(lines))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || strconv.FormatInt(size, 10) != lines[1] {
		return Checkpoint{}, fmt.Errorf("the size %.80q is not a plain decimal number", lines[1])
	}
	root, err := decode64(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return Checkpoint{}, fmt.Errorf("the root %.80q is not %d bytes in canonical base64", lines[2], tlog.HashSize)
	}
	c := Checkpoint{Origin: lines[0], Size: size, Root: Hash(root), Extensions: lines[3:]}
	if len(c.Extensions) == 0 {
		c.Extensions = nil
	}
	return c, c.check()
}

// check holds what both directions promise. The root of nothing is checked
// here because no consistency proof starts at size 0.
func (c Checkpoint) check() error {
	if err := checkSize(c.Size); err != nil {
		return err
	}
	if c.Size == 0 && c.Root != Hash(sha256.Sum256(nil)) {
		return errors.New("the root of an empty log is the hash of nothing")
	}
	if !isLine(c.Origin) {
		return fmt.Errorf("the origin %.80q is not a line of text", c.Origin)
	}
	for _, e := range c.Extensions {
		if !isLine(e) {
			return fmt.Errorf("the extension %.80q is not a line of text", e)
		}
	}
	return nil
}

// isLine reports whether a signed note can hold the text as a line of a
// checkpoint: not empty, valid UTF-8, no control characters.
func isLine(s string) bool {
	control := strings.ContainsFunc(s, func(r rune) bool { return r < ' ' })
	return s != "" && utf8.ValidString(s) && !control
}
