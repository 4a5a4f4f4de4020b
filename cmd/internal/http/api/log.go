package api

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/summit-timeline/summit/cmd/internal/http/reading"
	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/store"
)

// Log streams the stored bytes, one event a line.
func (x *API) Log(w http.ResponseWriter, r *http.Request, s LogBytes) error {
	from, err := reading.Seq(r, "from", 1)
	if err != nil {
		return err
	}
	// Without an end it goes to the end of the log, which may be a moment ahead of
	// the views: what was acknowledged can be read.
	to, err := reading.Seq(r, "to", 0)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-cache")
	if x.settled(r, s, to) && x.Lasts(w, r, s) {
		return nil
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	out := respond.NewLines(w, x.Clock)
	if to != 0 && to < from {
		return nil
	}
	for rec, err := range s.ReadBytes(r.Context(), from, to) {
		if errors.Is(err, store.ErrNotFound) {
			err = fmt.Errorf("%w: %v", summits.ErrLost, err) //nolint:errorlint // a lost log is no unknown summit
		}
		if err != nil {
			if !out.Begun() {
				return err
			}
			x.Logger.Error("reading the log", "summit", s.Summit(), "error", err)
			_ = http.NewResponseController(w).Flush() // what was read is sent: the reader may ask on from there
			panic(http.ErrAbortHandler)               // a cut download must not look whole
		}
		if _, err := out.Write(append(rec.Raw[:len(rec.Raw):len(rec.Raw)], '\n')); err != nil {
			return nil //nolint:nilerr // the reader is gone
		}
	}
	return nil
}

// settled reports whether the log has an event. If the log cannot be asked, the
// error comes up when it is read.
func (x *API) settled(r *http.Request, s reading.Log, seq uint64) bool {
	if seq <= s.Head().Seq {
		return seq > 0
	}
	end, err := x.EndPast(r.Context(), s, seq-1)
	return err == nil && seq <= end
}
