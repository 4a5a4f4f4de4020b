package store

import "github.com/summit-timeline/summit/events/class"

// Class says that another event came first.
func (*ConflictError) Class() class.Class { return class.Conflict }

// Class says that another event has the id.
func (*IDTakenError) Class() class.Class { return class.Conflict }

// Class says that the log must be restored.
func (*GapError) Class() class.Class { return class.Broken }

// Class says that the log must be restored.
func (*ReplacedError) Class() class.Class { return class.Broken }

// Class says that the settings of the stream must be put right.
func (*SettingsError) Class() class.Class { return class.Broken }

// Class says that a stored message contradicts its event.
func (*MessageError) Class() class.Class { return class.Invalid }
