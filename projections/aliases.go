package projections

import (
	"github.com/summit-timeline/summit/projections/internal/engine"
	"github.com/summit-timeline/summit/projections/internal/fold"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/objects"
	"github.com/summit-timeline/summit/projections/internal/read"
	"github.com/summit-timeline/summit/projections/internal/status"
)

// What the engine takes and returns.
type (
	// Log is what the engine needs of a summit's log.
	Log = engine.Log
	// Options are those of an engine.
	Options = engine.Options
	// Health is how an engine does.
	Health = engine.Health
	// Fetch brings the views of another replica.
	Fetch = engine.Fetch
	// Attestation is what a key attests about views, and the text that it signed.
	Attestation = engine.Attestation
	// ViewDigest is what the views come to at a position.
	ViewDigest = engine.ViewDigest
	// TableDigest is what the rows of one table come to.
	TableDigest = engine.TableDigest
	// Row is a row of a table, as stored.
	Row = engine.Row
)

// The errors of the engine.
type (
	// InconsistencyError reports that the log is not what it was when the views were made.
	InconsistencyError = engine.InconsistencyError
	// InconsistencyKind is in which way a log is not what it was.
	InconsistencyKind = engine.InconsistencyKind
	// DamagedError reports that a view file is not as it was written.
	DamagedError = engine.DamagedError
	// PausedError reports why nothing is folded just now.
	PausedError = engine.PausedError
	// PanicError is a panic while an event was folded.
	PanicError = engine.PanicError
	// BehindError is returned for a read that needs an event which the views do
	// not have yet.
	BehindError = engine.BehindError
	// Inadmissible reports which event of a list cannot stand, and why.
	Inadmissible = fold.Inadmissible
	// ParamError is a parameter that cannot be used.
	ParamError = read.ParamError
)

// The ways in which a log is not what it was.
const (
	Vanished   = engine.Vanished
	Replaced   = engine.Replaced
	Trimmed    = engine.Trimmed
	RolledBack = engine.RolledBack
	Forked     = engine.Forked
	Altered    = engine.Altered
	Gap        = engine.Gap
	Settings   = engine.Settings
	Unsound    = engine.Unsound
)

var (
	// ErrHeld is the error of a view file that another process has open.
	ErrHeld = engine.ErrHeld
	// ErrNotYet is the error of views that cannot be copied yet.
	ErrNotYet = engine.ErrNotYet
)

// What is read, and as of when.
type (
	// AsOf is the moment of knowledge as of which something is read.
	AsOf = read.AsOf
	// Stamp stands at the head of every answer.
	Stamp = read.Stamp
	// Quarantined is a stored event that could not be read, and why.
	Quarantined = item.Quarantined
	// AmendmentOf is an amendment as it shows inside the item it amends.
	AmendmentOf = item.AmendmentOf
	// Difference is one value that changed.
	Difference = objects.Difference
	// Conflict is a contradiction that a rule found between facts.
	Conflict = item.Conflict
)

// What stands, and its parts.
type (
	// Status is what stands at one moment, as known at another.
	Status = status.Status
	// StatusAnswer is a status as a finished JSON object.
	StatusAnswer = status.Answer
	// StatusQuery asks for a part of what stands.
	StatusQuery = status.Query
	// AircraftStatus is where an aircraft is.
	AircraftStatus = status.AircraftStatus
	// VehicleStatus is where a vehicle is.
	VehicleStatus = status.VehicleStatus
	// DelegationStatus is where a delegation is, and its delegates.
	DelegationStatus = status.DelegationStatus
	// MeetingStatus is how far a meeting is.
	MeetingStatus = status.MeetingStatus
	// SiteStatus is how far a site is ready, by aspect.
	SiteStatus = status.SiteStatus
	// AgendaStatus is whether a topic is expected on the table.
	AgendaStatus = status.AgendaStatus
	// PositionStatus is who stands where on a topic.
	PositionStatus = status.PositionStatus
)

// The limits of each list of a status.
const (
	DefaultStatus = status.DefaultStatus
	MaxStatus     = status.MaxStatus
)

// The standings of an item, in the order of precedence.
const (
	StandingRetracted    = item.StandingRetracted
	StandingDisputed     = item.StandingDisputed
	StandingSuperseded   = item.StandingSuperseded
	StandingOverdue      = item.StandingOverdue
	StandingCorrected    = item.StandingCorrected
	StandingCorroborated = item.StandingCorroborated
	StandingUnverified   = item.StandingUnverified
)

// StatusLists returns the names of the lists of a status.
func StatusLists() []string { return status.Lists() }

// SetAside returns a view file that cannot be opened another name, so that the
// views are rebuilt. It does not where the log was found in doubt: the file is
// evidence then.
func SetAside(path string) (aside string, err error) { return engine.SetAside(path) }

// ReadQuarantined reads a row of the table of quarantined events.
func ReadQuarantined(seq uint64, value []byte) Quarantined { return item.ReadQuarantined(seq, value) }
