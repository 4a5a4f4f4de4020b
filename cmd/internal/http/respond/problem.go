// Package respond writes answers: JSON, problems, and what bounds them.
//
// [ProblemOf] is the one map from errors to statuses: the class of an error
// decides. [Room] bounds the memory of answers, [Cache] keeps those that were
// asked for last, and [Unchanged] answers 304.
package respond

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sort"
	"syscall"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/class"
	"github.com/summit-timeline/summit/projections"
)

// Fault is one fault of a request.
type Fault = events.Fault

// Problem is an error as clients get it (RFC 9457).
type Problem struct {
	Type   string  `json:"type"`
	Title  string  `json:"title"`
	Status int     `json:"status"`
	Detail string  `json:"detail"`
	Errors []Fault `json:"errors,omitempty"`
}

func (p *Problem) Error() string { return p.Detail }

// BadParams returns the problem of parameters that cannot be used.
func BadParams(faults ...Fault) *Problem {
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

// Write sends the problem as the answer.
func (p *Problem) Write(w http.ResponseWriter) {
	h := w.Header()
	p.Type, p.Title = "about:blank", http.StatusText(p.Status)
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	h.Del("Etag")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the reader may be gone
}

// PassingWait is after how many seconds a client is to ask again if the cause
// passes by itself: a leader is elected, views catch up.
const PassingWait = "1"

// statuses maps the class of an error to the status of its answer. An error
// without a class, or of class.Bug, is a failure of the server.
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

// classOf returns the class of an error. A disk that is full or fails, and a
// deadline that has passed, have the class of what follows from them.
func classOf(err error) class.Class {
	c := class.Of(err)
	switch {
	case noSpace(err):
		return class.StorageFull
	case c != class.None:
		return c
	case errors.As(err, new(*http.MaxBytesError)):
		return class.TooLarge
	case errors.As(err, new(syscall.Errno)), errors.Is(err, context.DeadlineExceeded):
		return class.Passing
	}
	return class.None
}

// Passing reports whether the cause of an error passes by itself.
func Passing(err error) bool {
	c := classOf(err)
	return c == class.Passing || c == class.StorageFull
}

// noSpace reports whether a disk is full, or its quota for this server.
func noSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}

// ProblemOf returns the problem that answers an error. Its status is that of the
// error's class, unless the error is a Problem itself.
func ProblemOf(err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	c := classOf(err)
	status, ok := statuses[c]
	if !ok {
		return Failure()
	}
	detail, faults := wording(err, c)
	return &Problem{Status: status, Detail: detail, Errors: faults}
}

// Failure returns the problem of a server that failed.
func Failure() *Problem {
	return &Problem{Status: http.StatusInternalServerError, Detail: "internal error: the operator's log has the details"}
}

// wording returns the detail of a problem, and the single faults where the error
// has some.
func wording(err error, c class.Class) (string, []Fault) {
	var (
		faults       events.Faults
		param        *projections.ParamError
		inadmissible *projections.Inadmissible
		tooLarge     *http.MaxBytesError
	)
	switch {
	case errors.As(err, &inadmissible):
		return "the event cannot stand: " + err.Error(), inadmissible.Faults
	case errors.As(err, &faults):
		return "the event is not valid: " + faults.Error(), faults
	case errors.As(err, &param):
		p := BadParams(Fault{Pointer: param.Name, Detail: param.Detail})
		return p.Detail, p.Errors
	case errors.As(err, &tooLarge):
		return fmt.Sprintf("the body is over the limit of %d bytes: send it in parts", tooLarge.Limit), nil
	case errors.As(err, new(*projections.PausedError)) && errors.As(err, new(syscall.Errno)):
		return storageDetail(err), nil
	case errors.As(err, new(*projections.DamagedError)):
		return "the views of this summit are damaged on the server's disk: they are being rebuilt from its log, so try again later; the operator's log and summit doctor have the details", nil
	case c == class.StorageFull, class.Of(err) == class.None:
		return storageDetail(err), nil
	}
	return err.Error(), nil
}

// storageDetail describes a failing disk without paths, which only an operator
// may see. It returns the text of any other error as it is.
func storageDetail(err error) string {
	var failing syscall.Errno
	switch {
	case !errors.As(err, &failing):
		return err.Error()
	case noSpace(err):
		return "the server has no space left on its disk (" + failing.Error() + "): free some space; the server then resumes by itself, so try again"
	}
	return "the storage of the server fails (" + failing.Error() + "): it is tried again by itself, so ask again; the operator's log says more"
}

// Reword returns an error with another text. Its class stays that of err.
func Reword(err error, text string) error { return &reworded{err, text} }

type reworded struct {
	err  error
	text string
}

func (r *reworded) Error() string { return r.text }
func (r *reworded) Unwrap() error { return r.err }
