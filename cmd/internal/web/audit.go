package web

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/projections"
)

// digests tells what the views come to at the position that is served, for an
// audit to compare with views of its own.
func (x *Handler) digests(w http.ResponseWriter, r *http.Request, s *summits.Summit) error {
	d, err := s.Views.Account(r.Context())
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
		"summit": s.ID, "position": d.Position.String(), "version": d.Version, "tables": tables,
		"root": base64.StdEncoding.EncodeToString(d.Root[:]),
	}
	var doubt *projections.DoubtError
	if errors.As(s.Views.Health().Doubt, &doubt) {
		answer["doubt"] = doubt
	}
	w.Header().Set("Summit-Position", d.Position.String())
	w.Header().Set("Cache-Control", "no-cache")
	return writeJSON(w, http.StatusOK, answer)
}

// rowsShown is the most rows of one answer.
const rowsShown = 1000

// rows pages through a table of the views as it is stored: one row a line, key
// and value in base64. The answer is of one position; the next may be of a
// later one.
func (x *Handler) rows(w http.ResponseWriter, r *http.Request, s *summits.Summit) error {
	var after []byte
	if text := r.FormValue("after"); text != "" {
		var err error
		if after, err = base64.RawURLEncoding.DecodeString(text); err != nil {
			return badParams(Fault{Pointer: "after", Detail: "must be the key of a row in base64url without padding"})
		}
	}
	at, rows, more, err := s.Views.Rows(r.Context(), r.PathValue("table"), after, rowsShown)
	var param *projections.ParamError
	if errors.As(err, &param) {
		return &Problem{Status: http.StatusNotFound, Detail: "there is no such table: " + param.Detail}
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

// doctor tells how the server and its logs do; summit doctor says what it means.
func (x *Handler) doctor(w http.ResponseWriter, r *http.Request) error {
	report := x.host.Report(r.Context(), x.beside())
	report.Version, report.Durability, report.Warnings = x.o.Version, x.o.Durability, x.o.Warnings
	if x.o.Disk != nil {
		if disk, err := x.o.Disk(); err == nil { // where the system does not say, nothing is said
			report.Disk = &disk
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	return writeJSON(w, http.StatusOK, report)
}
