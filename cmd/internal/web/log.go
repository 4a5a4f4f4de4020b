package web

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/store"
)

// writeWait is how long one write may take before a reader counts as gone.
const writeWait = 30 * time.Second

// log streams the stored bytes, one event a line.
func (x *Handler) log(w http.ResponseWriter, r *http.Request, s *summits.Summit) error {
	from, err := seqParam(r, "from", 1)
	if err != nil {
		return err
	}
	// Without an end it goes to the end of the log, which may be a moment ahead of
	// the views: what was acknowledged can be read.
	to, err := seqParam(r, "to", 0)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-cache")
	if x.settled(r, s, to) && x.lasting(w, r, s) {
		return nil
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	rc := http.NewResponseController(w)
	n := 0
	if to != 0 && to < from {
		return nil
	}
	for rec, err := range s.Log.ReadBytes(r.Context(), from, to) {
		if errors.Is(err, store.ErrNotFound) {
			err = fmt.Errorf("%w: %v", summits.ErrLost, err) //nolint:errorlint // a lost log is no unknown summit
		}
		if err != nil {
			if n == 0 {
				return err
			}
			x.o.Logger.Error("reading the log", "summit", s.ID, "error", err)
			_ = rc.Flush()              // what was read is sent: the reader may ask on from there
			panic(http.ErrAbortHandler) // a cut download must not look whole
		}
		if n++; n%256 == 1 {
			_ = rc.SetWriteDeadline(x.o.Clock().Add(writeWait)) // without it a write takes as long as it takes
		}
		if _, err := w.Write(append(rec.Raw[:len(rec.Raw):len(rec.Raw)], '\n')); err != nil {
			return nil //nolint:nilerr // the reader is gone
		}
	}
	return nil
}

// settled reports whether the log has an event. A log that cannot be asked tells
// so where it is read.
func (x *Handler) settled(r *http.Request, s *summits.Summit, seq uint64) bool {
	if seq <= s.Views.Head().Seq {
		return seq > 0
	}
	end, err := x.endPast(r.Context(), s, seq-1)
	return err == nil && seq <= end
}

func seqParam(r *http.Request, name string, otherwise uint64) (uint64, error) {
	text := r.FormValue(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil || n == 0 {
		return 0, badParams(Fault{Pointer: name, Detail: fmt.Sprintf("%q is no sequence number from 1", text)})
	}
	return n, nil
}
