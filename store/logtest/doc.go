// Package logtest is test support for logs: the contract that every log must meet, an
// in-memory log, a connection that fails on cue, and a cluster of NATS servers.
//
// [Run] checks a log against the contract: the outcomes of an append are the same on every
// path, lost acknowledgements included.
package logtest
