// Package events defines the facts that can be recorded about a summit, and how each is
// encoded.
//
// [Decode] reads a stored event, [Submit] reads one that somebody sends, and [Encode] writes
// one. An event is a CloudEvents 1.0 event in structured JSON; its payload is one of the
// registered types, each in a file of its own. The package does no I/O, reads no clock and
// draws no random numbers. It has many files because each kind of entity and each common
// member has one.
package events
