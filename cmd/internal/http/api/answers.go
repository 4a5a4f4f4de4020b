package api

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// stamped are the members that every answer of a summit begins with.
type stamped struct {
	Summit      string                    `json:"summit"`
	Position    string                    `json:"position"`
	Known       string                    `json:"known"`
	Complete    bool                      `json:"complete"`
	Quarantined []projections.Quarantined `json:"quarantined,omitempty"`
}

// The answers, as /openapi.json describes them. A test compares what the server
// answers with them.
type (
	// Summits are those there are.
	Summits struct {
		Summits []listed `json:"summits"`
		Next    *string  `json:"next"`
	}
	// Summary describes a summit.
	Summary struct {
		stamped
		ID           string          `json:"id"`
		Title        string          `json:"title"`
		Lang         string          `json:"lang,omitempty"` // of the title, where the opening says it
		Zone         string          `json:"zone"`
		Zones        []string        `json:"zones"`
		Place        *events.Place   `json:"place"`
		Starts       *events.Instant `json:"starts"`
		Ends         *events.Instant `json:"ends"`
		Parties      []events.Party  `json:"parties"`
		Phase        string          `json:"phase"`
		Facts        uint64          `json:"facts"`
		Events       uint64          `json:"events"`
		Amendments   uint64          `json:"amendments"`
		LastRecorded *events.Instant `json:"last_recorded"`
	}
	// Status is a page of what stands.
	Status struct {
		projections.Status
		Next *string `json:"next"`
	}
	// Timeline is a page of it.
	Timeline struct {
		stamped
		Items []projections.Item `json:"items"`
		Next  *string            `json:"next"`
	}
	// Fact is one item, and every event that touches it.
	Fact struct {
		projections.Item
		Known   string           `json:"known"`
		History []jsontext.Value `json:"history"`
	}
	// Entities are who and what facts are about.
	Entities struct {
		stamped
		Entities []projections.NamedEntity `json:"entities"`
	}
	// Conflicts are the contradictions found.
	Conflicts struct {
		stamped
		Conflicts []projections.Conflict `json:"conflicts"`
	}
	// Changes are what knowledge changed.
	Changes struct {
		stamped
		Since     string                       `json:"since"`
		Until     string                       `json:"until"`
		Added     []projections.Item           `json:"added"`
		Corrected []projections.CorrectedFact  `json:"corrected"`
		Retracted []projections.Item           `json:"retracted"`
		Restored  []projections.Item           `json:"restored"`
		Standing  []projections.StandingChange `json:"standing"`
		Status    []projections.Difference     `json:"status"`
		Next      *string                      `json:"next"`
	}
	// RecordedBatch is what came of each event of a batch, in their order.
	RecordedBatch struct {
		Results []Recorded `json:"results"`
	}
)
