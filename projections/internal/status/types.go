package status

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/read"
	"github.com/summit-timeline/summit/projections/internal/rules"
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
	Delegations []DelegationStatus `json:"delegations"`
	Meetings    []MeetingStatus    `json:"meetings"`
	Sites       []SiteStatus       `json:"sites"`
	Agenda      []AgendaStatus     `json:"agenda"`
	Positions   []PositionStatus   `json:"positions"`
	Warnings    []rules.Conflict   `json:"warnings"`
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
	State        string          `json:"state"` // scheduled, under_way, paused, ended, cancelled
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

// Answer is what stands, as a finished JSON object of the form of
// [Status].
type Answer struct {
	read.Stamp
	JSON jsontext.Value
}
