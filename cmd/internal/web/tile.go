package web

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"

	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/store/merkle"
)

// tile answers a tile of hashes or a bundle of entries (C2SP tlog-tiles). What
// was once there never changes.
func (x *Handler) tile(w http.ResponseWriter, r *http.Request, s *summits.Summit) error {
	p, err := merkle.ParseTilePath("tile/" + r.PathValue("tile"))
	if err != nil {
		return &Problem{Status: http.StatusNotFound, Detail: err.Error() + " (tile/<L>/<N>[.p/<W>] or tile/entries/<N>[.p/<W>])"}
	}
	hashes := p
	if p.Level == merkle.EntriesLevel {
		hashes.Level = 0
	}
	if _, err := x.reach(r.Context(), s, entriesOf(hashes)); err != nil {
		return err
	}
	size := int64(s.Views.Head().Seq)
	b, err := readTile(s, hashes, size)
	if errors.Is(err, merkle.ErrNoTile) {
		return &Problem{Status: http.StatusNotFound, Detail: fmt.Sprintf("there is no such tile yet: %d events are served", size)}
	}
	if err == nil && p.Level == merkle.EntriesLevel {
		b, err = bundle(r, s, p, b)
	}
	if err != nil {
		return err
	}
	if x.lasting(w, r, s) {
		return nil
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	_, _ = w.Write(b) // the reader may be gone
	return nil
}

// entriesOf is how many events a log must have for a tile to be there.
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

// bundle reads the entries of a tile out of the log. Bytes that are not those
// of the tree are not given away.
func bundle(r *http.Request, s *summits.Summit, p merkle.TilePath, hashes []byte) ([]byte, error) {
	first := uint64(p.Index*merkle.TileWidth) + 1
	entries := make([][]byte, 0, p.Width)
	for rec, err := range s.Log.ReadBytes(r.Context(), first, first+uint64(p.Width)-1) {
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

func altered(seq uint64) *Problem {
	return &Problem{Status: http.StatusServiceUnavailable, Detail: fmt.Sprintf("event %d in the log is not the one that the tree has: the log is in doubt", seq)}
}
