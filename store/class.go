package store

import "github.com/summit-timeline/summit/events/class"

// Class returns the class of the error: another event came first.
func (*ConflictError) Class() class.Class { return class.Conflict }

// Class returns the class of the error: another event has the id.
func (*IDTakenError) Class() class.Class { return class.Conflict }

// Class returns the class of the error: the log must be restored.
func (*GapError) Class() class.Class { return class.Broken }

// Class returns the class of the error: the log must be restored.
func (*ReplacedError) Class() class.Class { return class.Broken }

// Class returns the class of the error: the settings of the stream must be put right.
func (*SettingsError) Class() class.Class { return class.Broken }

// Class returns the class of the error: a stored message contradicts its event.
func (*MessageError) Class() class.Class { return class.Invalid }
