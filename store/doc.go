// Package store implements the log: events are appended once, in order, and never change.
//
// [Open] returns the [Logs] on a NATS JetStream. Each summit has one [Log], which is one
// stream. The outcome of an append is reliable on every path, lost acknowledgements
// included: an event was created, was there already, or was refused. See DESIGN.md. Each thing that
// can go wrong between a log and its broker has a file of its own.
package store
