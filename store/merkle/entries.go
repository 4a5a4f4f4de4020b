package merkle

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// MaxEntry is the most bytes an entry can have in a bundle.
const MaxEntry = math.MaxUint16

// FormatEntries returns a bundle: each entry after its length in two bytes, the
// high one first (C2SP tlog-tiles).
func FormatEntries(entries [][]byte) ([]byte, error) {
	if len(entries) < 1 || len(entries) > width {
		return nil, fmt.Errorf("format entries: a bundle has 1 to %d of them, not %d", width, len(entries))
	}
	var b []byte
	for i, e := range entries {
		if len(e) > MaxEntry {
			return nil, fmt.Errorf("format entries: number %d has %d bytes; the limit is %d", i, len(e), MaxEntry)
		}
		b = binary.BigEndian.AppendUint16(b, uint16(len(e)))
		b = append(b, e...)
	}
	return b, nil
}

// ParseEntries reads a bundle that has to have so many entries, no fewer and
// no more. They are parts of the bundle, not copies. If it fails, those that
// stand before the fault are given.
func ParseEntries(bundle []byte, count int) ([][]byte, error) {
	if count < 1 || count > width {
		return nil, fmt.Errorf("parse entries: a bundle has 1 to %d of them, not %d", width, count)
	}
	entries := make([][]byte, count)
	for i := range entries {
		var err error
		if entries[i], bundle, err = cutEntry(bundle); err != nil {
			return entries[:i], fmt.Errorf("parse entries: number %d of %d: %w", i, count, err)
		}
	}
	if len(bundle) > 0 {
		return entries, fmt.Errorf("parse entries: %d bytes follow the last of %d", len(bundle), count)
	}
	return entries, nil
}

func cutEntry(b []byte) (entry, rest []byte, err error) {
	if len(b) < 2 {
		return nil, nil, errors.New("its length is cut off")
	}
	end := 2 + int(binary.BigEndian.Uint16(b))
	if len(b) < end {
		return nil, nil, errors.New("it is cut off")
	}
	return b[2:end:end], b[end:], nil
}
