package projections

import "github.com/summit-timeline/summit/events/class"

// Class says that a parameter cannot be used.
func (*ParamError) Class() class.Class { return class.Malformed }

// Class says that a position is of no event.
func (*AheadError) Class() class.Class { return class.Malformed }

// Class says that the views come to it by themselves.
func (*BehindError) Class() class.Class { return class.Passing }

// Class says that an event cannot stand where it would be appended.
func (*Inadmissible) Class() class.Class { return class.Invalid }

// Class says that the log must be restored.
func (*DoubtError) Class() class.Class { return class.Broken }

// Class says that the program is wrong.
func (*PanicError) Class() class.Class { return class.Bug }

// Class says that it is tried again by itself.
func (*PausedError) Class() class.Class { return class.Passing }

// Class says that the evidence must be looked at.
func (*EvidenceError) Class() class.Class { return class.Broken }
