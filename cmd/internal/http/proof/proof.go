// Package proof serves what proves that a log was not altered: checkpoints, tiles,
// proofs, archives, and the rows and digests that an audit compares.
package proof

import (
	"context"
	"iter"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/summit-timeline/summit/cmd/internal/http/reading"
	"github.com/summit-timeline/summit/cmd/internal/signing"
	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/class"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/merkle"
)

// Proof serves what proves that a log was not altered.
type Proof struct {
	*reading.Reader
	Logger   *slog.Logger
	Revision string // of the program
	// Notary signs heads; nil if the server has no key.
	Notary *signing.Notary
	// Snapshots counts the snapshots that were sent whole, by summit.
	Snapshots *prometheus.CounterVec
}

// What each handler needs of a summit.
type (
	// Named is a summit with an id.
	Named interface{ Summit() string }
	// TreeViews have the Merkle tree over a log.
	TreeViews interface {
		reading.Log
		reading.Lasting
		Tree(fn func(head events.Position, tiles merkle.Store) error) error
		Proving(fn func(head events.Position, tiles merkle.Store) error) error
	}
	// SignedLog is a log whose heads can be signed.
	SignedLog interface {
		TreeViews
		Info(ctx context.Context) (store.Info, error)
		ReadBytes(ctx context.Context, from, to uint64) iter.Seq2[store.Record, error]
		Wait(ctx context.Context, seq uint64) error
	}
	// TiledLog has a tree, and the bytes below it.
	TiledLog interface {
		TreeViews
		ReadBytes(ctx context.Context, from, to uint64) iter.Seq2[store.Record, error]
	}
	// ArchivedSummit is what an archive is made from.
	ArchivedSummit interface {
		SignedLog
		Reach(ctx context.Context, seq uint64, most time.Duration) error
		Digests(ctx context.Context) (at events.Position, version int, list []projections.TableDigest, err error)
		Read(ctx context.Context, from, to uint64) iter.Seq2[store.Record, error]
	}
	// CopiedSummit is what a snapshot is made from.
	CopiedSummit interface {
		SignedLog
		Copy(ctx context.Context) (*summits.Copy, error)
	}
	// DigestViews have digests.
	DigestViews interface {
		Summit() string
		ViewDigest(ctx context.Context) (projections.ViewDigest, error)
		Health() projections.Health
	}
	// RowViews have tables.
	RowViews interface {
		Rows(ctx context.Context, table string, after []byte, most int) (at events.Position, rows []projections.Row, more bool, err error)
	}
)

// signer returns the notary, or an error if there is none.
func (x *Proof) signer() (*signing.Notary, error) {
	if x.Notary == nil {
		return nil, class.New(class.Broken, "this server has no key to sign with")
	}
	return x.Notary, nil
}

func source(s SignedLog) signing.Source {
	return signing.Source{Log: s, Tree: s.Tree, Wait: s.Wait}
}
