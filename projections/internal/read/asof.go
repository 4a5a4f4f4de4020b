package read

import "github.com/summit-timeline/summit/events/class"

// ParamError is a parameter that cannot be used.
type ParamError struct{ Name, Detail string }

// ErrCursor is returned for a cursor of another query.
var ErrCursor = &ParamError{"cursor", "is not one that this query was given: take next from the page before and keep the other parameters"}

func (p *ParamError) Error() string { return p.Name + ": " + p.Detail }

// Class returns class.Malformed.
func (*ParamError) Class() class.Class { return class.Malformed }
