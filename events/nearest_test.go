package events_test

import (
	"strings"
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

// Whoever types a very long word is told that none is near, and costs no more than
// reading it: the table of distances is not made.
func TestAVeryLongWordIsNearNothing(t *testing.T) {
	long := strings.Repeat("meeting.", 5_000)
	made := testing.AllocsPerRun(3, func() {
		if near := events.Nearest(long, []string{"meeting.started", "meeting.ended", "note.added"}); near != "" {
			t.Errorf("it is near %q", near)
		}
	})
	if made > 10 {
		t.Errorf("%v allocations", made)
	}
}
