// Package events is what can be said about a summit, and how each fact is
// written down.
//
// The doors are [Decode], for bytes that are already a record, [Submit], for
// an event somebody hands in, and [Encode], which writes one down. An event is
// a CloudEvents 1.0 event in structured JSON; its payload is one of the types
// registered here, each in a file of its own. The package does no I/O, reads no
// clock and draws no random numbers.
package events
