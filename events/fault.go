package events

import (
	"fmt"
	"strings"

	"github.com/summit-timeline/summit/events/class"
)

// Fault is one thing that is wrong with an event, and where.
type Fault struct {
	// Pointer is a JSON Pointer (RFC 6901) into the event; "" is the whole.
	Pointer string `json:"pointer"`
	// Detail describes what is wrong and what would be right.
	Detail string `json:"detail"`
}

// Faults is the error of an event that cannot be taken: every fault found, in
// the order of the document.
type Faults []Fault

// Class returns class.Invalid.
func (Faults) Class() class.Class { return class.Invalid }

// Error lists the faults on one line.
func (f Faults) Error() string {
	parts := make([]string, len(f))
	for i, x := range f {
		at := x.Pointer
		if at == "" {
			at = "(event)"
		}
		parts[i] = at + ": " + x.Detail
	}
	return strings.Join(parts, "; ")
}

func (f *Faults) add(pointer, format string, args ...any) {
	*f = append(*f, Fault{Pointer: pointer, Detail: fmt.Sprintf(format, args...)})
}

// err is nil if nothing was found: a typed nil must not pass for a fault.
func (f Faults) err() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

var pointerEscaper = strings.NewReplacer("~", "~0", "/", "~1")

// child extends a JSON Pointer by one reference token (RFC 6901, section 3).
func child(pointer, token string) string {
	if strings.ContainsAny(token, "~/") {
		token = pointerEscaper.Replace(token)
	}
	return pointer + "/" + token
}
