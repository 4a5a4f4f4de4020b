package proof

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"

	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/events/class"
	"github.com/summit-timeline/summit/store/merkle"
)

// Tile answers a tile of hashes or a bundle of entries (C2SP tlog-tiles). Neither
// ever changes.
func (x *Proof) Tile(w http.ResponseWriter, r *http.Request, s TiledLog) error {
	p, err := merkle.ParseTilePath("tile/" + r.PathValue("tile"))
	if err != nil {
		return class.New(class.Absent, err.Error()+" (tile/<L>/<N>[.p/<W>] or tile/entries/<N>[.p/<W>])")
	}
	hashes := p
	if p.Level == merkle.EntriesLevel {
		hashes.Level = 0
	}
	if _, err := x.Reach(r.Context(), s, entriesOf(hashes)); err != nil {
		return err
	}
	size := int64(s.Head().Seq)
	b, err := readTile(s, hashes, size)
	if errors.Is(err, merkle.ErrNoTile) {
		return respond.Reword(err, fmt.Sprintf("there is no such tile yet: %d events are served", size))
	}
	if err == nil && p.Level == merkle.EntriesLevel {
		b, err = bundle(r, s, p, b)
	}
	if err != nil {
		return err
	}
	if x.Lasts(w, r, s) {
		return nil
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	_, _ = w.Write(b) // the reader may be gone
	return nil
}

// entriesOf returns how many events a log needs for a tile to exist.
func entriesOf(p merkle.TilePath) uint64 {
	n := uint64(p.Index)*merkle.TileWidth + uint64(p.Width)
	for range p.Level {
		if n > math.MaxUint64/merkle.TileWidth {
			return math.MaxUint64
		}
		n *= merkle.TileWidth
	}
	return n
}

// bundle reads the entries of a tile from the log. It returns an error if their
// bytes are not those of the tree.
func bundle(r *http.Request, s TiledLog, p merkle.TilePath, hashes []byte) ([]byte, error) {
	first := uint64(p.Index*merkle.TileWidth) + 1
	entries := make([][]byte, 0, p.Width)
	for rec, err := range s.ReadBytes(r.Context(), first, first+uint64(p.Width)-1) {
		if err != nil {
			return nil, err
		}
		leaf, at := merkle.LeafHash(rec.Raw), len(entries)*merkle.HashSize
		if string(leaf[:]) != string(hashes[at:at+merkle.HashSize]) {
			return nil, altered(rec.Seq)
		}
		entries = append(entries, rec.Raw)
	}
	if len(entries) != p.Width {
		return nil, altered(first + uint64(len(entries)))
	}
	return merkle.FormatEntries(entries)
}

func altered(seq uint64) error {
	return class.New(class.Broken, fmt.Sprintf("event %d in the log does not match the tree: the log is in doubt", seq))
}
