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

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/class"
	"github.com/summit-timeline/summit/projections"
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
	p, h := problemOf(err), w.Header()
	if p.Status >= http.StatusInternalServerError {
		x.o.Logger.Error("request failed", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	if passing(err) && h.Get("Retry-After") == "" {
		h.Set("Retry-After", passingWait)
	}
	x.writeProblem(w, p)
}

func (x *Handler) writeProblem(w http.ResponseWriter, p *Problem) {
	h := w.Header()
	p.Type, p.Title = "about:blank", http.StatusText(p.Status)
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

// statuses are what errors are answered with, by their class. One that has none,
// or is the program's own, is a failure of the server.
var statuses = map[class.Class]int{
	class.Malformed:   http.StatusBadRequest,
	class.Stranger:    http.StatusUnauthorized,
	class.Absent:      http.StatusNotFound,
	class.Conflict:    http.StatusConflict,
	class.Moved:       http.StatusPreconditionFailed,
	class.TooLarge:    http.StatusRequestEntityTooLarge,
	class.Invalid:     http.StatusUnprocessableEntity,
	class.Passing:     http.StatusServiceUnavailable,
	class.Broken:      http.StatusServiceUnavailable,
	class.StorageFull: http.StatusInsufficientStorage,
}

// classOf is the class of an error. A disk that is full or fails is made room on
// or tried again by itself, and time that has run out passes.
func classOf(err error) class.Class {
	failing := errors.As(err, new(syscall.Errno))
	switch c := class.Of(err); {
	case noSpace(err):
		return class.StorageFull
	case c != class.None:
		return c
	case failing, errors.Is(err, context.DeadlineExceeded):
		return class.Passing
	}
	return class.None
}

// passing reports whether it is worth asking again.
func passing(err error) bool {
	c := classOf(err)
	return c == class.Passing || c == class.StorageFull
}

// noSpace reports whether a disk is full, or full for this server.
func noSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}

// problemOf is the one map from errors to answers.
func problemOf(err error) *Problem {
	if p := detailed(err); p != nil {
		return p
	}
	c := classOf(err)
	status, ok := statuses[c]
	switch {
	case !ok:
		return &Problem{Status: http.StatusInternalServerError, Detail: "the server failed; the operator's log says how"}
	case c == class.StorageFull, class.Of(err) == class.None:
		return &Problem{Status: status, Detail: storageDetail(err)}
	}
	return &Problem{Status: status, Detail: err.Error()}
}

// storageDetail says how the disk of the server fails. Paths are the operator's
// to know.
func storageDetail(err error) string {
	var failing syscall.Errno
	switch {
	case !errors.As(err, &failing):
		return err.Error()
	case noSpace(err):
		return "the server has no space left on its disk (" + failing.Error() + "): make room; it goes on by itself, so ask again then"
	}
	return "the storage of the server fails (" + failing.Error() + "): it is tried again by itself, so ask again; the operator's log says more"
}

// detailed answers errors that say more than their class; nil is none of them.
func detailed(err error) *Problem {
	var (
		problem      *Problem
		faults       events.Faults
		param        *projections.ParamError
		inadmissible *projections.Inadmissible
		tooLarge     *http.MaxBytesError
	)
	switch {
	case errors.As(err, &problem):
		return problem
	case errors.As(err, &inadmissible):
		return &Problem{Status: http.StatusUnprocessableEntity, Detail: "the event cannot stand: " + err.Error(), Errors: inadmissible.Faults}
	case errors.As(err, &faults):
		return &Problem{Status: http.StatusUnprocessableEntity, Detail: "the event is not valid: " + faults.Error(), Errors: faults}
	case errors.As(err, &param):
		return badParams(Fault{Pointer: param.Name, Detail: param.Detail})
	case errors.As(err, &tooLarge):
		return &Problem{Status: http.StatusRequestEntityTooLarge, Detail: fmt.Sprintf("the body is over the limit of %d bytes: send it in parts", tooLarge.Limit)}
	case errors.As(err, new(*projections.PausedError)) && errors.As(err, new(syscall.Errno)):
		return &Problem{Status: statuses[classOf(err)], Detail: storageDetail(err)}
	case errors.As(err, new(*projections.DamagedError)):
		return &Problem{Status: http.StatusServiceUnavailable, Detail: "the views of this summit are damaged on the server's disk: they are made anew from its log by themselves, so ask again; the operator's log and summit doctor say more"}
	}
	return nil
}
