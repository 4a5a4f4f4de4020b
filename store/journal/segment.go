package journal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"os"

	"github.com/summit-timeline/summit/store/durable"
)

// A segment begins with a page that says which one it is, and goes on with frames:
//
//	head   magic [8] · generation [8] · first generation that counts [8] · CRC-32C of these [4]
//	frame  length of the content [4] · CRC-32C of generation and content [4] · content
//
// All numbers are big-endian. A frame of an earlier generation, of which a segment may
// still hold some, has another sum. A frame without content ends a segment that is full:
// one that lacks it, and is not the last, was spilled and is being filled again.
const (
	pageSize  = 4096
	headSize  = 28
	frameHead = 8
	magic     = "SUMMITJ1"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// segment is a file of a fixed size.
type segment struct {
	file       *os.File
	generation uint64 // 0 is that of one which holds nothing
	first      uint64 // the first generation that counts
	size, end  int64
	held       int             // notes that were not released
	owners     map[string]bool // of its notes
	free       bool            // all it holds was spilled
	buf        []byte
}

// openSegment opens a file that may hold notes; where there is none it makes an empty one.
func openSegment(path string) (*segment, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err //nolint:wrapcheck // Open says what was being done
	}
	s := &segment{file: f}
	if err := s.readHead(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return s, nil
}

func (s *segment) readHead() error {
	info, err := s.file.Stat()
	if err != nil {
		return err //nolint:wrapcheck // Open says what was being done
	}
	s.size = info.Size()
	head := make([]byte, headSize)
	if _, err := s.file.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return err //nolint:wrapcheck // as above
	}
	if string(head[:8]) == magic && binary.BigEndian.Uint32(head[24:]) == crc32.Checksum(head[:24], castagnoli) {
		s.generation, s.first = binary.BigEndian.Uint64(head[8:]), binary.BigEndian.Uint64(head[16:])
	}
	return nil
}

// makeSegment makes a file anew, which is free.
func makeSegment(path string, size int64) (*segment, error) {
	s := &segment{size: size}
	err := durable.Replace(path, 0o600, func(f *os.File) error {
		_, err := f.Write(make([]byte, size))
		return err
	})
	if err == nil {
		s.file, err = os.OpenFile(path, os.O_RDWR, 0o600)
	}
	return s.empty(), err
}

// empty returns the segment as one that is free. Whoever still has a note of the old one
// changes nothing of it.
func (s *segment) empty() *segment {
	return &segment{file: s.file, size: s.size, generation: s.generation, owners: map[string]bool{}, free: true}
}

// begin starts a new generation in a segment that is free.
func (s *segment) begin(generation, first uint64) error {
	b := append(make([]byte, 0, headSize), magic...)
	b = binary.BigEndian.AppendUint64(b, generation)
	b = binary.BigEndian.AppendUint64(b, first)
	b = binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
	if _, err := s.file.WriteAt(b, 0); err != nil {
		return err //nolint:wrapcheck // the callers say what was being done
	}
	s.generation, s.first, s.end, s.free = generation, first, pageSize, false
	clear(s.owners)
	return nil
}

// room reports whether a note of so many bytes can be written after what there is.
func (s *segment) room(n int64) bool { return s.end+2*frameHead+n <= s.size }

// holds reports whether it could be written if there was nothing.
func (s *segment) holds(n int64) bool { return pageSize+2*frameHead+n <= s.size }

func (s *segment) write(content []byte) error {
	b := binary.BigEndian.AppendUint32(s.buf[:0], uint32(len(content))) //nolint:gosec // a segment has 4 MiB
	b = binary.BigEndian.AppendUint32(b, s.sum(content))
	b = append(b, content...)
	s.buf = b
	if _, err := s.file.WriteAt(b, s.end); err != nil {
		return err //nolint:wrapcheck // the caller says what was being done
	}
	s.end += int64(len(b))
	return nil
}

func (s *segment) sum(content []byte) uint32 {
	var generation [8]byte
	binary.BigEndian.PutUint64(generation[:], s.generation)
	return crc32.Update(crc32.Checksum(generation[:], castagnoli), castagnoli, content)
}

// read returns the notes up to the first that is not whole, and whether they end as those
// of a full segment do.
func (s *segment) read() (notes [][]byte, full bool, err error) {
	b, err := io.ReadAll(io.NewSectionReader(s.file, pageSize, s.size))
	if err != nil {
		return nil, false, err //nolint:wrapcheck // the caller says what was being done
	}
	for len(b) >= frameHead {
		size, sum := int(binary.BigEndian.Uint32(b)), binary.BigEndian.Uint32(b[4:])
		if b = b[frameHead:]; size > len(b) || s.sum(b[:size]) != sum {
			break
		}
		if size == 0 {
			return notes, true, nil
		}
		notes, b = append(notes, bytes.Clone(b[:size])), b[size:]
	}
	return notes, false, nil
}

func (s *segment) close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close() //nolint:wrapcheck // the callers say what was being done
}
