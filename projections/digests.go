package projections

import (
	"context"
	"crypto/sha256"

	"github.com/summit-timeline/summit/events"
)

// TableDigest is what the rows of one table come to.
type TableDigest struct {
	Table string
	Rows  int
	Sum   [sha256.Size]byte // see [viewdb.Tx.Digest]
}

// Digests gives the digest of every table of the views, at the position that is
// served and in the version the views have. Two engines of one version that
// folded the same events give the same digests: that is what an audit compares.
func (e *Engine) Digests(ctx context.Context) (at events.Position, version int, list []TableDigest, err error) {
	err = e.view(func(r *reader) error {
		at, version = r.head.position(), r.head.Version
		for _, table := range viewTables {
			if err := ctx.Err(); err != nil {
				return err
			}
			sum, rows := r.tx.Digest(table)
			list = append(list, TableDigest{Table: table, Rows: rows, Sum: sum})
		}
		return nil
	})
	return at, version, list, err
}
