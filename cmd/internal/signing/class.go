package signing

import "github.com/summit-timeline/summit/events/class"

// Class returns class.Malformed: the request asks for more than there is.
func (*SizeError) Class() class.Class { return class.Malformed }

// Class returns class.Broken: an operator has to look at the log first.
func (*RefusedError) Class() class.Class { return class.Broken }

// Class returns class.Passing: the head can be signed once it can be stored.
func (*UnkeptError) Class() class.Class { return class.Passing }

// Class returns class.Conflict for two heads of one size, and else class.Invalid:
// the proof does not hold.
func (e *SplitError) Class() class.Class {
	if e.same() {
		return class.Conflict
	}
	return class.Invalid
}

// Class returns class.Conflict: the proof must begin at another head.
func (*OldSizeError) Class() class.Class { return class.Conflict }
