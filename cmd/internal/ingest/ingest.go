// Package ingest reads what others publish and records it as facts, once, however often it is
// read.
//
// A kind of source is one file, with a [Kind] in [Kinds]. [Recorder] records what any of them
// read. Each format, and each repair of what feeds get wrong, has a file of its own,
// which is why there are many.
package ingest

import (
	"context"

	"github.com/google/uuid"

	"github.com/summit-timeline/summit/events"
)

// Kind is a kind of source.
type Kind struct {
	// Name is what it is called on the command line.
	Name, Short string
	// Read reads what there is now. It asks the world through the fetcher alone.
	Read func(ctx context.Context, from Fetcher, what Request) (Reading, error)
}

// Kinds are those there are.
var Kinds = []Kind{Feed}

// Request is what is to be read.
type Request struct {
	// From is a URL, or the path of a file.
	From string
	// Identity is what ids are made from; "" leaves it to what is read.
	Identity string
}

// Reading is what a source says now, oldest first.
type Reading struct {
	Name     string // of the source
	Identity string // what ids are made from
	// Was are identities that ids of the same source may have been made from.
	Was     []string
	Facts   []Fact
	Gone    []Gone
	Skipped []Skipped
	// Mark identifies this version of the source.
	Mark Mark
}

// Fact is one thing that a source says.
type Fact struct {
	// Key is what the source calls it. It stays when what it says is changed.
	Key string
	// Was is what the version before took for the key.
	Was string
	// Apart distinguishes it from others of the same key: its title, and its date.
	Apart string
	// Shared reports whether others in the same reading have the key too.
	Shared bool
	Data   events.Payload
	// Before is what the version before made of the same words, if it is
	// something else; a source that it is still true of has changed nothing.
	Before events.Payload
	Type   string
	// Subject is what it is about, with an id made from the key.
	Subject events.Entity
	Time    events.Instant
	// Date is its date as the source wrote it.
	Date string
	// Fixed reports whether the date stays when what it says is changed.
	Fixed bool
	// Changed is when the source says that it changed it, or zero if it does not.
	Changed events.Instant
}

// Gone is something that a source has withdrawn.
type Gone struct {
	Key    string
	When   events.Instant // zero where the source does not say
	Reason string
}

// Skipped is something that cannot be told as a fact, and why.
type Skipped struct {
	Key    string `json:"item"`
	Reason string `json:"reason"`
}

// identify makes the id of the fact that a source calls key: the same whenever
// it is read, and by whom.
func identify(identity, key string) uuid.UUID {
	return uuid.NewSHA1(uuid.NewSHA1(uuid.NameSpaceURL, []byte(identity)), []byte(key))
}
