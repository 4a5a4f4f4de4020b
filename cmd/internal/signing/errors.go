package signing

import (
	"fmt"

	"github.com/summit-timeline/summit/events/class"
)

// ErrBehind is returned while the views are behind the last signed head: they are
// being built, and the head can be signed afterwards.
var ErrBehind = class.New(class.Passing, "the views are behind the last signed head: try again when they have caught up")

// SizeError is returned if there are fewer events than a head is asked for.
type SizeError struct{ Size, Have int64 }

func (e *SizeError) Error() string {
	return fmt.Sprintf("there is no head of %d events: only %d are served", e.Size, e.Have)
}

// UnkeptError is returned if the last signed head cannot be read or stored: the
// disk is full, or the folder belongs to another user. It passes without a
// restart once that is repaired.
type UnkeptError struct {
	Path string
	Err  error
}

func (e *UnkeptError) Error() string {
	return fmt.Sprintf("the last signed head cannot be kept in %s, and no head is signed that is not: %v; make room, or give the folder to the user of the server", e.Path, e.Err)
}

func (e *UnkeptError) Unwrap() error { return e.Err }

// RefusedError is returned if a head must not be signed. It holds the reason and
// the evidence: the last signed head, if any, and the head that contradicts it.
type RefusedError struct {
	Reason string
	Signed string // the last signed checkpoint; "" where none was signed
	Other  string // one that another server with this key has signed; "" where none stands in the way
	Size   int64  // of the head that was to be signed
	Root   string // of the same
}

func (e *RefusedError) Error() string {
	text := fmt.Sprintf("refused to sign the head %d %s: %s", e.Size, e.Root, e.Reason)
	if e.Signed != "" {
		text += fmt.Sprintf("; the last signed head is %q", e.Signed)
	}
	if e.Other != "" {
		text += fmt.Sprintf("; another server with this key has signed %q", e.Other)
	}
	return text
}
