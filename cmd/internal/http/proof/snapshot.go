package proof

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/store/snapshot"
)

// Snapshot streams a signed copy of the views. The copy is made before it is sent,
// so that a slow reader holds up nothing.
func (x *Proof) Snapshot(w http.ResponseWriter, r *http.Request, s CopiedSummit) error {
	if _, err := x.signer(); err != nil {
		return err
	}
	if r.Method == http.MethodHead { // what it would be is known when it is made
		w.Header().Set("Content-Type", snapshotType)
		return nil
	}
	c, err := s.Copy(r.Context())
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
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s.snapshot"`, s.Summit()))
	h.Set("Summit-Position", c.Account.Position.String())
	out := respond.NewPatient(w, x.Clock)
	if err := snapshot.Write(out, content); err != nil {
		if out.Failed == nil { // else the reader is gone
			x.Logger.Error("sending a snapshot", "summit", s.Summit(), "error", err)
		}
		panic(http.ErrAbortHandler) // a cut snapshot must not look whole
	}
	x.Snapshots.WithLabelValues(s.Summit()).Inc()
	return nil
}

const snapshotType = "application/x-tar"

// snapped returns a copy with its signed statement.
func (x *Proof) snapped(r *http.Request, s SignedLog, c *summits.Copy) (snapshot.Content, error) {
	n, at := x.Notary, c.Account
	signed, err := n.At(r.Context(), source(s), int64(at.Position.Seq))
	if err != nil {
		return snapshot.Content{}, err
	}
	st := snapshot.Statement{Origin: n.Origin(s.Summit()), Position: at.Position, Root: at.Root, Version: at.Version, Bytes: c.Bytes, Sum: c.Sum}
	if signed.Root != at.Root {
		return snapshot.Content{}, fmt.Errorf("the copy of the views of %s has the root %s, but the root signed for %d events is %s", s.Summit(), at.Root, signed.Size, signed.Root)
	}
	for _, t := range at.Tables {
		st.Tables = append(st.Tables, snapshot.Table{Name: t.Table, Rows: t.Rows, Sum: t.Sum})
	}
	statement, err := n.Attest(s.Summit(), st.Format())
	return snapshot.Content{Statement: statement, Checkpoint: signed.Note, Views: c, Bytes: c.Bytes}, err
}
