package engine

import (
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/summit-timeline/summit/events/class"
)

// PanicError is a panic while an event was folded: a fault of the program. The
// event is quarantined.
type PanicError struct {
	Seq   uint64
	Value any
	Stack []byte
}

func (p *PanicError) Error() string {
	return fmt.Sprintf("fold event %d: panic: %v", p.Seq, p.Value)
}

// Caught turns a panic into an error that names the event in hand. It must be
// deferred itself.
func Caught(hand *uint64, err *error) {
	if p := recover(); p != nil {
		*err = &PanicError{Seq: *hand, Value: p, Stack: debug.Stack()}
	}
}

// eventError is a failure to fold one event. Whoever folds the same log fails
// in the same way: the views themselves are read and written without fault.
type eventError struct {
	seq uint64
	err error
}

func (e *eventError) Error() string { return fmt.Sprintf("fold event %d: %v", e.seq, e.err) }
func (e *eventError) Unwrap() error { return e.err }

// culprit returns the event that a fold failed on; 0 where none is to blame.
func culprit(err error) uint64 {
	var event *eventError
	var bug *PanicError
	switch {
	case errors.As(err, &event):
		return event.seq
	case errors.As(err, &bug):
		return bug.Seq
	}
	return 0
}

// Class says that the program is wrong.
func (*PanicError) Class() class.Class { return class.Bug }
