package summits

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/logtest"
)

// doubted waits until a summit's log is in doubt.
func (b *broker) doubted(s *Summit) *projections.InconsistencyError {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), 30*time.Second)
	defer cancel()
	for {
		changed := s.Views.Changed()
		var d *projections.InconsistencyError
		if errors.As(s.Views.Health().Doubt, &d) {
			return d
		}
		select {
		case <-changed:
		case <-ctx.Done():
			b.Fatal("no doubt came")
		}
	}
}

func TestWhatHappensToAStreamWhileTheServerRunsIsFound(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(b *broker)
		kind projections.InconsistencyKind
		at   uint64
	}{
		{"deleted", func(b *broker) { b.must(b.js.DeleteStream(b.Context(), "SUMMIT_geneva")) }, projections.Vanished, 1},
		{"limits set", func(b *broker) {
			config := b.config("geneva")
			config.MaxAge, config.Duplicates = time.Hour, time.Minute
			_, err := b.js.UpdateStream(b.Context(), config)
			b.must(err)
		}, projections.Settings, 4},
		{"limits lowered", func(b *broker) {
			config := b.config("geneva")
			config.MaxMsgs, config.Discard = 2, jetstream.DiscardOld
			_, err := b.js.UpdateStream(b.Context(), config)
			b.must(err)
		}, projections.Trimmed, 1},
		{"made again", func(b *broker) {
			config := b.config("geneva")
			b.must(b.js.DeleteStream(b.Context(), "SUMMIT_geneva"))
			_, err := b.js.CreateStream(b.Context(), config)
			b.must(err)
		}, projections.RolledBack, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newBroker(t)
			h := b.run("views")
			s := b.summit(h, "geneva")
			b.threeNotes(s)
			c.do(b)
			if d := b.doubted(s); d.Kind != c.kind || d.Seq != c.at {
				t.Errorf("%v, want %s at %d", d, c.kind, c.at)
			}
			if o := record(b.Context(), s, note("geneva", numbered("note", 9), "a")); !errors.Is(o.err, ErrInDoubt) {
				t.Errorf("recorded all the same: %v", o.err)
			}
			if at := s.Views.Head().Seq; at != 4 {
				t.Errorf("the views are at %d", at)
			}
		})
	}
}

// threeNotes records three notes on geneva, and waits until its views hold them.
func (b *broker) threeNotes(s *Summit) {
	b.Helper()
	for n := range 3 {
		b.must(record(b.Context(), s, note("geneva", numbered("note", n), "a")).err)
	}
	b.must(s.Views.Wait(b.Context(), 4))
}

// A stream that is made again and outgrows the old one within one breath: not one
// of its events is folded, whoever sees it first.
func TestNothingOfAStreamThatTookTheLogsPlaceIsFolded(t *testing.T) {
	b := newBroker(t)
	h := b.run("views")
	s := b.summit(h, "geneva")
	b.threeNotes(s)
	config := b.config("geneva")
	b.must(b.js.DeleteStream(b.Context(), "SUMMIT_geneva"))
	_, err := b.js.CreateStream(b.Context(), config)
	b.must(err)
	for n := range 20 {
		raw, err := events.Encode(logtest.Note("geneva", 100+n))
		b.must(err)
		_, err = b.js.Publish(b.Context(), store.Subject(logtest.Note("geneva", 100+n)), raw)
		b.must(err)
	}
	if d := b.doubted(s); d.Kind != projections.Replaced && d.Kind != projections.Forked || d.Seq != 1 {
		t.Errorf("%v", d)
	}
	if at := s.Views.Head().Seq; at != 4 {
		t.Errorf("the views are at %d", at)
	}
}

// A view file that is damaged is set aside, and the views are rebuilt: no
// summit stops for it.
func TestADamagedViewFileIsSetAside(t *testing.T) {
	for name, damage := range map[string]func(b []byte) []byte{
		"overwritten": func(b []byte) []byte { return []byte(strings.Repeat("no view file ", len(b)/13)) },
		"cut off":     func(b []byte) []byte { return b[:len(b)/2] },
		"emptied":     func([]byte) []byte { return []byte("x") },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBroker(t)
			first := b.open("views")
			b.summit(first, "geneva")
			b.summit(first, "vienna")
			b.must(first.Close())
			first.summits = map[string]*Summit{}
			path := filepath.Join(b.dir, "views", "geneva.db")
			file, err := os.ReadFile(path)
			b.must(err)
			b.must(os.WriteFile(path, damage(file), 0o600))
			h := b.run("views")
			if err := h.Problems()["geneva"]; err != nil {
				t.Errorf("problem %v", err)
			}
			if kept, err := os.ReadFile(path + ".damaged"); err != nil || string(kept) != string(damage(file)) {
				t.Errorf("it was not kept: %v", err)
			}
			vienna, ok := h.Summit("vienna")
			if !ok {
				t.Fatal("the other summit is not served")
			}
			b.must(record(b.Context(), vienna, note("vienna", numbered("note", 1), "a")).err)
			geneva, ok := h.Summit("geneva")
			if !ok {
				t.Fatalf("made anew: %v", h.Problems())
			}
			b.must(geneva.Views.Wait(b.Context(), 1))
			b.must(record(b.Context(), geneva, note("geneva", numbered("note", 2), "a")).err)
		})
	}
}

// Where the log was found in doubt, a damaged view file is evidence: it stays
// where it is, and what to type is said.
func TestADamagedViewFileOfALogInDoubtStays(t *testing.T) {
	b := newBroker(t)
	first := b.open("views")
	b.summit(first, "geneva")
	b.must(first.Close())
	first.summits = map[string]*Summit{}
	path := filepath.Join(b.dir, "views", "geneva.db")
	b.must(os.WriteFile(path, []byte("x"), 0o600))
	b.must(os.WriteFile(path+".doubt", []byte(`{"kind":"altered","seq":1,"reason":"another"}`), 0o600))
	h := b.run("views")
	var damaged *DamagedError
	if err := h.Problems()["geneva"]; !errors.As(err, &damaged) || damaged.Path != path || !strings.Contains(err.Error(), fmt.Sprintf("mv %s %s.damaged", path, path)) {
		t.Errorf("problem %v", err)
	}
	if kept, err := os.ReadFile(path); err != nil || string(kept) != "x" {
		t.Errorf("it is now %q, %v", kept, err)
	}
}
