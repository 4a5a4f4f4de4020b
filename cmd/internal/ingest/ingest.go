// Package ingest reads what others publish and tells it to a server as facts,
// once however often it is read.
//
// A kind of source is one file, with a [Kind] in [Kinds]. What it reads is told
// by [Teller], which is the same for all of them.
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
	Read func(ctx context.Context, from Fetcher, what Ask) (Reading, error)
}

// Kinds are those there are.
var Kinds = []Kind{Feed}

// Ask says what is read.
type Ask struct {
	// From is a URL, or the path of a file.
	From string
	// Identity is what ids are made from; "" leaves it to what is read.
	Identity string
}

// Reading is what a source says now, oldest first.
type Reading struct {
	Name     string // of the source
	Identity string // what ids were made from
	Facts    []Fact
	Skipped  []Skipped
}

// Fact is one thing that a source says.
type Fact struct {
	// Key is what the source calls it. It stays when what it says is changed.
	Key  string
	Data events.Payload
	Type string
	// Subject is what it is about.
	Subject events.Entity
	Time    events.Instant
	// Changed is when the source says that it changed it; zero where it does not.
	Changed events.Instant
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
