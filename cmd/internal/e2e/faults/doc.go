// Package faults holds a running server, and a cluster, against what they
// promise while they are killed, paused, parted, starved of disk and lied to:
// an acknowledged fact is there once, in the log, in every view and in the
// record of every subscriber, and what was taken of the machine is given back.
//
// It is tests alone. `go test ./cmd/internal/e2e/faults` tries every fault of a lone
// server and one of a cluster; with -faults.for 30m it continues for that long
// over all, in an order that -faults.seed gives. See deploy/runbooks/faults.md.
package faults
