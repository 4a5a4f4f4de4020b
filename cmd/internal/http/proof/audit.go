package proof

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/events/class"
	"github.com/summit-timeline/summit/projections"
)

// Digests answers the digests of the views at the position that is served, for an
// audit to compare with views of its own.
func (*Proof) Digests(w http.ResponseWriter, r *http.Request, s DigestViews) error {
	d, err := s.ViewDigest(r.Context())
	if err != nil {
		return err
	}
	type table struct {
		Table  string `json:"table"`
		Rows   int    `json:"rows"`
		SHA256 string `json:"sha256"`
	}
	tables := make([]table, 0, len(d.Tables))
	for _, t := range d.Tables {
		tables = append(tables, table{t.Table, t.Rows, hex.EncodeToString(t.Sum[:])})
	}
	answer := map[string]any{
		"summit": s.Summit(), "position": d.Position.String(), "version": d.Version, "tables": tables,
		"root": base64.StdEncoding.EncodeToString(d.Root[:]),
	}
	var doubt *projections.InconsistencyError
	if errors.As(s.Health().Doubt, &doubt) {
		answer["doubt"] = doubt
	}
	w.Header().Set("Summit-Position", d.Position.String())
	w.Header().Set("Cache-Control", "no-cache")
	return respond.JSON(w, http.StatusOK, answer)
}

// rowsShown is the most rows of one answer.
const rowsShown = 1000

// Rows answers rows of a table of the views as they are stored: one row a line,
// key and value in base64. Each answer is as of one position; the next may be as of
// a later one.
func (*Proof) Rows(w http.ResponseWriter, r *http.Request, s RowViews) error {
	var after []byte
	if text := r.FormValue("after"); text != "" {
		var err error
		if after, err = base64.RawURLEncoding.DecodeString(text); err != nil {
			return respond.BadParams(respond.Fault{Pointer: "after", Detail: "must be the key of a row in base64url without padding"})
		}
	}
	at, rows, more, err := s.Rows(r.Context(), r.PathValue("table"), after, rowsShown)
	var param *projections.ParamError
	if errors.As(err, &param) {
		return class.New(class.Absent, "there is no such table: "+param.Detail)
	}
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Summit-Position", at.String())
	h.Set("Content-Type", "application/x-ndjson")
	h.Set("Cache-Control", "no-cache")
	if more {
		h.Set("Summit-More", "true")
	}
	for _, row := range rows {
		line, err := json.Marshal(struct {
			Key   []byte `json:"key"`
			Value []byte `json:"value"`
		}{row.Key, row.Value})
		if err != nil {
			return err
		}
		if _, err := w.Write(append(line, '\n')); err != nil {
			return nil //nolint:nilerr // the reader is gone
		}
	}
	return nil
}
