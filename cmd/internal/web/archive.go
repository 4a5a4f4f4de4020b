package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store/archive"
	"github.com/summit-timeline/summit/store/merkle"
)

// archive streams the whole log as one file.
func (x *Handler) archive(w http.ResponseWriter, r *http.Request, s *summits.Summit) error {
	c, err := x.archived(r, s)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%d.summit"`, s.ID, c.Checkpoint.Size))
	h.Set("Summit-Position", events.Position{Epoch: s.Views.Head().Epoch, Seq: uint64(c.Checkpoint.Size)}.String())
	if r.Method == http.MethodHead { // the whole is made as it is read
		return nil
	}
	out := &patient{w: w, rc: http.NewResponseController(w), now: x.o.Clock}
	if err := archive.Write(out, c); err != nil {
		if !out.begun {
			return archiveProblem(err)
		}
		if out.failed == nil { // else the reader is gone
			x.o.Logger.Error("writing an archive", "summit", s.ID, "error", err)
		}
		panic(http.ErrAbortHandler) // a cut archive must not look whole
	}
	return nil
}

// archived fixes what the archive holds: the views and the head of one moment.
func (x *Handler) archived(r *http.Request, s *summits.Summit) (archive.Content, error) {
	n, err := x.notary()
	if err != nil {
		return archive.Content{}, err
	}
	held, err := x.reachEnd(r.Context(), s)
	if err != nil {
		return archive.Content{}, err
	}
	at, version, tables, err := s.Views.Digests(r.Context())
	if err != nil {
		return archive.Content{}, err
	}
	if at.Seq == 0 {
		return archive.Content{}, &Problem{Status: http.StatusServiceUnavailable, Detail: "nothing is served yet: try again"}
	}
	signed, err := n.At(r.Context(), source(s), int64(at.Seq))
	if err != nil {
		return archive.Content{}, err
	}
	key, err := n.LogKey(s.ID)
	if err != nil {
		return archive.Content{}, err
	}
	views := &archive.Views{Version: version}
	for _, t := range tables {
		views.Tables = append(views.Tables, archive.Table{Name: t.Table, Rows: t.Rows, Sum: t.Sum})
	}
	return archive.Content{
		Summit: s.ID, Key: key, Checkpoint: signed.Checkpoint, Note: signed.Note, Views: views, Software: x.o.Version, Revision: x.o.Revision,
		Held: held, Records: s.Log.Read(r.Context(), 1, at.Seq),
		Tile:   func(p merkle.TilePath) ([]byte, error) { return readTile(s, p, int64(at.Seq)) },
		Attest: func(text []byte) ([]byte, error) { return n.Attest(s.ID, text) },
	}, nil
}

// endWait is how long an archive waits for the views to come to the end of the
// log.
const endWait = 30 * time.Second

// reachEnd waits until the views have all that the log has, so that an archive
// leaves nothing out. It returns how many events that are.
func (x *Handler) reachEnd(ctx context.Context, s *summits.Summit) (uint64, error) {
	info, err := s.Log.Info(ctx)
	if err != nil {
		return 0, err
	}
	err = s.Views.Reach(ctx, info.Last, endWait)
	if err != nil {
		return 0, fmt.Errorf("the archive would leave out the events from %d to %d of the log: %w", s.Views.Head().Seq+1, info.Last, err)
	}
	return info.Last, nil
}

// readTile reads a tile of a tree of a size that is served.
func readTile(s *summits.Summit, p merkle.TilePath, size int64) (b []byte, err error) {
	err = s.Views.Tree(func(_ events.Position, tiles merkle.Store) error {
		read, err := merkle.ReadTile(tiles, p, size)
		b = bytes.Clone(read) // it is good within the transaction only
		return err
	})
	return b, err
}

func archiveProblem(err error) error {
	var fault *archive.Fault
	if errors.As(err, &fault) {
		return &Problem{Status: http.StatusServiceUnavailable, Detail: "the log is in doubt: " + fault.Error()}
	}
	return err
}

// patient gives every write a deadline of its own, and remembers a reader that
// has gone.
type patient struct {
	w      io.Writer
	rc     *http.ResponseController
	now    func() time.Time
	begun  bool
	failed error
}

func (p *patient) Write(b []byte) (int, error) {
	p.begun = true
	_ = p.rc.SetWriteDeadline(p.now().Add(writeWait)) // without it a write takes as long as it takes
	n, err := p.w.Write(b)
	if err != nil {
		p.failed = err
	}
	return n, err
}
