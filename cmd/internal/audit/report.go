package audit

import (
	"time"

	"github.com/summit-timeline/summit/projections"
)

// The parts of an audit.
const (
	CheckServer     = "server" // what the server itself says of its log
	CheckLog        = "log"
	CheckTree       = "tree"
	CheckViews      = "views"
	CheckCheckpoint = "checkpoint"
	CheckSince      = "since"
)

// Report is what an audit found.
type Report struct {
	Summit   string    `json:"summit"`
	Sound    bool      `json:"sound"`
	Findings []Finding `json:"findings"` // the first difference first

	Position   string `json:"position"`
	Events     uint64 `json:"events"` // read again
	Bytes      uint64 `json:"bytes"`
	Root       []byte `json:"root"` // computed from the bytes
	Facts      uint64 `json:"facts"`
	Amendments uint64 `json:"amendments"`

	// These count what stands: nothing that is quarantined.
	Types    map[string]int `json:"types"`
	Known    Span           `json:"known"`    // first and last knowledge time
	Occurred Span           `json:"occurred"` // first and last occurrence that is told
	Sources  int            `json:"sources"`  // distinct names
	Roots    int            `json:"roots"`    // distinct names that have it from nobody

	Quarantined     []projections.Quarantined `json:"quarantined"` // the first hundred
	QuarantinedMore int                       `json:"quarantined_more,omitempty"`
	// Misfiled are those whose reason is the server's word alone: it lies in
	// the message, not in the bytes.
	Misfiled int `json:"misfiled"`

	Tables     []Table     `json:"tables"`
	Checkpoint *Checkpoint `json:"checkpoint"` // nil where the server signs none
	Since      *Checkpoint `json:"since,omitempty"`
	Seconds    float64     `json:"seconds"`
}

// Span is from the first to the last of some times.
type Span struct {
	First *time.Time `json:"first"`
	Last  *time.Time `json:"last"`
}

func (s *Span) add(t time.Time) {
	t = t.UTC()
	if s.First == nil || t.Before(*s.First) {
		s.First = &t
	}
	if s.Last == nil || t.After(*s.Last) {
		s.Last = &t
	}
}

// Checkpoint is a signed head that was compared.
type Checkpoint struct {
	Origin   string `json:"origin"`
	Size     int64  `json:"size"`
	Root     []byte `json:"root"`
	Verified bool   `json:"verified"` // by the key that was given
	Text     []byte `json:"-"`
}

// Finding is something that is not as it must be.
type Finding struct {
	Check  string `json:"check"`
	Seq    uint64 `json:"seq,omitempty"` // the first position known to be wrong; 0 where it is none
	Table  string `json:"table,omitempty"`
	Key    string `json:"key,omitempty"`
	Log    string `json:"log,omitempty"`    // what follows from the log
	Server string `json:"server,omitempty"` // what the server has instead
	Detail string `json:"detail"`
}

func (r *Report) find(f Finding) { r.Findings = append(r.Findings, f) }
