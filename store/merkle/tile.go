package merkle

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/summit-timeline/summit/events/class"
)

// ErrNoTile reports that a tree of that size does not have the tile, or has not
// yet that many hashes in it.
var ErrNoTile = class.New(class.Absent, "no such tile")

// ReadTile returns the bytes of a tile of hashes of a tree of a size. A tile can
// be had in every width up to the one it has at that size: what was once
// served stays, as the hashes of a tile are only ever added to.
func ReadTile(s Store, p TilePath, size int64) ([]byte, error) {
	if err := checkSize(size); err != nil {
		return nil, err
	}
	path, err := p.Format()
	if err != nil {
		return nil, err
	}
	if p.Level == EntriesLevel || p.end() > size>>(height*p.Level) {
		return nil, fmt.Errorf("%s at size %d: %w", path, size, ErrNoTile)
	}
	b, err := s.Tile(p.Level, p.Index)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	n := p.Width * tlog.HashSize
	if len(b) < n {
		return nil, fmt.Errorf("%s has %d bytes in the store; a tree of %d needs %d", path, len(b), size, n)
	}
	return b[:n:n], nil
}

// end is the number of hashes the path's level must have for it to be there.
func (p TilePath) end() int64 { return p.Index*width + int64(p.Width) }
