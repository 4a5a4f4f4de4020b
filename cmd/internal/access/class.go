package access

import "github.com/summit-timeline/summit/events/class"

// Class returns the class of the error: the bearer of the token is not let in.
func (*RefusedError) Class() class.Class { return class.Stranger }

// Class returns the class of the error: the token may be shown again.
func (*UnavailableError) Class() class.Class { return class.Passing }
