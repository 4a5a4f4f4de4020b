package respond

import (
	"io"
	"net/http"
	"time"
)

// writeWait is how long one write may take before a reader counts as gone.
const writeWait = 30 * time.Second

// Patient sets a deadline for every write, and remembers whether one failed.
type Patient struct {
	w     io.Writer
	rc    *http.ResponseController
	clock func() time.Time
	// Begun is set by the first write.
	Begun bool
	// Failed is the error of the last write that failed: the reader is gone.
	Failed error
}

// NewPatient returns a writer for an answer of a few large parts.
func NewPatient(w http.ResponseWriter, clock func() time.Time) *Patient {
	return &Patient{w: w, rc: http.NewResponseController(w), clock: clock}
}

func (p *Patient) Write(b []byte) (int, error) {
	p.Begun = true
	_ = p.rc.SetWriteDeadline(p.clock().Add(writeWait)) // without it a write takes as long as it takes
	n, err := p.w.Write(b)
	if err != nil {
		p.Failed = err
	}
	return n, err
}

// Lines sets a new deadline with every 256th write, so that a reader that is gone
// does not hold a handler.
type Lines struct {
	w     io.Writer
	rc    *http.ResponseController
	clock func() time.Time
	n     int
}

// NewLines returns a writer for an answer of many small parts.
func NewLines(w http.ResponseWriter, clock func() time.Time) *Lines {
	return &Lines{w: w, rc: http.NewResponseController(w), clock: clock}
}

func (l *Lines) Write(b []byte) (int, error) {
	if l.n++; l.n%256 == 1 {
		_ = l.rc.SetWriteDeadline(l.clock().Add(writeWait)) // without it a write takes as long as it takes
	}
	return l.w.Write(b)
}

// Begun reports whether something was written.
func (l *Lines) Begun() bool { return l.n > 0 }
