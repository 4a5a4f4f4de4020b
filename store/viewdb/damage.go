package viewdb

import (
	"fmt"
	"runtime/debug"
)

// DamagedError reports that a file is not as it was written.
type DamagedError struct{ Path, Reason string }

func (d *DamagedError) Error() string { return fmt.Sprintf("%s is damaged: %s", d.Path, d.Reason) }

// Damaged returns the error of a file that lacks what its other rows say that it has.
func (t *Tx) Damaged(reason string, args ...any) error {
	return damaged(t.db.Path(), reason, args...)
}

func damaged(path, reason string, args ...any) *DamagedError {
	return &DamagedError{Path: path, Reason: fmt.Sprintf(reason, args...)}
}

// faultsPanic lets a read past the end of a file that is damaged panic in this
// goroutine, where it would end the process, until the function it gives is
// called.
func faultsPanic() func() {
	before := debug.SetPanicOnFault(true)
	return func() { debug.SetPanicOnFault(before) }
}

// recover turns the panics of a damaged file into a *DamagedError: those of
// bbolt, those of memory that the file should back, and those of rows. Others
// go on. It must be deferred itself.
func (t *Tx) recover(err *error) {
	p := recover()
	if p == nil {
		return
	}
	if d, ok := p.(*DamagedError); ok {
		*err = d
		return
	}
	if _, fault := p.(interface{ Addr() uintptr }); fault || t.inside {
		*err = damaged(t.db.Path(), "%v", p)
		return
	}
	panic(p)
}
