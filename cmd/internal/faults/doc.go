// Package faults holds a running server against what it promises while it is
// killed, paused, starved of disk and cut off: an acknowledged fact is there
// once, in the log, in every view and in the record of every subscriber.
//
// It is tests alone. `go test ./cmd/internal/faults` tries every fault once;
// with -faults.for 30m it goes on for that long, in an order that -faults.seed
// gives.
package faults
