package archive

import (
	"fmt"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/merkle"
)

// bundle is what was read of 256 events, or of the last ones.
type bundle struct {
	first     uint64
	entries   [][]byte
	envelopes map[uint64]envelope
	odd       []byte // the envelopes as they are written
	leaves    []merkle.Hash
	records   []store.Record // empty where only the bytes are asked for
}

// read reads bundle n and compares it with its tile.
func (a *Archive) read(n int64, decode bool) (*bundle, error) {
	b := &bundle{first: uint64(n*merkle.TileWidth) + 1}
	width := min(merkle.TileWidth, int(a.Checkpoint.Size-n*merkle.TileWidth))
	leaves := a.tiles[merkle.TilePath{Index: n, Width: width}]
	tile, err := content(leaves)
	if err == nil && len(tile) != width*merkle.HashSize {
		err = fmt.Errorf("it has %d bytes instead of %d", len(tile), width*merkle.HashSize)
	}
	if err != nil {
		return nil, faultAt(b.first, leaves.Name, "%v", err)
	}
	// What can be read of a damaged bundle tells which event is the first.
	raw, unpackErr := content(a.bundles[n])
	entries, err := merkle.ParseEntries(raw, width)
	if i, ok := sameLeaves(entries, tile); !ok {
		return nil, faultAt(b.first+uint64(i), a.bundles[n].Name, "its bytes are not those that the tree has")
	}
	if unpackErr != nil {
		err = unpackErr
	}
	if err != nil {
		return nil, faultAt(b.first+uint64(min(len(entries), width-1)), a.bundles[n].Name, "%v", err)
	}
	b.entries = entries
	for i := range width {
		b.leaves = append(b.leaves, merkle.Hash(tile[i*merkle.HashSize:(i+1)*merkle.HashSize]))
	}
	if f := a.envelopes[n]; f != nil {
		if b.odd, err = content(f); err == nil {
			b.envelopes, err = parseEnvelopes(b.odd, a.Summit, b.first, b.first+uint64(width)-1)
		}
		if err != nil {
			return nil, faultAt(b.first, f.Name, "%v", err)
		}
	}
	if !decode {
		return b, nil
	}
	return b, a.decode(b)
}

// decode reads what the events say. An event that cannot be read is not a fault:
// it stood so in the log.
func (a *Archive) decode(b *bundle) error {
	b.records = make([]store.Record, len(b.entries))
	for i, raw := range b.entries {
		rec, err := a.record(b, b.first+uint64(i), raw)
		if err != nil {
			return err
		}
		b.records[i] = rec
	}
	return nil
}

func (a *Archive) record(b *bundle, seq uint64, raw []byte) (store.Record, error) {
	if env, ok := b.envelopes[seq]; ok {
		stored, err := env.stored()
		if err != nil {
			return store.Record{}, err // it was read before
		}
		rec := store.NewRecord(a.Summit, seq, stored, raw, env.Subject, env.MsgID)
		if !needed(rec) || envelopeOf(rec) != env {
			return rec, faultAt(seq, envelopesName(int64(seq-1)/merkle.TileWidth), "its envelope says nothing that its bytes do not say")
		}
		return rec, nil
	}
	e, err := events.Decode(raw)
	if err != nil {
		return store.Record{}, faultAt(seq, "", "it cannot be read, and the archive does not say how it stood in the log: %v", err)
	}
	if e.Summit != a.Summit {
		return store.Record{}, faultAt(seq, "", "it is of the summit %.80q", e.Summit)
	}
	return store.Record{Seq: seq, Raw: raw, Event: e, Subject: store.Subject(e), MsgID: e.ID}, nil
}
