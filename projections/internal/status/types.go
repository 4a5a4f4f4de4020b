package status

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/read"
)

// Status is what stands at one moment, as known at another, each value with
// the ids of the facts it rests on.
type Status struct {
	Summit      string             `json:"summit"`
	Position    string             `json:"position"`
	Known       string             `json:"known"`
	At          *events.Instant    `json:"at"`
	Complete    bool               `json:"complete"`
	Quarantined []item.Quarantined `json:"quarantined,omitempty"`
	Phase       string             `json:"phase"`
	Aircraft    []AircraftStatus   `json:"aircraft"`
	Vehicles    []VehicleStatus    `json:"vehicles"`
	Delegations []DelegationStatus `json:"delegations"`
	Meetings    []MeetingStatus    `json:"meetings"`
	Sites       []SiteStatus       `json:"sites"`
	Agenda      []AgendaStatus     `json:"agenda"`
	Positions   []PositionStatus   `json:"positions"`
	Documents   []DocumentStatus   `json:"documents"`
	Measures    []MeasureStatus    `json:"measures"`
	Incidents   []IncidentStatus   `json:"incidents"`
	Warnings    []item.Conflict    `json:"warnings"`
}

// AircraftStatus is where an aircraft is.
type AircraftStatus struct {
	ID           string         `json:"id"`
	Model        string         `json:"model,omitempty"`
	Operator     string         `json:"operator,omitempty"`
	Registration string         `json:"registration,omitempty"`
	Callsign     string         `json:"callsign,omitempty"`
	State        string         `json:"state,omitempty"` // expected, en_route, landed
	Place        *events.Place  `json:"place,omitempty"`
	From         *events.Place  `json:"from,omitempty"`
	To           *events.Place  `json:"to,omitempty"`
	Since        *events.Moment `json:"since,omitempty"`
	Planned      *events.Moment `json:"planned,omitempty"` // what was planned for since
	Aboard       []string       `json:"aboard,omitempty"`  // person/ID, delegation/ID
	Expected     []ExpectedMove `json:"expected,omitempty"`
	Watchers     int            `json:"watchers,omitzero"`
	Position     jsontext.Value `json:"position,omitzero"` // where it was tracked last on this leg
	Standing     string         `json:"standing,omitempty"`
	Facts        []string       `json:"facts"`
}

// ExpectedMove is a departure or an arrival that was announced and has not happened yet,
// besides the one that the state rests on.
type ExpectedMove struct {
	Type  string         `json:"type"` // of the fact
	When  *events.Moment `json:"when,omitempty"`
	Place *events.Place  `json:"place,omitempty"`
	Facts []string       `json:"facts"`
}

// VehicleStatus is where a vehicle is.
type VehicleStatus struct {
	ID       string         `json:"id"`
	Name     string         `json:"name,omitempty"`
	Kind     string         `json:"kind,omitempty"`
	State    string         `json:"state,omitempty"` // expected, en_route, arrived
	Place    *events.Place  `json:"place,omitempty"`
	From     *events.Place  `json:"from,omitempty"`
	To       *events.Place  `json:"to,omitempty"`
	Since    *events.Moment `json:"since,omitempty"`
	Planned  *events.Moment `json:"planned,omitempty"` // what was planned for since
	Aboard   []string       `json:"aboard,omitempty"`  // person/ID, delegation/ID
	Expected []ExpectedMove `json:"expected,omitempty"`
	Standing string         `json:"standing,omitempty"`
	Facts    []string       `json:"facts"`
}

// DelegationStatus is where a delegation is, and its delegates.
type DelegationStatus struct {
	ID        string           `json:"id"`
	Party     string           `json:"party"`
	Name      string           `json:"name,omitempty"`
	PartOf    string           `json:"part_of,omitempty"` // the delegation it has split from
	State     string           `json:"state,omitempty"`   // expected, arrived, departed
	Place     *events.Place    `json:"place,omitempty"`
	Since     *events.Moment   `json:"since,omitempty"`
	Planned   *events.Moment   `json:"planned,omitempty"` // what was planned for since
	Members   []string         `json:"members,omitempty"`
	Aboard    string           `json:"aboard,omitempty"` // aircraft/ID or vehicle/ID
	Expected  []ExpectedMove   `json:"expected,omitempty"`
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
	Aboard   string         `json:"aboard,omitempty"`  // aircraft/ID or vehicle/ID
	Expected []ExpectedMove `json:"expected,omitempty"`
	Standing string         `json:"standing,omitempty"`
	Facts    []string       `json:"facts"`
}

// MeetingStatus is how far a meeting is.
type MeetingStatus struct {
	ID           string          `json:"id"`
	Title        string          `json:"title,omitempty"`
	Kind         string          `json:"kind,omitempty"`
	Level        string          `json:"level,omitempty"`
	State        string          `json:"state"` // scheduled, under_way, paused, ended, cancelled
	When         *events.Moment  `json:"when,omitempty"`
	Planned      *events.Moment  `json:"planned,omitempty"` // what was planned for when, once it has begun
	Place        *events.Place   `json:"place,omitempty"`
	Places       []*events.Place `json:"places,omitempty"`
	Participants []string        `json:"participants"`
	Previous     []events.Moment `json:"previous"`
	Standing     string          `json:"standing,omitempty"`
	Facts        []string        `json:"facts"`
}

// SiteStatus is how far a site is ready, by aspect.
type SiteStatus struct {
	ID      string                  `json:"id"`
	Name    string                  `json:"name"`
	State   string                  `json:"state,omitempty"` // open, closed, cordoned, evacuated
	Since   *events.Moment          `json:"since,omitempty"` // when it came to that state
	Aspects map[string]AspectStatus `json:"aspects"`
	Facts   []string                `json:"facts"` // that the name and the state rest on
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
	Actor    string `json:"actor"`
	Stance   string `json:"stance"`
	Detail   string `json:"detail"`
	Standing string `json:"standing,omitempty"`
	// Previous are the stances that the actor held before, the last first.
	Previous []PreviousStance `json:"previous,omitempty"`
	Facts    []string         `json:"facts"`
}

// PreviousStance is where an actor stood before.
type PreviousStance struct {
	Stance string         `json:"stance"`
	Detail string         `json:"detail"`
	When   *events.Moment `json:"when,omitempty"`
	Facts  []string       `json:"facts"`
}

// DocumentStatus is how far a document is.
type DocumentStatus struct {
	ID       string         `json:"id"`
	Title    string         `json:"title"`
	Kind     string         `json:"kind,omitempty"`
	State    string         `json:"state"` // announced, signed, published, rejected; expected where it is planned
	Since    *events.Moment `json:"since,omitempty"`
	Planned  *events.Moment `json:"planned,omitempty"` // what was planned for since
	Parties  []string       `json:"parties,omitempty"`
	URL      string         `json:"url,omitempty"`
	Detail   string         `json:"detail,omitempty"`
	Standing string         `json:"standing,omitempty"`
	Facts    []string       `json:"facts"`
}

// MeasureStatus is how far a measure is.
type MeasureStatus struct {
	ID       string         `json:"id"`
	Title    string         `json:"title"`
	Kind     string         `json:"kind,omitempty"`
	State    string         `json:"state"` // announced, in_force, ended
	Since    *events.Moment `json:"since,omitempty"`
	Planned  *events.Moment `json:"planned,omitempty"` // when it is to begin or end
	By       []string       `json:"by,omitempty"`
	On       []string       `json:"on,omitempty"`
	Detail   string         `json:"detail,omitempty"`
	Standing string         `json:"standing,omitempty"`
	Facts    []string       `json:"facts"`
}

// IncidentStatus is what is known of an incident.
type IncidentStatus struct {
	ID       string         `json:"id"`
	Title    string         `json:"title"`
	Kind     string         `json:"kind,omitempty"`
	When     *events.Moment `json:"when,omitempty"`
	Place    *events.Place  `json:"place,omitempty"`
	Killed   *events.Toll   `json:"killed,omitempty"`
	Injured  *events.Toll   `json:"injured,omitempty"`
	Detail   string         `json:"detail,omitempty"`
	Standing string         `json:"standing,omitempty"`
	Facts    []string       `json:"facts"`
}

// Answer is what stands, as a finished JSON object of the form of
// [Status].
type Answer struct {
	read.Stamp
	JSON jsontext.Value
}
