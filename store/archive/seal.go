package archive

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"strings"
)

// The seal is the SHA-256, in hex, of all bytes of the file before it. It is
// the comment of the zip, so that the file ends with it. It proves nothing
// against people, as anybody can put another: it finds the accident that the
// tree does not cover, a flipped bit in the frame of the zip.
const sealSize = 2 * sha256.Size

var noSeal = strings.Repeat("0", sealSize)

// sealer passes on what is written, but for the last bytes, which are kept
// back: where the zip has put noSeal there, finish puts the seal.
type sealer struct {
	w    io.Writer
	sum  hash.Hash
	tail []byte
}

func newSealer(w io.Writer) *sealer { return &sealer{w: w, sum: sha256.New()} }

func (s *sealer) Write(p []byte) (int, error) {
	s.tail = append(s.tail, p...)
	if over := len(s.tail) - sealSize; over > 0 {
		s.sum.Write(s.tail[:over])
		if _, err := s.w.Write(s.tail[:over]); err != nil {
			return 0, err
		}
		s.tail = append(s.tail[:0], s.tail[over:]...)
	}
	return len(p), nil
}

func (s *sealer) finish() error {
	if string(s.tail) != noSeal {
		return errors.New("seal: the file does not end with its comment")
	}
	_, err := io.WriteString(s.w, hex.EncodeToString(s.sum.Sum(nil)))
	return err
}

// checkSeal reads the whole file.
func checkSeal(r io.ReaderAt, size int64) error {
	sum := sha256.New()
	if _, err := io.CopyBuffer(sum, io.NewSectionReader(r, 0, size-sealSize), make([]byte, 1<<20)); err != nil {
		return err
	}
	have := make([]byte, sealSize)
	if _, err := r.ReadAt(have, size-sealSize); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if !bytes.Equal(have, hex.AppendEncode(nil, sum.Sum(nil))) {
		return &Fault{Reason: "the seal at the end does not match the file: a byte of the ZIP structure was changed, but none of the log"}
	}
	return nil
}
