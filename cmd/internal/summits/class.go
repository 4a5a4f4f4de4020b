package summits

import "github.com/summit-timeline/summit/events/class"

// Class returns the class of the error: the log is not as the caller last saw it.
func (*LastError) Class() class.Class { return class.Moved }

// Class returns the class of the error: facts are taken again once the clock is right.
func (*ClockError) Class() class.Class { return class.Passing }
