package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store/merkle"
)

// Options of a verification.
type Options struct {
	// Key is the verifier key that the log is known by, or the server's; ""
	// takes the archive at its word, which proves that it is whole and not whose
	// it is.
	Key string
	// Since is a checkpoint that was kept, as a signed note: the log must have
	// grown out of it.
	Since []byte
	// BytesOnly leaves out reading what the events say.
	BytesOnly bool
	// Progress is called with the number of events verified.
	Progress func(done, total int64)
}

// Unreadable is an event that could not be read when it was recorded either.
type Unreadable struct {
	Seq    uint64 `json:"seq"`
	Reason string `json:"reason"`
}

// Report is what a verification found.
type Report struct {
	Summit     string       `json:"summit"`
	Origin     string       `json:"origin"`
	Key        string       `json:"key"`
	KeyGiven   bool         `json:"key_given"`
	Size       int64        `json:"size"`
	Root       merkle.Hash  `json:"root"`
	Epoch      string       `json:"epoch"`
	Position   string       `json:"position"`
	Software   string       `json:"software"`
	Revision   string       `json:"revision"`
	Held       int64        `json:"held,omitempty"`  // events that the log had when the archive was made; 0 where it does not say
	Since      int64        `json:"since,omitempty"` // size of the kept checkpoint that it grew out of
	EventsRead bool         `json:"events_read"`
	Count      int          `json:"unreadable_count"`
	Unreadable []Unreadable `json:"unreadable,omitempty"` // the first of them
}

// unreadableShown bounds the list in a report.
const unreadableShown = 100

// Verify recomputes everything from the bytes: leaf hashes, tiles, root, the
// order and the first event, and compares them with what is signed. The error
// is a *Fault where the archive is bad; the first event it bears on is named.
func (a *Archive) Verify(ctx context.Context, o Options) (Report, error) {
	report := Report{
		Summit: a.Summit, Origin: a.Checkpoint.Origin, Key: a.Key, KeyGiven: o.Key != "", Size: a.Checkpoint.Size, Root: a.Checkpoint.Root,
		Software: a.Manifest.Software, Revision: a.Manifest.Revision, Held: a.Manifest.Held, EventsRead: !o.BytesOnly,
	}
	if err := a.checkKey(o.Key); err != nil {
		return report, err
	}
	since, err := a.kept(o.Since)
	if err != nil {
		return report, err
	}
	report.Since = since.Size
	v := &verification{a: a, o: o, since: since, report: &report, acc: merkle.NewAccumulator(), envelopes: newTally()}
	if v.tree, err = merkle.OpenTree(0, tileChecker{a}); err != nil {
		return report, err
	}
	if err := a.inOrder(ctx, 0, !o.BytesOnly, v.bundle); err != nil {
		return report, err
	}
	if err := v.end(); err != nil {
		return report, err
	}
	return report, checkSeal(a.r, a.size)
}

// checkKey compares the key that the archive names with the one that is known.
func (a *Archive) checkKey(known string) error {
	if known == "" {
		return nil
	}
	name, err := merkle.KeyName(known)
	if err != nil {
		return fmt.Errorf("the key to verify with: %w", err)
	}
	if strings.HasPrefix(a.Checkpoint.Origin, name+"/summits/") { // it is the server's
		if known, err = merkle.RenameKey(known, a.Checkpoint.Origin); err != nil {
			return fmt.Errorf("the key to verify with: %w", err)
		}
	}
	if known != a.Key {
		return faultIn(nameCheckpoint, "it is signed by another key: expected %s, found %s", known, a.Key)
	}
	return nil
}

// kept reads the checkpoint that was kept.
func (a *Archive) kept(text []byte) (merkle.Checkpoint, error) {
	if len(text) == 0 {
		return merkle.Checkpoint{}, nil
	}
	c, _, err := merkle.Open(text, a.verifier)
	if err != nil {
		return c, fmt.Errorf("the checkpoint you kept: %w", err)
	}
	switch {
	case c.Origin != a.Checkpoint.Origin:
		return c, fmt.Errorf("the checkpoint you kept is for the log %q, not for %q", c.Origin, a.Checkpoint.Origin)
	case c.Size > a.Checkpoint.Size:
		return c, faultAt(uint64(a.Checkpoint.Size)+1, "", "it is missing: the log had %d events when the checkpoint you kept was signed, and the archive has %d", c.Size, a.Checkpoint.Size)
	}
	return c, nil
}

// verification goes through the bundles in order.
type verification struct {
	a         *Archive
	o         Options
	since     merkle.Checkpoint
	report    *Report
	acc       *merkle.Accumulator // one implementation of the tree
	tree      *merkle.Tree        // the other, which makes the tiles
	envelopes *tally
}

func (v *verification) bundle(b *bundle) error {
	if b.first == 1 {
		if err := v.opened(b); err != nil {
			return err
		}
	}
	for _, leaf := range b.leaves {
		if err := v.acc.Append(leaf); err != nil {
			return err
		}
		v.tree.Append(leaf)
		if v.acc.Size() == v.since.Size {
			if err := v.grewOut(); err != nil {
				return err
			}
		}
	}
	for _, rec := range b.records {
		if rec.Err == nil {
			continue
		}
		if v.report.Count++; v.report.Count <= unreadableShown {
			v.report.Unreadable = append(v.report.Unreadable, Unreadable{rec.Seq, rec.Err.Error()})
		}
	}
	v.envelopes.add(len(b.envelopes), b.odd)
	if v.o.Progress != nil {
		v.o.Progress(v.acc.Size(), v.a.Checkpoint.Size)
	}
	return v.tree.Flush()
}

// opened looks at the first event, which gives the log its epoch.
func (v *verification) opened(b *bundle) error {
	epoch := events.EpochOf(b.entries[0])
	v.report.Epoch = epoch
	v.report.Position = events.Position{Epoch: epoch, Seq: uint64(v.a.Checkpoint.Size)}.String()
	if len(b.records) == 0 {
		return nil
	}
	if r := b.records[0]; r.Err != nil || r.Event.Type != events.TypeSummitOpened {
		return faultAt(1, "", "it is not the one that opens the summit")
	}
	return nil
}

func (v *verification) grewOut() error {
	root, err := v.acc.Root()
	if err != nil {
		return err
	}
	if root != v.since.Root {
		return faultAt(1, "", "the first %d events are not those of the checkpoint you kept (root %s, kept %s): the history before it was changed, at an event from 1 to %d",
			v.since.Size, root, v.since.Root, v.since.Size)
	}
	return nil
}

func (v *verification) end() error {
	root, err := v.acc.Root()
	if err != nil {
		return err
	}
	other, err := v.tree.Root()
	if err != nil {
		return err
	}
	if root != v.a.Checkpoint.Root || other != root {
		return faultIn(nameCheckpoint, "the %d events have the root %s, but %s is signed: an event and its hash were changed together", v.acc.Size(), root, v.a.Checkpoint.Root)
	}
	m := v.a.Manifest
	if n, sum := v.envelopes.total(); n != m.Envelopes || sum != m.EnvelopesSum {
		return faultIn(nameManifest, "the envelopes differ from those that were signed")
	}
	if m.Held > m.Size {
		return faultAt(uint64(m.Size)+1, nameManifest, "it is left out, and all that follow it: the log had %d events when the archive of %d was made; export it again", m.Held, m.Size)
	}
	return nil
}

// tileChecker compares the tiles of a growing tree with those of the archive.
type tileChecker struct{ a *Archive }

func (c tileChecker) Tile(int, int64) ([]byte, error) {
	return nil, errors.New("a tree from nothing reads no tiles")
}

func (c tileChecker) SetTile(level int, index int64, hashes []byte) error {
	full := c.a.Checkpoint.Size >> (8 * level)
	p := merkle.TilePath{Level: level, Index: index, Width: int(min(merkle.TileWidth, full-index*merkle.TileWidth))}
	if level == 0 || len(hashes) < p.Width*merkle.HashSize {
		return nil // each leaf was compared, and a tile is compared when it is whole
	}
	span := int64(1) << (8 * level)
	from := uint64(index*merkle.TileWidth*span) + 1
	tile, err := content(c.a.tiles[p])
	if err == nil && len(tile) != p.Width*merkle.HashSize {
		err = fmt.Errorf("it has %d bytes instead of %d", len(tile), p.Width*merkle.HashSize)
	}
	if err != nil {
		return faultAt(from, c.a.tiles[p].Name, "%v", err)
	}
	for i := range p.Width {
		at := i * merkle.HashSize
		if !bytes.Equal(tile[at:at+merkle.HashSize], hashes[at:at+merkle.HashSize]) {
			return faultAt(from+uint64(int64(i)*span), c.a.tiles[p].Name, "its hash %d is not that of the events below it: it was changed, or one of %d events from here on was, together with its own hash", i, span)
		}
	}
	return nil
}
