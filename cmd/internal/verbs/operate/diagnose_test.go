package operate

import (
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/projections"
)

func TestTheDoctorNamesWhatIsWrongAndWhatToType(t *testing.T) {
	now := time.Date(2025, 8, 15, 12, 0, 0, 0, time.UTC)
	well := func() summits.Report {
		known := now.Add(-time.Minute)
		return summits.Report{
			Time: now, Durability: "always", Disk: &summits.Disk{Path: "/data", Free: 50 << 30, Total: 100 << 30},
			Summits: []summits.SummitReport{{ID: "geneva", Views: "/data/views/geneva.db", Known: &known, Stream: summits.StreamReport{First: 1, Last: 9, Messages: 9}}},
		}
	}
	if found := diagnose(well(), now, now); len(found) != 0 {
		t.Fatalf("a sound server: %+v", found)
	}
	for _, c := range []struct {
		name        string
		ail         func(r *summits.Report)
		where, what string
		typed       string // "" is nothing
		bad         bool
	}{
		{"broker", func(r *summits.Report) { r.Unready = []summits.Cause{{Kind: summits.BrokerDown, Detail: "frozen"}} }, "broker", "frozen", "restart it", true},
		{"durability", func(r *summits.Report) { r.Durability = "every 1s" }, "durability", "every 1s", "", false},
		{"a warning", func(r *summits.Report) { r.Warnings = []string{"anybody can read the key"} }, "server", "anybody can read", "", false},
		{"clock behind", func(r *summits.Report) { r.Time = now.Add(-time.Hour) }, "clock", "11:00:00", "timedatectl", true},
		{"disk full", func(r *summits.Report) { r.Disk.Free = 1 << 29 }, "disk", "537 MB are free", "df -h /data", true},
		{"disk nearly full", func(r *summits.Report) { r.Disk.Free = 4 << 30 }, "disk", "nearly full", "df -h /data", true},
		{"not served", func(r *summits.Report) {
			r.Unready = []summits.Cause{{Kind: summits.Unserved, Summit: "vienna", Detail: "damaged"}}
		}, "vienna", "damaged", "", true},
		{"doubt", func(r *summits.Report) {
			doubt(r, &projections.InconsistencyError{Kind: projections.Altered, Seq: 5, Reason: "another"})
		}, "geneva", "in doubt at 5 (altered): another", "summit restore ARCHIVE --data", true},
		{"a copy made while its server ran", func(r *summits.Report) {
			doubt(r, &projections.InconsistencyError{Kind: projections.RolledBack, Seq: 9, Reason: "the log ends before the views"})
		}, "geneva", "in doubt at 9 (rolled back): the log ends before", "if this folder is a copy made while its server ran, the views were copied after the log, and the copy of the log lacks the last events: stop the server; mv /data/views/geneva.db", true},
		{"unsound views", func(r *summits.Report) {
			doubt(r, &projections.InconsistencyError{Kind: projections.Unsound, Seq: 5, Reason: "tree"})
		}, "geneva", "views altered", "mv /data/views/geneva.db", true},
		{"settings", func(r *summits.Report) { r.Summits[0].Stream.Settings = []string{"max_age is 1h instead of 0s"} }, "geneva", "max_age is 1h", "set stream SUMMIT_geneva back", true},
		{"stopped", func(r *summits.Report) {
			r.Unready = []summits.Cause{{Kind: summits.Failed, Summit: "geneva", Detail: "a bug"}}
		}, "geneva", "a bug", "df -h /data/views", true},
		{"lag", func(r *summits.Report) {
			r.Unready = []summits.Cause{{Kind: summits.Lagging, Summit: "geneva", Detail: "20000 events behind"}}
		}, "geneva", "20000 events behind", "summit doctor", true},
		{"standing still", func(r *summits.Report) {
			r.Unready = []summits.Cause{{Kind: summits.Stalled, Summit: "geneva", Detail: "still for 42 s"}}
		}, "geneva", "still for 42 s", "summit doctor --canary", true},
		{"unsigned", func(r *summits.Report) {
			r.Unready = []summits.Cause{{Kind: summits.Unsigned, Summit: "geneva", Detail: "cannot be used"}}
		}, "geneva", "not signed", "summit audit geneva", true},
		{"starting", func(r *summits.Report) {
			r.Unready = []summits.Cause{{Kind: summits.Starting, Detail: "the demo is being recorded"}}
		}, "server", "the demo", "summit doctor", true},
		{"recorded in the future", func(r *summits.Report) { t := now.Add(time.Hour); r.Summits[0].Known = &t }, "geneva", "in the future", "timedatectl", true},
		{"quarantined", func(r *summits.Report) { r.Summits[0].Quarantined = 2 }, "geneva", "2 of its events", "with a new id", false},
	} {
		r := well()
		c.ail(&r)
		found := diagnose(r, now, now)
		if len(found) == 0 {
			t.Errorf("%s: not found", c.name)
			continue
		}
		a := found[0]
		if a.Where != c.where || a.Bad != c.bad || !strings.Contains(a.What, c.what) || !strings.Contains(strings.Join(a.Type, "\n"), c.typed) || (c.typed == "") != (len(a.Type) == 0) {
			t.Errorf("%s: %+v", c.name, a)
		}
	}
}

func doubt(r *summits.Report, d *projections.InconsistencyError) {
	r.Summits[0].Doubt = d
	r.Unready = []summits.Cause{{Kind: summits.InDoubt, Summit: "geneva", Detail: d.Error()}}
}

// Where /readyz is red the doctor says so, whatever the cause, and with the same
// words.
func TestTheDoctorSeesAllThatReadinessSees(t *testing.T) {
	now := time.Date(2025, 8, 15, 12, 0, 0, 0, time.UTC)
	for _, kind := range append(summits.CauseKinds, "one that is not known yet") {
		for _, summit := range []string{"", "geneva"} {
			r := summits.Report{Time: now, Durability: "always", Unready: []summits.Cause{{Kind: kind, Summit: summit, Detail: "as readiness says it"}}}
			if found := diagnose(r, now, now); len(found) != 1 || !found[0].Bad || found[0].Where == "" || !strings.Contains(found[0].What, "as readiness says it") {
				t.Errorf("%s of %q: %+v", kind, summit, found)
			}
		}
	}
}
