package eventstest

import (
	"testing"
	"time"
)

func TestEventuallyReturnsOnceTheConditionHolds(t *testing.T) {
	n := 0
	Eventually(t, "the third look", func() bool { n++; return n == 3 })
	if n != 3 {
		t.Errorf("looked %d times, want 3", n)
	}
}

func TestEventuallyGivesUp(t *testing.T) {
	if holdsWithin(10*time.Millisecond, func() bool { return false }) {
		t.Error("a condition that never holds was reported to hold")
	}
}
