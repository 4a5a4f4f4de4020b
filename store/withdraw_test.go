package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/logtest"
)

// Nothing is withdrawn but a log whose only event cannot stand; its name is then free.
func TestOnlyALogThatCannotStandIsWithdrawn(t *testing.T) {
	logs, _ := open(t, t.TempDir())
	ctx := context10(t)
	opened := func(summit string, ahead time.Duration) (*store.Log, events.Event) {
		t.Helper()
		e := logtest.Opened(summit)
		e.Recorded = events.Instant{Time: time.Now().Add(ahead).UTC().Truncate(time.Millisecond)}
		log, _, err := logs.Create(ctx, e)
		if err != nil {
			t.Fatal(err)
		}
		if stands, err := log.Stands(ctx, 1); err != nil || stands != (ahead == 0) {
			t.Errorf("%s: stands is %v, %v", summit, stands, err)
		}
		return log, e
	}
	opened("stands", 0)
	longer, _ := opened("longer", time.Hour)
	if _, err := longer.Append(ctx, []events.Event{logtest.Note("longer", 2)}, store.After(1)); err != nil {
		t.Fatal(err)
	}
	for _, summit := range []string{"stands", "longer"} {
		if err := logs.Withdraw(ctx, summit); !errors.Is(err, store.ErrExists) {
			t.Errorf("%s: %v", summit, err)
		}
		if _, err := logs.Open(ctx, summit); err != nil {
			t.Errorf("%s is gone: %v", summit, err)
		}
	}
	if err := logs.Withdraw(ctx, "nowhere"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("one that is not there: %v", err)
	}

	opened("ahead", time.Hour)
	if err := logs.Withdraw(ctx, "ahead"); err != nil {
		t.Fatal(err)
	}
	if _, err := logs.Open(ctx, "ahead"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("it is still there: %v", err)
	}
	opened("ahead", 0)
}
