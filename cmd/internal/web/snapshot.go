package web

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/store/snapshot"
)

// snapshot streams a copy of the views with what the key of the log says of it.
// The copy is made before it is sent: a slow reader holds up nothing.
func (x *Handler) snapshot(w http.ResponseWriter, r *http.Request, s *summits.Summit) error {
	if _, err := x.notary(); err != nil {
		return err
	}
	if r.Method == http.MethodHead { // what it would be is known when it is made
		w.Header().Set("Content-Type", snapshotType)
		return nil
	}
	c, err := x.host.Copy(r.Context(), s)
	if err != nil {
		return err
	}
	defer c.Close()
	content, err := x.snapped(r, s, c)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", snapshotType)
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", strconv.FormatInt(content.Size(), 10))
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s.snapshot"`, s.ID))
	h.Set("Summit-Position", c.Account.Position.String())
	out := &patient{w: w, rc: http.NewResponseController(w), now: x.o.Clock}
	if err := snapshot.Write(out, content); err != nil {
		if out.failed == nil { // else the reader is gone
			x.o.Logger.Error("sending a snapshot", "summit", s.ID, "error", err)
		}
		panic(http.ErrAbortHandler) // a cut snapshot must not look whole
	}
	x.figures.snapshots.WithLabelValues(s.ID).Inc()
	return nil
}

const snapshotType = "application/x-tar"

// snapped signs what a copy is.
func (x *Handler) snapped(r *http.Request, s *summits.Summit, c *summits.Copy) (snapshot.Content, error) {
	n, at := x.o.Notary, c.Account
	signed, err := n.At(r.Context(), source(s), int64(at.Position.Seq))
	if err != nil {
		return snapshot.Content{}, err
	}
	said := snapshot.Statement{Origin: n.Origin(s.ID), Position: at.Position, Root: at.Root, Version: at.Version, Bytes: c.Bytes, Sum: c.Sum}
	if signed.Root != at.Root {
		return snapshot.Content{}, fmt.Errorf("the copy of the views of %s has the root %s, and %s is signed at %d", s.ID, at.Root, signed.Root, signed.Size)
	}
	for _, t := range at.Tables {
		said.Tables = append(said.Tables, snapshot.Table{Name: t.Table, Rows: t.Rows, Sum: t.Sum})
	}
	statement, err := n.Attest(s.ID, said.Format())
	return snapshot.Content{Statement: statement, Checkpoint: signed.Note, Views: c, Bytes: c.Bytes}, err
}
