package notary

import "github.com/summit-timeline/summit/events/class"

// Class says that there are not so many events.
func (*SizeError) Class() class.Class { return class.Malformed }

// Class says that nothing is signed until somebody has looked at the log.
func (*RefusedError) Class() class.Class { return class.Broken }

// Class says that the signed head can be kept when the disk takes it again.
func (*UnkeptError) Class() class.Class { return class.Passing }
