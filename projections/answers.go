package projections

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
)

// Page is a page of the timeline. The items are finished JSON objects of the
// form of [Item].
type Page struct {
	Stamp
	Items []jsontext.Value
	Next  string // cursor of the next page, "" at the end
	// Short reports whether the page ended before its limit for what it took to find
	// its items.
	Short bool
}

// Item is a fact in the timeline, as it now stands.
type Item struct {
	Fact        string          `json:"fact"`
	Seq         uint64          `json:"seq"`
	Position    string          `json:"position"`
	Type        string          `json:"type"`
	Entity      string          `json:"entity"`
	Headline    string          `json:"headline"`
	Time        *events.Instant `json:"time"`
	When        *events.Moment  `json:"when"`
	Where       *events.Place   `json:"where"`
	Recorded    events.Instant  `json:"recorded"`
	Desk        string          `json:"desk"`
	Attribution string          `json:"attribution"`
	Sources     events.Sources  `json:"sources"`
	Roots       int             `json:"roots"`
	Grade       *string         `json:"grade"`
	Standing    string          `json:"standing"`
	Revision    int             `json:"revision"`
	Amendments  []AmendmentOf   `json:"amendments"`
	Data        jsontext.Value  `json:"data"`
}

// Summary is what a summit says of itself.
type Summary struct {
	Stamp
	ID           string
	Title        string
	Lang         string // of the title and the other words of the opening, "" if it does not say
	Zone         string
	Zones        []string
	Place        *events.Place
	Starts, Ends events.Instant
	Parties      []events.Party
	Phase        string
	Facts        uint64 // timeline items
	Events       uint64 // stored events
	Amendments   uint64
	LastRecorded time.Time
}

// Changes is what knowledge changed between two positions.
type Changes struct {
	Stamp
	Since     events.Position
	Added     []jsontext.Value // items
	Corrected []CorrectedFact
	Retracted []jsontext.Value // items
	Restored  []jsontext.Value // items whose retraction was withdrawn
	Standing  []StandingChange // facts that were amended, and that stand otherwise since or were not corrected
	Status    []Difference
}

// StandingChange is how a fact stood and stands that was amended. Both are the
// same where an amendment left it as it was: a third source that corroborates
// it, a second that disputes it.
type StandingChange struct {
	Fact     string `json:"fact"`
	Headline string `json:"headline"`
	Was      string `json:"was"`
	Now      string `json:"now"`
}

// CorrectedFact is a fact whose data changed.
type CorrectedFact struct {
	Fact     string       `json:"fact"`
	Headline string       `json:"headline"`
	Changes  []Difference `json:"changes"`
}

// FactAnswer is one item, and the sequences of every event that touches it,
// oldest first.
type FactAnswer struct {
	Stamp
	Item    jsontext.Value
	History []uint64
}
