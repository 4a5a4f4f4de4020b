package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sort"
	"strconv"
	"syscall"

	"github.com/summit-timeline/summit/cmd/internal/host"
	"github.com/summit-timeline/summit/cmd/internal/notary"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store"
)

// Fault is one thing that is wrong with a request.
type Fault = events.Fault

// Problem is an error as it is answered: RFC 9457.
type Problem struct {
	Type   string  `json:"type"`
	Title  string  `json:"title"`
	Status int     `json:"status"`
	Detail string  `json:"detail"`
	Errors []Fault `json:"errors,omitempty"`
}

func (p *Problem) Error() string { return p.Detail }

func badParams(faults ...Fault) *Problem {
	sort.Slice(faults, func(i, j int) bool { return faults[i].Pointer < faults[j].Pointer })
	detail := "a parameter cannot be used"
	for i, f := range faults {
		if i == 0 {
			detail += ": "
		} else {
			detail += "; "
		}
		detail += f.Pointer + " " + f.Detail
	}
	return &Problem{Status: http.StatusBadRequest, Detail: detail, Errors: faults}
}

// fail answers an error.
func (x *Handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil && errors.Is(err, context.Canceled) {
		return // nobody is there to read it
	}
	p := problemOf(err)
	if p.Status >= http.StatusInternalServerError {
		x.o.Logger.Error("request failed", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	if passing(err) {
		w.Header().Set("Retry-After", passingWait)
	}
	x.writeProblem(w, p)
}

func (x *Handler) writeProblem(w http.ResponseWriter, p *Problem) {
	p.Type, p.Title = "about:blank", http.StatusText(p.Status)
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	h.Del("Etag")
	x.figures.problems.WithLabelValues(strconv.Itoa(p.Status)).Inc()
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the reader may be gone
}

// passingWait is after how many seconds it is worth asking again where what is
// in the way passes by itself: a leader is elected, views catch up.
const passingWait = "1"

func passing(err error) bool {
	var failing syscall.Errno
	var unkept *notary.UnkeptError
	var behind *projections.BehindError
	return errors.As(err, &behind) || errors.As(err, &unkept) || errors.Is(err, store.ErrUnavailable) || errors.Is(err, projections.ErrNotYet) || errors.Is(err, notary.ErrBehind) ||
		errors.As(err, new(*projections.PausedError)) || errors.As(err, new(*projections.DamagedError)) || errors.As(err, &failing)
}

// noSpace reports whether a disk is full, or full for this server.
func noSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}

// storageProblem is the answer where the disk of the server fails, as a rule for
// a while. Paths are the operator's to know.
func storageProblem(err error) *Problem {
	var failing syscall.Errno
	errors.As(err, &failing)
	if noSpace(err) {
		return &Problem{Status: http.StatusInsufficientStorage, Detail: "the server has no space left on its disk (" + failing.Error() + "): make room; it goes on by itself, so ask again then"}
	}
	return &Problem{Status: http.StatusServiceUnavailable, Detail: "the storage of the server fails (" + failing.Error() + "): it is tried again by itself, so ask again; the operator's log says more"}
}

// problemOf is the one map from errors to statuses.
func problemOf(err error) *Problem {
	var (
		problem      *Problem
		faults       events.Faults
		param        *projections.ParamError
		inadmissible *projections.Inadmissible
		taken        *store.IDTakenError
		tooLarge     *http.MaxBytesError
		settings     *store.SettingsError
		refused      *notary.RefusedError
		unkept       *notary.UnkeptError
		gap          *store.GapError
		damaged      *host.DamagedError
		behind       *projections.BehindError
	)
	status := func(code int) *Problem { return &Problem{Status: code, Detail: err.Error()} }
	switch {
	case errors.As(err, &problem):
		return problem
	case errors.As(err, &inadmissible):
		return &Problem{Status: http.StatusUnprocessableEntity, Detail: "the event cannot stand: " + err.Error(), Errors: inadmissible.Faults}
	case errors.As(err, &faults):
		return &Problem{Status: http.StatusUnprocessableEntity, Detail: "the event is not valid: " + faults.Error(), Errors: faults}
	case errors.As(err, &param):
		return badParams(Fault{Pointer: param.Name, Detail: param.Detail})
	case errors.As(err, &taken), errors.Is(err, host.ErrClosed), errors.Is(err, store.ErrExists):
		return status(http.StatusConflict)
	case errors.Is(err, host.ErrMoved):
		return status(http.StatusPreconditionFailed)
	case errors.Is(err, events.ErrTooLarge):
		return status(http.StatusRequestEntityTooLarge)
	case errors.As(err, &tooLarge):
		return &Problem{Status: http.StatusRequestEntityTooLarge, Detail: fmt.Sprintf("the body is over the limit of %d bytes: send it in parts", tooLarge.Limit)}
	case errors.Is(err, projections.ErrNotFound), errors.Is(err, store.ErrNotFound):
		return status(http.StatusNotFound)
	case noSpace(err):
		return storageProblem(err)
	case errors.As(err, new(*projections.PausedError)) && errors.As(err, new(syscall.Errno)):
		return storageProblem(err)
	case errors.As(err, new(*projections.DamagedError)):
		return &Problem{Status: http.StatusServiceUnavailable, Detail: "the views of this summit are damaged on the server's disk: they are made anew from its log by themselves, so ask again; the operator's log and summit doctor say more"}
	case errors.As(err, new(*projections.PausedError)), errors.As(err, new(*projections.DoubtError)), errors.Is(err, host.ErrInDoubt), errors.Is(err, store.ErrUnavailable), errors.Is(err, context.DeadlineExceeded), errors.Is(err, host.ErrLost), errors.Is(err, projections.ErrNotYet),
		errors.As(err, &settings), errors.As(err, &refused), errors.As(err, &unkept), errors.Is(err, notary.ErrBehind), errors.As(err, &gap), errors.As(err, &damaged), errors.As(err, &behind):
		return status(http.StatusServiceUnavailable)
	case errors.As(err, new(syscall.Errno)):
		return storageProblem(err)
	}
	return &Problem{Status: http.StatusInternalServerError, Detail: "the server failed; the operator's log says how"}
}
