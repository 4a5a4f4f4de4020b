package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/client"
	"github.com/summit-timeline/summit/cmd/internal/server"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/eventstest"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/logtest"
)

// stagedEvents is how many events the log has that is tampered with: more than
// a tile of the tree holds.
const stagedEvents = 300

// tamper is something done to a stopped server's files, and how it must be
// found.
type tamper struct {
	name string
	do   func(s *stage)
	kind projections.InconsistencyKind // "" is found by no server, by an audit alone
	at   uint64                        // first wrong position, as the server names it
	// scrub is true if the start cannot see it: the log is read again first.
	scrub   bool
	audited audited
}

// audited is the finding an audit must have.
type audited struct {
	check string
	at    uint64
	table string
}

func matrix() []tamper {
	return []tamper{
		{"one bit of a block flipped", func(s *stage) { s.flip(50) }, projections.Gap, 50, true, audited{"log", 50, ""}},
		{"one bit flipped and the index lost", func(s *stage) { s.flip(50); s.loseIndex() }, projections.RolledBack, 50, false, audited{"log", 50, ""}},
		{"a fact changed and the checksum repaired", func(s *stage) { s.change(50) }, projections.Altered, 50, true, audited{"tree", 50, "tiles"}},
		{"the last fact changed and the checksum repaired", func(s *stage) { s.change(stagedEvents) }, projections.Altered, stagedEvents, false, audited{"tree", stagedEvents, "tiles"}},
		{"the tail of the log cut off", func(s *stage) { s.cut(2) }, projections.Gap, stagedEvents - 1, false, audited{"log", stagedEvents - 1, ""}},
		{"the tail cut off and the index lost", func(s *stage) { s.cut(2); s.loseIndex() }, projections.RolledBack, stagedEvents - 1, false, audited{"log", stagedEvents - 1, ""}},
		{"an event dropped", func(s *stage) {
			s.doctored(func(l [][]byte) [][]byte { return slices.Delete(l, 49, 50) })
		}, projections.Forked, 50, false, audited{"tree", 50, "tiles"}},
		{"two events swapped", func(s *stage) {
			s.doctored(func(l [][]byte) [][]byte { l[49], l[50] = l[50], l[49]; return l })
		}, projections.Altered, 50, true, audited{"tree", 50, "tiles"}},
		{"a back-dated event slipped in", func(s *stage) {
			s.doctored(func(l [][]byte) [][]byte { return slices.Insert(l, 49, s.backdated()) })
		}, projections.Forked, 50, false, audited{"tree", 50, "tiles"}},
		{"an event replaced by a back-dated one", func(s *stage) {
			s.doctored(func(l [][]byte) [][]byte { l[49] = s.backdated(); return l })
		}, projections.Altered, 50, true, audited{"tree", 50, "tiles"}},
		{"the stream deleted", func(s *stage) {
			s.broker(func(js jetstream.JetStream, _ func(store.Options) *store.Logs) {
				s.must(js.DeleteStream(s.Context(), "SUMMIT_"+staged))
			})
		}, projections.Vanished, 1, false, audited{"log", 1, ""}},
		{"the stream's folder removed", func(s *stage) { s.must(os.RemoveAll(s.stream())) }, projections.Vanished, 1, false, audited{"log", 1, ""}},
		{"the stream deleted and made again with the same events", func(s *stage) {
			s.remade(func(l [][]byte) [][]byte { return l })
		}, projections.Replaced, 1, false, audited{"server", 1, ""}},
		{"the limits lowered in spite of the deny flags", func(s *stage) { s.limit(100) }, projections.Trimmed, 1, false, audited{"log", 1, ""}},
		{"the limits lowered, nothing lost yet", func(s *stage) { s.limit(1000) }, projections.Settings, stagedEvents, false, audited{"server", stagedEvents, ""}},
		{"a leaf in the tree changed", func(s *stage) { s.changeRow("tiles", pair(0, 0), 49*32) }, projections.Unsound, 50, true, audited{"tree", 50, "tiles"}},
		{"a leaf in the last tile changed", func(s *stage) { s.changeRow("tiles", pair(0, 1), 0) }, projections.Unsound, 257, true, audited{"tree", 257, "tiles"}},
		{"a hash further up in the tree changed", func(s *stage) { s.changeRow("tiles", pair(1, 0), 0) }, projections.Unsound, 1, true, audited{"tree", 1, "tiles"}},
		{"the root in the view file changed", func(s *stage) { s.changeRoot() }, projections.Unsound, stagedEvents, true, audited{"tree", 0, ""}},
		{"a row of the views changed", func(s *stage) { s.changeRow("facts", pair(50, 50), -1) }, "", 0, true, audited{"views", 50, "facts"}},
		{"a row of the views removed", func(s *stage) { s.dropRow("events", one(50)) }, "", 0, true, audited{"views", 50, "events"}},
		{"a row put into the views", func(s *stage) { s.putRow("quarantined", one(50), []byte("hidden")) }, "", 0, true, audited{"views", 50, "quarantined"}},
	}
}

func TestTamperMatrix(t *testing.T) {
	t.Parallel()
	sound := newStage(t, stagedEvents, 0)
	sound.serve(scrubNow, func(x *served) {
		x.until("a scrub", func() bool { return x.report().Summits[0].Scrub.Finished != nil })
		x.audit(true)
		x.sound()
	})
	for _, c := range matrix() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := sound.copy(t)
			c.do(s)
			s.found(c)
		})
	}
}

// scrubNow reads the log again as soon as the server has started.
var scrubNow = server.ScrubOptions{Every: time.Hour}

// found runs the server on what was tampered with, twice: what was found must
// be found again.
func (s *stage) found(c tamper) {
	s.Helper()
	scrub := server.ScrubOptions{}
	if c.scrub {
		scrub = scrubNow
	}
	evidence, err := os.ReadFile(s.views())
	s.must(err)
	s.serve(scrub, func(x *served) {
		if c.kind == "" {
			x.until("a scrub", func() bool { return x.report().Summits[0].Scrub.Passes > 0 })
			x.sound()
		} else {
			x.inDoubt(c.kind, c.at)
		}
		x.finds(c.audited)
	})
	if c.kind == "" {
		return
	}
	after, err := os.ReadFile(s.views())
	s.must(err)
	if !bytes.Equal(evidence, after) {
		s.Error("the view file was written to: it is evidence")
	}
	s.serve(server.ScrubOptions{}, func(x *served) { x.inDoubt(c.kind, c.at) })
}

// inDoubt waits for the doubt and holds what the server does in it against the
// contract.
func (x *served) inDoubt(kind projections.InconsistencyKind, at uint64) {
	x.Helper()
	x.until("the doubt", func() bool {
		r := x.report()
		return len(r.Summits) == 1 && r.Summits[0].Doubt != nil
	})
	d := x.report().Summits[0].Doubt
	if d.Kind != kind || d.Seq != at {
		x.Errorf("in doubt at %d: %s (%s), want %d: %s", d.Seq, d.Kind, d.Reason, at, kind)
	}
	var ready struct{ Reasons []string }
	if status := x.ask(http.MethodGet, "/readyz", "", "", &ready); status != http.StatusServiceUnavailable || !strings.Contains(strings.Join(ready.Reasons, ""), d.Reason) {
		x.Errorf("/readyz: %d %v", status, ready.Reasons)
	}
	var page struct {
		Position string
		Complete bool
		Items    []struct{ Seq int }
	}
	status := x.ask(http.MethodGet, "/v1/summits/"+staged+"/timeline?limit=500", "", "", &page)
	if status != http.StatusOK || page.Complete || len(page.Items) != stagedEvents-1 {
		x.Errorf("the views it had: %d, complete %t, %d items", status, page.Complete, len(page.Items))
	}
	var p client.Problem
	if status := x.ask(http.MethodPost, "/v1/summits/"+staged+"/facts", eventType, noteEvent("new", "new"), &p); status != http.StatusServiceUnavailable || !strings.Contains(p.Detail, d.Reason) {
		x.Errorf("a new fact: %d %s", status, p.Detail)
	}
	if n := strings.Count(x.log.String(), `level=ERROR msg="the log is in doubt`); n != 1 {
		x.Errorf("told %d times in the log:\n%s", n, x.log)
	}
	if code, _ := x.verb("doctor", "--ready"); code != cli.Bad {
		x.Errorf("doctor --ready: exit %d", code)
	}
	if code, out := x.verb("doctor"); code != cli.Bad || !strings.Contains(out, string(d.Kind)) {
		x.Errorf("doctor: exit %d: %s", code, out)
	}
}

// sound checks that the server finds nothing wrong.
func (x *served) sound() {
	x.Helper()
	var ready struct{ Reasons []string }
	eventstest.Eventually(x, "become ready", func() bool { // a start may still be under way
		return x.ask(http.MethodGet, "/readyz", "", "", &ready) == http.StatusOK
	})
}

// finds audits and looks for a finding.
func (x *served) finds(want audited) {
	x.Helper()
	r := x.audit(false)
	for _, f := range r.Findings {
		if f.Check == want.check && f.Seq == want.at && f.Table == want.table {
			return
		}
	}
	x.Errorf("the audit did not find %+v, but %+v", want, r.Findings)
}

func TestALogRestoredFromAnOlderCopyIsFoundAtStart(t *testing.T) {
	s := newStage(t, 150, 0)
	older := filepath.Join(t.TempDir(), "nats")
	s.must(os.CopyFS(older, os.DirFS(filepath.Join(s.dir, "nats"))))
	s.grow(logtest.Notes(staged, 151, stagedEvents-150))
	s.serve(server.ScrubOptions{}, func(x *served) { x.reach(stagedEvents) })
	s.must(os.RemoveAll(filepath.Join(s.dir, "nats")))
	s.must(os.CopyFS(filepath.Join(s.dir, "nats"), os.DirFS(older)))
	t.Run("rolled back", func(t *testing.T) {
		s.copy(t).found(tamper{kind: projections.RolledBack, at: 151, audited: audited{"log", 151, ""}})
	})
	t.Run("forked, shorter", func(t *testing.T) {
		s := s.copy(t)
		s.grow(logtest.Notes(staged, 1000, 50))
		s.found(tamper{kind: projections.Forked, at: 151, audited: audited{"tree", 151, "tiles"}})
	})
	t.Run("forked, longer", func(t *testing.T) {
		s := s.copy(t)
		s.grow(logtest.Notes(staged, 1000, 200))
		s.found(tamper{kind: projections.Forked, at: 151, audited: audited{"tree", 151, "tiles"}})
	})
}

// grow appends behind the server's back.
func (s *stage) grow(list []events.Event) {
	s.Helper()
	s.broker(func(_ jetstream.JetStream, logs func(store.Options) *store.Logs) {
		log, err := logs(store.Options{}).Open(s.Context(), staged)
		s.must(err)
		s.append(log, list)
	})
}
