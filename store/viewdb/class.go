package viewdb

import "github.com/summit-timeline/summit/events/class"

// Class returns the class of the error: the file is rebuilt by itself.
func (*DamagedError) Class() class.Class { return class.Passing }
