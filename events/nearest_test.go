package events_test

import (
	"testing"

	"github.com/summit-timeline/summit/events"
)

func TestNearestReturnsTheWordThatWasMeant(t *testing.T) {
	known := []string{"timeline", "status", "changes", "alaska-2025", "geneva-2026", "follow", "facts"}
	for typed, want := range map[string]string{
		"timelin": "timeline", "tiemline": "timeline", "statsu": "status", "alaska-2052": "alaska-2025", "alska-2025": "alaska-2025",
		"folow": "follow", "nothing": "", "x": "", "": "",
	} {
		if got := events.Nearest(typed, known); got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
}
