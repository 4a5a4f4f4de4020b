package item

import (
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/objects"
)

// AmendmentOf is an amendment as it shows inside the item it amends.
type AmendmentOf struct {
	ID          string               `json:"id"`
	Seq         uint64               `json:"seq"`
	Type        string               `json:"type"`
	Target      string               `json:"target"`
	Recorded    events.Instant       `json:"recorded"`
	Desk        string               `json:"desk"`
	Headline    string               `json:"headline"`
	Notice      string               `json:"notice"`
	Attribution string               `json:"attribution"`
	Changes     []objects.Difference `json:"changes"`
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
