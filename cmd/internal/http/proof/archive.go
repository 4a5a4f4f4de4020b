package proof

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/class"
	"github.com/summit-timeline/summit/store/archive"
	"github.com/summit-timeline/summit/store/merkle"
)

// Archive streams the whole log as one file.
func (x *Proof) Archive(w http.ResponseWriter, r *http.Request, s ArchivedSummit) error {
	c, err := x.archived(r, s)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%d.summit"`, s.Summit(), c.Checkpoint.Size))
	h.Set("Summit-Position", events.Position{Epoch: s.Head().Epoch, Seq: uint64(c.Checkpoint.Size)}.String())
	if r.Method == http.MethodHead { // the whole is made as it is read
		return nil
	}
	out := respond.NewPatient(w, x.Clock)
	if err := archive.Write(out, c); err != nil {
		if !out.Begun {
			return archiveProblem(err)
		}
		if out.Failed == nil { // else the reader is gone
			x.Logger.Error("writing an archive", "summit", s.Summit(), "error", err)
		}
		panic(http.ErrAbortHandler) // a cut archive must not look whole
	}
	return nil
}

// archived returns what the archive holds: the views and the head of one moment.
func (x *Proof) archived(r *http.Request, s ArchivedSummit) (archive.Content, error) {
	n, err := x.signer()
	if err != nil {
		return archive.Content{}, err
	}
	held, err := reachEnd(r.Context(), s)
	if err != nil {
		return archive.Content{}, err
	}
	at, version, tables, err := s.Digests(r.Context())
	if err != nil {
		return archive.Content{}, err
	}
	if at.Seq == 0 {
		return archive.Content{}, class.New(class.Passing, "nothing is served yet: try again later")
	}
	signed, err := n.At(r.Context(), source(s), int64(at.Seq))
	if err != nil {
		return archive.Content{}, err
	}
	key, err := n.LogKey(s.Summit())
	if err != nil {
		return archive.Content{}, err
	}
	views := &archive.Views{Version: version}
	for _, t := range tables {
		views.Tables = append(views.Tables, archive.Table{Name: t.Table, Rows: t.Rows, Sum: t.Sum})
	}
	return archive.Content{
		Summit: s.Summit(), Key: key, Checkpoint: signed.Checkpoint, Note: signed.Note, Views: views, Software: x.Version, Revision: x.Revision,
		Held: held, Records: s.Read(r.Context(), 1, at.Seq),
		Tile:   func(p merkle.TilePath) ([]byte, error) { return readTile(s, p, int64(at.Seq)) },
		Attest: func(text []byte) ([]byte, error) { return n.Attest(s.Summit(), text) },
	}, nil
}

// endWait is how long an archive waits for the views to come to the end of the
// log.
const endWait = 30 * time.Second

// reachEnd waits until the views hold everything in the log, so that an archive
// leaves nothing out. It returns the number of events.
func reachEnd(ctx context.Context, s ArchivedSummit) (uint64, error) {
	info, err := s.Info(ctx)
	if err != nil {
		return 0, err
	}
	err = s.Reach(ctx, info.Last, endWait)
	if err != nil {
		return 0, fmt.Errorf("the archive would lack events %d to %d of the log: %w", s.Head().Seq+1, info.Last, err)
	}
	return info.Last, nil
}

// readTile reads a tile of a tree of a size that is served.
func readTile(s TreeViews, p merkle.TilePath, size int64) (b []byte, err error) {
	err = s.Tree(func(_ events.Position, tiles merkle.Store) error {
		read, err := merkle.ReadTile(tiles, p, size)
		b = bytes.Clone(read) // it is good within the transaction only
		return err
	})
	return b, err
}

// archiveProblem returns the error of an archive that could not be begun.
func archiveProblem(err error) error {
	var fault *archive.Fault
	if errors.As(err, &fault) {
		return respond.Reword(fault, "the log is in doubt: "+fault.Error())
	}
	return err
}
