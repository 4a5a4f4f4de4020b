// Package class sorts errors by how they are to be answered.
//
// An error of any package carries its [Class]. Its text is for people and may be reworded.
package class

import "errors"

// Class is what sort of fault an error is. An error that has none is a fault of
// the program.
type Class int

// The classes of errors.
const (
	None        Class = iota
	Malformed         // a parameter cannot be used
	Invalid           // an event cannot stand as it is
	Stranger          // who asks is not known
	Absent            // it is not there
	Conflict          // something else stands in its place
	Moved             // it is not as the caller last saw it
	TooLarge          // it is more than is taken
	Passing           // it passes by itself: it is worth asking again
	Broken            // somebody must mend something first
	StorageFull       // there is no room until somebody makes some
	Bug               // the program is wrong
)

// Classed is an error that has a class.
type Classed interface {
	error
	Class() Class
}

// Of returns the class of an error, or of the first that it wraps and that has
// one.
func Of(err error) Class {
	var c Classed
	if errors.As(err, &c) {
		return c.Class()
	}
	return None
}

// New returns an error of a class. Like that of [errors.New] it is equal to
// itself alone.
func New(class Class, text string) error { return &sorted{class, text} }

type sorted struct {
	class Class
	text  string
}

func (s *sorted) Error() string { return s.text }
func (s *sorted) Class() Class  { return s.class }
