// Package snapshot writes and reads snapshots: the views of a summit at one moment, with a
// statement signed by the key of the log, from which another replica can begin.
//
// [Write] writes one and [Read] reads one. The file is a tar of three members: the signed
// statement, the signed checkpoint of the log at that size, and the view file.
package snapshot

import (
	"archive/tar"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"

	"golang.org/x/mod/sumdb/note"

	"github.com/summit-timeline/summit/store/merkle"
)

// The members, in their order.
const (
	memberStatement  = "statement"
	memberCheckpoint = "checkpoint"
	memberViews      = "views.db"
)

// maxNote is the most bytes of a signed member.
const maxNote = 1 << 20

// block is the unit of a tar.
const block = 512

// Content is what goes into a snapshot.
type Content struct {
	Statement, Checkpoint []byte // signed by the key of the log
	Views                 io.Reader
	Bytes                 int64 // of the views
}

// Size is how many bytes Write writes.
func (c Content) Size() int64 {
	size := int64(2 * block) // the end of a tar
	for _, n := range []int64{int64(len(c.Statement)), int64(len(c.Checkpoint)), c.Bytes} {
		size += block + (n+block-1)/block*block
	}
	return size
}

// Write writes a snapshot.
func Write(w io.Writer, c Content) error {
	t := tar.NewWriter(w)
	for _, m := range []struct {
		name string
		text []byte
	}{{memberStatement, c.Statement}, {memberCheckpoint, c.Checkpoint}} {
		if err := t.WriteHeader(member(m.name, int64(len(m.text)))); err != nil {
			return fmt.Errorf("write a snapshot: %w", err)
		}
		if _, err := t.Write(m.text); err != nil {
			return fmt.Errorf("write a snapshot: %w", err)
		}
	}
	if err := t.WriteHeader(member(memberViews, c.Bytes)); err != nil {
		return fmt.Errorf("write a snapshot: %w", err)
	}
	if _, err := io.CopyN(t, c.Views, c.Bytes); err != nil {
		return fmt.Errorf("write a snapshot: %w", err)
	}
	if err := t.Close(); err != nil {
		return fmt.Errorf("write a snapshot: %w", err)
	}
	return nil
}

func member(name string, size int64) *tar.Header {
	return &tar.Header{Name: name, Size: size, Mode: 0o600, Typeflag: tar.TypeReg, Format: tar.FormatGNU}
}

// Read reads a snapshot that the log's key has signed, and writes the view file
// to into. Where the error is not nil, what was written is not what was signed.
// note, if it is given, is called with the number of bytes written and their total.
func Read(r io.Reader, log note.Verifier, into io.Writer, progress func(done, of uint64)) (Statement, error) {
	s, err := read(tar.NewReader(r), log, into, progress)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = fmt.Errorf("it is cut off: %w", err)
	}
	if err != nil {
		return s, fmt.Errorf("read a snapshot: %w", err)
	}
	return s, nil
}

func read(t *tar.Reader, log note.Verifier, into io.Writer, progress func(done, of uint64)) (Statement, error) {
	signed, err := text(t, memberStatement)
	if err != nil {
		return Statement{}, err
	}
	body, err := merkle.OpenText(signed, log)
	if err != nil {
		return Statement{}, fmt.Errorf("its statement: %w", err)
	}
	s, err := parse(body)
	s.Signed = signed
	if err != nil {
		return s, fmt.Errorf("its statement: %w", err)
	}
	if s.Origin != log.Name() {
		return s, fmt.Errorf("its statement is for %.80q, not for %s", s.Origin, log.Name())
	}
	if signed, err = text(t, memberCheckpoint); err != nil {
		return s, err
	}
	s.Signed = slices.Concat(s.Signed, signed)
	c, _, err := merkle.Open(signed, log)
	if err != nil {
		return s, fmt.Errorf("its checkpoint: %w", err)
	}
	if c.Origin != s.Origin || uint64(c.Size) != s.Position.Seq || c.Root != s.Root {
		return s, fmt.Errorf("its checkpoint covers %d events with the root %s, but its statement %d with %s", c.Size, c.Root, s.Position.Seq, s.Root)
	}
	return s, views(t, s, into, progress)
}

func text(t *tar.Reader, name string) ([]byte, error) {
	if err := next(t, name); err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(t, maxNote+1))
	if err == nil && len(b) > maxNote {
		err = fmt.Errorf("its %s has more than %d bytes", name, maxNote)
	}
	return b, err
}

func next(t *tar.Reader, name string) error {
	h, err := t.Next()
	if err != nil {
		return err
	}
	if h.Name != name || h.Typeflag != tar.TypeReg {
		return fmt.Errorf("it has %.40q in place of %s: it is not a snapshot", h.Name, name)
	}
	return nil
}

// views copies the view file, and compares it with what is signed of it.
func views(t *tar.Reader, s Statement, into io.Writer, progress func(done, of uint64)) error {
	if err := next(t, memberViews); err != nil {
		return err
	}
	sum := sha256.New()
	count := &counter{of: uint64(s.Bytes), note: progress}
	n, err := io.Copy(io.MultiWriter(into, sum, count), io.LimitReader(t, s.Bytes+1))
	if err != nil {
		return err
	}
	if n != s.Bytes || Sum(sum.Sum(nil)) != s.Sum {
		return fmt.Errorf("its views have %d bytes with the SHA-256 %x, but %d bytes with %x are signed", n, sum.Sum(nil), s.Bytes, s.Sum)
	}
	if _, err := t.Next(); !errors.Is(err, io.EOF) { // the end of the tar must be there
		return errors.Join(errors.New("it has data after its views"), err)
	}
	return nil
}

// counter counts how many bytes have passed.
type counter struct {
	done, of uint64
	note     func(done, of uint64)
}

func (c *counter) Write(b []byte) (int, error) {
	c.done += uint64(len(b))
	if c.note != nil {
		c.note(c.done, c.of)
	}
	return len(b), nil
}
