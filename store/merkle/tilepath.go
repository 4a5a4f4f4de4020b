package merkle

import (
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
)

// EntriesLevel is the level of a [TilePath] that names a bundle of entries.
const EntriesLevel = -1

const (
	maxLevel = 63
	maxIndex = MaxSize >> height // of a tile at level 0
)

// TilePath names a tile of hashes or a bundle of entries (C2SP tlog-tiles).
type TilePath struct {
	Level int // from 0, or [EntriesLevel]
	Index int64
	Width int // hashes or entries in it: 1 to 256, and less than 256 is partial
}

// Format returns the path: tile/<L>/<N>[.p/<W>] or tile/entries/<N>[.p/<W>].
func (p TilePath) Format() (string, error) {
	if p.Level < EntriesLevel || p.Level > maxLevel || p.Index < 0 || p.Index > maxIndex || p.Width < 1 || p.Width > width {
		return "", fmt.Errorf("there is no tile %+v", p)
	}
	level := "entries"
	if p.Level != EntriesLevel {
		level = strconv.Itoa(p.Level)
	}
	path := "tile/" + level + "/" + formatIndex(p.Index)
	if p.Width < width {
		path += ".p/" + strconv.Itoa(p.Width)
	}
	return path, nil
}

// ParseTilePath reads a path. It accepts only what [TilePath.Format] writes, so
// that a tile has one address.
func ParseTilePath(s string) (TilePath, error) {
	p, err := readTilePath(s)
	if err != nil {
		return TilePath{}, fmt.Errorf("parse tile path %.80q: %w", s, err)
	}
	if back, err := p.Format(); err != nil || back != s {
		return TilePath{}, fmt.Errorf("parse tile path %.80q: it is not the path of a tile", s)
	}
	return p, nil
}

// readTilePath is lenient: what it reads is a tile's path only if that tile
// has the same path.
func readTilePath(s string) (TilePath, error) {
	rest, ok := strings.CutPrefix(s, "tile/")
	level, index, found := strings.Cut(rest, "/")
	if !ok || !found {
		return TilePath{}, errors.New("it has no level")
	}
	index, partial, isPartial := strings.Cut(index, ".p/")
	p := TilePath{Level: EntriesLevel, Width: width}
	var err error
	if p.Index, err = strconv.ParseInt(strings.NewReplacer("x", "", "/", "").Replace(index), 10, 64); err != nil {
		return TilePath{}, errors.New("it has no index")
	}
	if level != "entries" {
		if p.Level, err = strconv.Atoi(level); err != nil {
			return TilePath{}, errors.New("its level is not a number")
		}
	}
	if isPartial {
		if p.Width, err = strconv.Atoi(partial); err != nil {
			return TilePath{}, errors.New("its width is not a number")
		}
	}
	return p, nil
}

// formatIndex returns 1234067 as x001/x234/067.
func formatIndex(n int64) string {
	s := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		s = fmt.Sprintf("x%03d/%s", n%1000, s)
	}
	return s
}

// TilePaths goes over all that a tree of a size is served as: the bundles of
// entries, and the tiles of each level from 0 up.
func TilePaths(size int64) iter.Seq[TilePath] {
	return func(yield func(TilePath) bool) {
		if !pathsOf(EntriesLevel, size, yield) {
			return
		}
		for level, n := 0, size; n > 0; level, n = level+1, n>>height {
			if !pathsOf(level, n, yield) {
				return
			}
		}
	}
}

func pathsOf(level int, n int64, yield func(TilePath) bool) bool {
	for i := range (n + width - 1) / width {
		if !yield(TilePath{Level: level, Index: i, Width: int(min(width, n-i*width))}) {
			return false
		}
	}
	return true
}
