// Package logtest is what every log must do, an in-memory log, and a
// connection that fails on cue.
//
// The door is [Run]. A log passes it, or is none: the outcomes of an append are
// the same on every path, lost acknowledgements included.
package logtest
