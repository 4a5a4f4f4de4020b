package projections

import (
	"fmt"
	"runtime/debug"
)

// PanicError is a panic while an event was folded: a fault of the program, not
// of the event. The views stop before that event and go on serving.
type PanicError struct {
	Seq   uint64
	Value any
	Stack []byte
}

func (p *PanicError) Error() string {
	return fmt.Sprintf("fold event %d: panic: %v", p.Seq, p.Value)
}

// caught turns a panic into an error that names the event in hand. It must be
// deferred itself.
func caught(hand *uint64, err *error) {
	if p := recover(); p != nil {
		*err = &PanicError{Seq: *hand, Value: p, Stack: debug.Stack()}
	}
}
