// Package archive writes and verifies archives: a whole log in one file that can be
// verified offline.
//
// [Write] writes an archive, [Open] and [Archive.Verify] check one. DESIGN.md describes the
// file.
package archive

import (
	"fmt"

	"github.com/summit-timeline/summit/events/class"
	"github.com/summit-timeline/summit/store/merkle"
)

// The members that are no tiles. The others have the paths of C2SP tlog-tiles.
const (
	nameSummit     = "summit.json"
	nameCheckpoint = "checkpoint"
	nameEnvelopes  = "envelopes/" // and the index of the bundle they belong to
	nameManifest   = "manifest"
)

// format is the version of the layout that is written. Version 1 says neither
// how far the log went nor when an event was stored.
const format = 2

// These bound what a file that is not to be trusted can cost.
const (
	maxDirectory = 32 << 20 // bytes of the zip's directory: some 30 million events
	maxText      = 1 << 20  // bytes of summit.json, checkpoint and manifest
	maxBundle    = merkle.TileWidth * (2 + merkle.MaxEntry)
	maxEnvelopes = 6 * maxBundle // bytes of the envelopes of one bundle: a message has no more, and JSON makes six of one
)

// Fault is what is wrong with an archive, and where.
type Fault struct {
	Seq    uint64 `json:"seq,omitempty"`  // the first event it bears on; 0 where it bears on none
	Part   string `json:"part,omitempty"` // the member of the file
	Reason string `json:"reason"`
}

// Class returns the class of the error: the log, or the archive, is not what it was.
func (*Fault) Class() class.Class { return class.Broken }

func (f *Fault) Error() string {
	text := f.Reason
	if f.Part != "" {
		text = f.Part + ": " + text
	}
	if f.Seq > 0 {
		text = fmt.Sprintf("event %d: %s", f.Seq, text)
	}
	return text
}

func faultIn(part, reason string, args ...any) *Fault {
	return &Fault{Part: part, Reason: fmt.Sprintf(reason, args...)}
}

func faultAt(seq uint64, part, reason string, args ...any) *Fault {
	return &Fault{Seq: seq, Part: part, Reason: fmt.Sprintf(reason, args...)}
}
