// Package store is the log: facts appended once, in order, never changed.
//
// The door is [Open], which gives the [Logs] on a NATS JetStream; each summit
// has one [Log], which is one stream. What an append says holds on every path,
// lost acknowledgements included: a fact is created, was there already, or was
// refused.
package store
