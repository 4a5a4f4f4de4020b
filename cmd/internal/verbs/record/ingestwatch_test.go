package record

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/ingest"
)

func TestASourceInTroubleIsLeftAlone(t *testing.T) {
	busy := func(after time.Duration) error {
		return fmt.Errorf("read: %w", &ingest.BusyError{Status: "503 Service Unavailable", After: after})
	}
	const minute = time.Minute
	for _, c := range []struct {
		err   error
		every time.Duration
		busy  int
		want  time.Duration
		count int
	}{
		{nil, minute, 3, minute, 0},
		{errors.New("no route"), minute, 3, minute, 0},
		{busy(0), minute, 0, 2 * minute, 1},
		{busy(0), minute, 1, 4 * minute, 2},
		{busy(0), minute, 9, time.Hour, 10},
		{busy(0), 2 * time.Hour, 1, 2 * time.Hour, 2},
		{busy(10 * minute), minute, 0, 10 * minute, 1},
		{busy(24 * time.Hour), minute, 0, 24 * time.Hour, 1},
		{busy(time.Second), minute, 0, 2 * minute, 1},
	} {
		if wait, count := restFor(c.err, c.every, c.busy); wait != c.want || count != c.count {
			t.Errorf("%v every %v, busy %d times: %v and %d, want %v and %d", c.err, c.every, c.busy, wait, count, c.want, c.count)
		}
	}
}
