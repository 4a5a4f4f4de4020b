package notary

import (
	"fmt"

	"github.com/summit-timeline/summit/events/class"
)

// ErrBehind says that the views have not come as far as the last signed head:
// they are being built, and the head can be signed once they are.
var ErrBehind = class.New(class.Passing, "the views are behind the last signed head: try again when they have caught up")

// SizeError says that there are not so many events.
type SizeError struct{ Size, Have int64 }

func (e *SizeError) Error() string {
	return fmt.Sprintf("there is no head of %d events: %d are served", e.Size, e.Have)
}

// UnkeptError says that a head is not signed because what was signed last can't be
// read or written down: the disk is full, or the folder is not the server's. It
// passes once that is mended, without a start.
type UnkeptError struct {
	Path string
	Err  error
}

func (e *UnkeptError) Error() string {
	return fmt.Sprintf("the last signed head cannot be kept in %s, and no head is signed that is not: %v; make room, or give the folder to the user of the server", e.Path, e.Err)
}

func (e *UnkeptError) Unwrap() error { return e.Err }

// RefusedError says why a head is not signed, with the evidence: the last
// signed head, where there is one, and what stands in its way.
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
