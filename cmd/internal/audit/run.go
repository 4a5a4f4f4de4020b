package audit

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store/merkle"
)

// Options of an audit.
type Options struct {
	Summit string
	// Scratch is an empty folder for the views that are rebuilt.
	Scratch  string
	Clock    func() time.Time
	Progress func(done, of uint64)
	// Since is a checkpoint that the auditor kept, or nil if there is none.
	Since []byte
	// Key is the verifier key of the server or of the log, which is the same
	// under the name of its origin; "" leaves signatures unchecked.
	Key string
}

// auditor is one audit under way.
type auditor struct {
	Options
	server  Server
	account Account
	report  *Report
	log     *reading
	kept    *Checkpoint
	ended   bool // the log was read to its end, wherever that is
}

// Run audits a summit. The error reports that the audit could not be made; what is
// wrong with the summit stands in the report.
func Run(ctx context.Context, server Server, o Options) (*Report, error) {
	began := o.Clock()
	a := &auditor{Options: o, server: server, report: &Report{
		Summit: o.Summit, Findings: []Finding{}, Types: map[string]int{}, Quarantined: []projections.Quarantined{}, Tables: []Table{},
	}}
	if err := a.run(ctx); err != nil {
		return nil, err
	}
	a.report.Sound = len(a.report.Findings) == 0
	slices.SortStableFunc(a.report.Findings, func(x, y Finding) int { return cmp.Compare(x.Seq-1, y.Seq-1) }) // those without a position last
	a.report.Seconds = o.Clock().Sub(began).Seconds()
	return a.report, nil
}

func (a *auditor) run(ctx context.Context) (err error) {
	if err := a.readKept(); err != nil {
		return err
	}
	if a.account, err = a.server.Account(ctx); err != nil {
		return err
	}
	if d := a.account.Doubt; d != nil {
		a.report.find(Finding{Check: CheckServer, Seq: d.Seq, Detail: "the server itself reports: " + d.Error()})
	}
	whole, err := a.readLog(ctx)
	if err != nil {
		return err
	}
	if err := a.compareTree(); err != nil {
		return err
	}
	if whole {
		err = a.compareViews(ctx)
	} else if a.report.Events > 0 {
		err = a.compareLeaves(ctx)
	}
	if err != nil {
		return err
	}
	if err := a.compareCheckpoint(ctx); err != nil {
		return err
	}
	a.compareKept()
	return nil
}

func (a *auditor) scratch() string { return filepath.Join(a.Scratch, "views.db") }

// readLog reads the log again, up to where the account is, into scratch views.
// It is not whole where an event is missing.
func (a *auditor) readLog(ctx context.Context) (whole bool, err error) {
	until := a.account.Position.Seq
	aside, err := quarantined(ctx, a.server, until, a.report)
	if err != nil {
		return false, err
	}
	a.log = &reading{
		server: a.server, summit: a.Summit, until: until, target: until, aside: aside, tree: merkle.NewAccumulator(), report: a.report,
		marks: map[int64]merkle.Hash{}, sources: map[string]bool{}, roots: map[string]bool{},
		progress: func(done uint64) { a.Progress(done, until) },
	}
	if a.kept != nil {
		a.log.marks[a.kept.Size] = merkle.Hash{}
	}
	err = projections.Build(ctx, a.scratch(), a.log, until, func(uint64) {})
	a.report.Position = events.Position{Epoch: a.log.epoch, Seq: a.report.Events}.String()
	a.report.Sources, a.report.Roots = len(a.log.sources), len(a.log.roots)
	var short *shortError
	var unread *unreadError
	switch {
	case err == nil:
		a.ended = true
		return true, nil
	case errors.As(err, &short):
		a.ended = true
		a.report.find(Finding{
			Check: CheckLog, Seq: short.next, Log: fmt.Sprintf("ends at %d", short.next-1), Server: fmt.Sprintf("has views of %d", until),
			Detail: fmt.Sprintf("the log ends at %d, but the server's views show %d events: it was rolled back", short.next-1, until),
		})
	case errors.As(err, &unread):
		a.report.find(Finding{Check: CheckLog, Seq: unread.seq, Detail: fmt.Sprintf("event %d cannot be read: %s", unread.seq, unread.reason)})
	default:
		return false, err
	}
	return false, nil
}

// compareTree compares the roots, and the epochs.
func (a *auditor) compareTree() error {
	root, err := a.log.tree.Root()
	if err != nil {
		return err
	}
	a.report.Root = root[:]
	if epoch := a.account.Position.Epoch; a.report.Events > 0 && epoch != a.log.epoch {
		a.report.find(Finding{Check: CheckTree, Seq: 1, Log: a.log.epoch, Server: epoch, Detail: "the first event does not match the epoch of the positions"})
	}
	if a.report.Events == a.account.Position.Seq && a.report.Events > 0 && !bytes.Equal(root[:], a.account.Root) {
		a.report.find(Finding{
			Check: CheckTree, Log: text(root[:]), Server: text(a.account.Root),
			Detail: fmt.Sprintf("the root of the %d events that were read differs from the server's", a.report.Events),
		})
	}
	return nil
}

func text(hash []byte) string { return base64.StdEncoding.EncodeToString(hash) }

// compareViews compares the digests, and where one differs the rows.
func (a *auditor) compareViews(ctx context.Context) error {
	own, err := a.openScratch()
	if err != nil {
		return err
	}
	mine, err := own.ViewDigest(ctx)
	if err == nil {
		err = a.describe(ctx, own)
	}
	if err = errors.Join(err, own.Close()); err != nil {
		return err
	}
	if mine.Version != a.account.Version && a.account.Position.Seq > 0 {
		a.report.find(Finding{
			Check: CheckViews, Log: fmt.Sprint(mine.Version), Server: fmt.Sprint(a.account.Version),
			Detail: fmt.Sprintf("the server's views are of version %d and this program makes version %d: audit with the program that the server runs", a.account.Version, mine.Version),
		})
		return nil
	}
	served := map[string]Table{}
	for _, t := range a.account.Tables {
		served[t.Table] = t
	}
	for _, t := range inOrder(mine.Tables) {
		s := served[t.Table]
		same := s.SHA256 == hex.EncodeToString(t.Sum[:])
		a.report.Tables = append(a.report.Tables, Table{Table: t.Table, Rows: t.Rows, SHA256: hex.EncodeToString(t.Sum[:]), Same: same})
		if same {
			continue
		}
		if err := a.compareRows(ctx, t.Table); err != nil {
			return err
		}
	}
	return nil
}

// inOrder puts the tree first: where the log itself differs, that is the cause
// of all that follows.
func inOrder(tables []projections.TableDigest) []projections.TableDigest {
	var first, rest []projections.TableDigest
	for _, t := range tables {
		if t.Table == tableTiles {
			first = append(first, t)
		} else {
			rest = append(rest, t)
		}
	}
	return append(first, rest...)
}

func (a *auditor) openScratch() (*projections.Engine, error) {
	return projections.Open(a.scratch(), a.log, projections.Options{NoSync: true})
}

// describe counts what the scratch views show.
func (a *auditor) describe(ctx context.Context, own *projections.Engine) error {
	sum, err := own.Summary(ctx, own.Latest())
	a.report.Facts, a.report.Amendments = sum.Facts, sum.Amendments
	return err
}

// reach makes the scratch views as of a later position: the server has gone on.
func (a *auditor) reach(ctx context.Context, seq uint64) error {
	a.log.target = seq
	if err := projections.Build(ctx, a.scratch(), a.log, seq, func(uint64) {}); err != nil {
		return fmt.Errorf("read on to %d: %w", seq, err)
	}
	return nil
}
