package operate

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/broker"
	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/projections"
)

// finding is something that is wrong, or worth knowing, and what to do.
type finding struct {
	Where string   `json:"where"`
	Bad   bool     `json:"bad"`
	What  string   `json:"what"`
	Type  []string `json:"type"` // what to type
}

const (
	skewAllowed = 2 * time.Second
	// diskLow is the part of a disk, and roomLow the bytes, below which it is
	// time to make room: a full disk stops the log.
	diskLow = 0.05
	roomLow = 1 << 30
)

// diagnose judges a report that was asked for and came at two moments of the
// clock here.
func diagnose(r summits.Report, asked, came time.Time) []finding {
	found := []finding{}
	add := func(where string, bad bool, typed []string, format string, args ...any) {
		found = append(found, finding{where, bad, fmt.Sprintf(format, args...), typed})
	}
	for _, c := range r.Unready {
		found = append(found, diagnoseCause(c, r))
	}
	for _, w := range r.Warnings {
		add("server", false, nil, "%s", w)
	}
	if r.Durability != broker.Always && r.Durability != "" && len(r.Warnings) == 0 {
		add("durability", false, nil, "an acknowledged fact can be lost in a power failure: the log is synced to disk %s", r.Durability)
	}
	if early, late := asked.Add(-skewAllowed), came.Add(skewAllowed); r.Time.Before(early) || r.Time.After(late) {
		add("clock", true, []string{"timedatectl status      (on both machines)"}, "the server's clock says %s, this one %s", r.Time.UTC().Format(time.RFC3339), came.UTC().Format(time.RFC3339))
	}
	if d := r.Disk; d != nil && (d.Free < roomLow || float64(d.Free) < diskLow*float64(d.Total)) {
		add("disk", true, []string{"df -h " + d.Path}, "%s is nearly full: %s are free; a full disk stops the log", d.Path, Size(d.Free))
	}
	for _, s := range r.Summits {
		found = append(found, diagnoseSummit(s, r.Time)...)
	}
	return found
}

// diagnoseCause returns a remedy for a server that is not ready. A cause is always bad:
// where /readyz is red the doctor is too.
func diagnoseCause(c summits.Cause, r summits.Report) finding {
	a := finding{Where: cmp.Or(c.Summit, "server"), Bad: true, What: c.Detail}
	s := summits.SummitReport{ID: c.Summit}
	if i := slices.IndexFunc(r.Summits, func(s summits.SummitReport) bool { return s.ID == c.Summit }); i >= 0 {
		s = r.Summits[i]
	}
	switch c.Kind {
	case summits.BrokerDown:
		a.Where, a.What = "broker", "the broker accepts no facts: "+c.Detail
		a.Type = []string{"look at the disk and at the server's log: the server resumes by itself once the disk accepts writes; if it does not, restart it"}
	case summits.ClockOff:
		a.Where, a.Type = "clock", []string{"timedatectl status      (on this machine, and on those of the NATS servers)", "timedatectl set-ntp true"}
	case summits.Unserved:
		a.What = "it is not served: " + c.Detail
	case summits.Unsigned:
		a.What = "its heads are not signed, so it has no checkpoints, proofs and archives: " + c.Detail
		if s.ID != "" {
			a.Type = []string{fmt.Sprintf("summit audit %s      (whether the log itself is sound)", s.ID)}
		}
	case summits.InDoubt:
		a.What, a.Type = c.Detail+"; no facts are accepted, the views are served as they were", remedy(s)
	case summits.Failed:
		a.Type = []string{
			"remove the cause, such as a full disk: df -h " + filepath.Dir(s.Views),
			"summit doctor      (again: it recovers within seconds, without a restart)",
		}
	case summits.Stalled:
		a.Type = []string{"summit doctor --canary      (whether anything comes through)", "restart the replica: it resumes where it stopped"}
	case summits.Starting, summits.Fetching, summits.CatchingUp, summits.Lagging:
		a.Type = []string{"summit doctor      (again: it recovers by itself)"}
	}
	return a
}

func diagnoseSummit(s summits.SummitReport, now time.Time) []finding {
	var found []finding
	add := func(bad bool, typed []string, format string, args ...any) {
		found = append(found, finding{s.ID, bad, fmt.Sprintf(format, args...), typed})
	}
	if len(s.Stream.Settings) > 0 && (s.Doubt == nil || s.Doubt.Kind != projections.Settings) {
		add(true, settingsRemedy(s), "its stream can lose events: %s", strings.Join(s.Stream.Settings, "; "))
	}
	if s.Evidence != "" {
		add(true, []string{fmt.Sprintf("summit audit %s      (whether the log is sound)", s.ID), "then move the file aside, with mv"}, "%s", s.Evidence)
	}
	if s.Known != nil && s.Known.After(now.Add(skewAllowed)) {
		add(true, []string{"timedatectl status      (the clock was ahead when it was recorded; knowledge time stands still until then)"},
			"its last event is recorded in the future, at %s", s.Known.UTC().Format(time.RFC3339))
	}
	if s.Quarantined > 0 {
		add(false, []string{
			fmt.Sprintf("summit audit %s      (lists them with their reasons)", s.ID),
			"record the content of such an event again, corrected and with a new id, with summit record",
		}, "%d of its events were set aside: they stay in the log and have no effect", s.Quarantined)
	}
	return found
}

// remedy returns the commands that help when a log is in doubt.
func remedy(s summits.SummitReport) []string {
	audit := fmt.Sprintf("summit audit %s      (shows the first difference, from both sides)", s.ID)
	if s.Doubt == nil { // it is not in the report, or no longer
		return []string{audit}
	}
	switch s.Doubt.Kind {
	case projections.Settings:
		return settingsRemedy(s)
	case projections.Unsound:
		return append([]string{audit}, again(s)...)
	}
	list := []string{
		audit,
		"stop the server and copy its data folder: it is the evidence",
		"summit verify ARCHIVE && summit restore ARCHIVE --data NEW-FOLDER      (the log from an archive)",
	}
	if s.Doubt.Kind == projections.RolledBack {
		list = append(list, "if this folder is a copy made while its server ran, the views were copied after the log, and the copy of the log lacks the last events: "+strings.Join(again(s), "; "))
	}
	switch s.Doubt.Kind {
	case projections.Replaced, projections.Forked, projections.RolledBack, projections.Altered:
		list = append(list, "only if you know that the log is right and the views are not: "+strings.Join(again(s), "; "))
	}
	return list
}

func settingsRemedy(s summits.SummitReport) []string {
	return []string{
		fmt.Sprintf("with the broker's own tools, as its operator: set stream SUMMIT_%s back to the settings named above, then restart the server", s.ID),
		fmt.Sprintf("summit audit %s      (whether anything was lost in the meantime)", s.ID),
	}
}

// again returns the steps to rebuild views from their log.
func again(s summits.SummitReport) []string {
	return []string{fmt.Sprintf("stop the server; mv %s %s.damaged; start it: the views are rebuilt from the log", s.Views, s.Views)}
}
