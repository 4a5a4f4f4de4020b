package audit

import (
	"context"
	"iter"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// Server is what is audited.
type Server interface {
	// Lines reads the stored bytes of the events from one sequence to another.
	// A *RefusedError reports that the server cannot read the next one.
	Lines(ctx context.Context, from, to uint64) iter.Seq2[[]byte, error]
	// Account returns the digests the server reports of the log and its views.
	Account(ctx context.Context) (Account, error)
	// Rows reads a page of a table of the views, behind a key.
	Rows(ctx context.Context, table string, after []byte) (Rows, error)
	// Checkpoint is the signed head of the log at a size, or nil if the server
	// signs none.
	Checkpoint(ctx context.Context, size uint64) ([]byte, error)
}

// RefusedError is why a server cannot answer.
type RefusedError struct{ Detail string }

func (r *RefusedError) Error() string { return r.Detail }

// Account holds the digests of the log and its views at a position.
type Account struct {
	Position events.Position
	Version  int // of the views
	Root     []byte
	Tables   []Table
	Doubt    *projections.InconsistencyError // what the server itself has found
}

// Table is the digest of one table of the views.
type Table struct {
	Table  string `json:"table"`
	Rows   int    `json:"rows"`
	SHA256 string `json:"sha256"`
	Same   bool   `json:"same"`
}

// Rows is a page of a table, as it is at a position.
type Rows struct {
	Seq  uint64
	Rows []projections.Row
	More bool
}
