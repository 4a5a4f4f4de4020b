package projections

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
)

// Reading says as of which moment of knowledge something is read.
type Reading struct {
	// Seq is the last sequence that counts.
	Seq uint64
	// Pinned is true where a reader asked for that position: plans are then
	// judged against its knowledge time, not against the present.
	Pinned bool
	// Now is the present of a reading that is not pinned.
	Now time.Time
}

// Stamp stands at the head of every answer.
type Stamp struct {
	// Position is how far the views are; Known is as of what they were read.
	Position, Known events.Position
	// Complete is false while a stored event could not be read, or while the
	// log is in doubt.
	Complete    bool
	Quarantined []Quarantined
}

// Quarantined is a stored event that could not be read, and why.
type Quarantined struct {
	Seq    uint64       `json:"seq"`
	Kind   store.Reason `json:"-"`
	Reason string       `json:"reason"`
}

// Page is a page of the timeline. The items are finished JSON objects of the
// form of [Item].
type Page struct {
	Stamp
	Items []jsontext.Value
	Next  string // cursor of the next page, "" at the end
	// Short says that the page ended before its limit for what it took to find
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

// AmendmentOf is an amendment as it shows inside the item it amends.
type AmendmentOf struct {
	ID          string         `json:"id"`
	Seq         uint64         `json:"seq"`
	Type        string         `json:"type"`
	Target      string         `json:"target"`
	Recorded    events.Instant `json:"recorded"`
	Desk        string         `json:"desk"`
	Headline    string         `json:"headline"`
	Notice      string         `json:"notice"`
	Attribution string         `json:"attribution"`
	Changes     []Difference   `json:"changes"`
}

// Difference is one value that changed; Path is a JSON Pointer, in which the
// entries of a list of things with ids are named by their id.
type Difference struct {
	Path string         `json:"path"`
	Was  jsontext.Value `json:"was"`
	Now  jsontext.Value `json:"now"`
}

// The standings of an item, in the order of precedence.
const (
	StandingRetracted    = "retracted"
	StandingDisputed     = "disputed"
	StandingSuperseded   = "superseded"
	StandingOverdue      = "overdue"
	StandingCorrected    = "corrected"
	StandingCorroborated = "corroborated"
	StandingUnverified   = "unverified"
)

// Summary is what a summit says of itself.
type Summary struct {
	Stamp
	ID           string
	Title        string
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

// StatusAnswer is what stands, as a finished JSON object of the form of
// [Status].
type StatusAnswer struct {
	Stamp
	JSON jsontext.Value
}

// Status is what stands at one moment, as known at another, each value with
// the ids of the facts it rests on.
type Status struct {
	Summit      string             `json:"summit"`
	Position    string             `json:"position"`
	Known       string             `json:"known"`
	At          *events.Instant    `json:"at"`
	Complete    bool               `json:"complete"`
	Quarantined []Quarantined      `json:"quarantined,omitempty"`
	Phase       string             `json:"phase"`
	Aircraft    []AircraftStatus   `json:"aircraft"`
	Delegations []DelegationStatus `json:"delegations"`
	Meetings    []MeetingStatus    `json:"meetings"`
	Sites       []SiteStatus       `json:"sites"`
	Agenda      []AgendaStatus     `json:"agenda"`
	Positions   []PositionStatus   `json:"positions"`
	Warnings    []Conflict         `json:"warnings"`
}

// AircraftStatus is where an aircraft is.
type AircraftStatus struct {
	ID           string         `json:"id"`
	Model        string         `json:"model,omitempty"`
	Operator     string         `json:"operator,omitempty"`
	Registration string         `json:"registration,omitempty"`
	State        string         `json:"state,omitempty"` // expected, en_route, landed
	Place        *events.Place  `json:"place,omitempty"`
	From         *events.Place  `json:"from,omitempty"`
	To           *events.Place  `json:"to,omitempty"`
	Since        *events.Moment `json:"since,omitempty"`
	Planned      *events.Moment `json:"planned,omitempty"` // what was planned for since
	Watchers     int            `json:"watchers,omitzero"`
	Standing     string         `json:"standing,omitempty"`
	Facts        []string       `json:"facts"`
}

// DelegationStatus is where a delegation is, and its delegates.
type DelegationStatus struct {
	ID        string           `json:"id"`
	Party     string           `json:"party"`
	State     string           `json:"state,omitempty"` // expected, arrived, departed
	Place     *events.Place    `json:"place,omitempty"`
	Since     *events.Moment   `json:"since,omitempty"`
	Planned   *events.Moment   `json:"planned,omitempty"` // what was planned for since
	Members   []string         `json:"members,omitempty"`
	Standing  string           `json:"standing,omitempty"`
	Delegates []DelegateStatus `json:"delegates"`
	Facts     []string         `json:"facts"`
}

// DelegateStatus is where a delegate is.
type DelegateStatus struct {
	ID       string         `json:"id"`
	Name     string         `json:"name"`
	Role     string         `json:"role,omitempty"`
	State    string         `json:"state"`
	Place    *events.Place  `json:"place,omitempty"`
	Since    *events.Moment `json:"since,omitempty"`
	Planned  *events.Moment `json:"planned,omitempty"` // what was planned for since
	Standing string         `json:"standing,omitempty"`
	Facts    []string       `json:"facts"`
}

// MeetingStatus is how far a meeting is.
type MeetingStatus struct {
	ID           string          `json:"id"`
	Title        string          `json:"title,omitempty"`
	Kind         string          `json:"kind,omitempty"`
	State        string          `json:"state"` // scheduled, under_way, ended, cancelled
	When         *events.Moment  `json:"when,omitempty"`
	Planned      *events.Moment  `json:"planned,omitempty"` // what was planned for when, once it has begun
	Place        *events.Place   `json:"place,omitempty"`
	Participants []string        `json:"participants"`
	Previous     []events.Moment `json:"previous"`
	Standing     string          `json:"standing,omitempty"`
	Facts        []string        `json:"facts"`
}

// SiteStatus is how far a site is ready, by aspect.
type SiteStatus struct {
	ID      string                  `json:"id"`
	Name    string                  `json:"name"`
	Aspects map[string]AspectStatus `json:"aspects"`
	Facts   []string                `json:"facts"` // that the name rests on
}

// AspectStatus is how far one aspect of a site is ready.
type AspectStatus struct {
	Level    string         `json:"level,omitempty"`
	Detail   string         `json:"detail,omitempty"`
	Planned  *events.Moment `json:"planned,omitempty"` // where it is planned only
	Standing string         `json:"standing,omitempty"`
	Facts    []string       `json:"facts"`
}

// AgendaStatus is whether a topic is expected on the table.
type AgendaStatus struct {
	Topic    string   `json:"topic"`
	Title    string   `json:"title"`
	Expected bool     `json:"expected"`
	Detail   string   `json:"detail,omitempty"`
	Standing string   `json:"standing,omitempty"`
	Facts    []string `json:"facts"`
}

// PositionStatus is who stands where on a topic.
type PositionStatus struct {
	Topic     string         `json:"topic"`
	Title     string         `json:"title,omitempty"`
	Stances   []StanceStatus `json:"stances"`
	Contested bool           `json:"contested"` // two actors hold different stances
	Facts     []string       `json:"facts"`     // that the title rests on
}

// StanceStatus is where one actor stands.
type StanceStatus struct {
	Actor    string   `json:"actor"`
	Stance   string   `json:"stance"`
	Detail   string   `json:"detail"`
	Standing string   `json:"standing,omitempty"`
	Facts    []string `json:"facts"`
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
