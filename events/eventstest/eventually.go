package eventstest

import (
	"testing"
	"time"
)

const (
	// patience is how long Eventually waits: far longer than a busy machine takes.
	patience = time.Minute
	// pace is how often it looks.
	pace = 5 * time.Millisecond
)

// Eventually waits until holds returns true, and fails the test if it has not after
// a minute. It is for what another goroutine or another program does in its own
// time; what the test can wait for by a channel needs no polling.
func Eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	if !holdsWithin(patience, holds) {
		t.Fatalf("did not come about within %v: %s", patience, what)
	}
}

func holdsWithin(most time.Duration, holds func() bool) bool {
	late := time.NewTimer(most)
	defer late.Stop()
	tick := time.NewTicker(pace)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-late.C:
			return holds()
		}
	}
	return true
}
