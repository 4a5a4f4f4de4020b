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
		add("durability", false, nil, "an acknowledged fact can be lost with the power: the log is forced to the disk %s", r.Durability)
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
		a.Where, a.What = "broker", "the broker takes no facts: "+c.Detail
		a.Type = []string{"look at the disk and at the server's log: the server goes on by itself when the disk takes writes again; where it does not, start the server again"}
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
		a.What, a.Type = c.Detail+"; no facts are taken, the views are served as they were", remedy(s)
	case summits.Failed:
		a.Type = []string{
			"remove the cause, such as a full disk: df -h " + filepath.Dir(s.Views),
			"summit doctor      (again: it passes within seconds, without a start)",
		}
	case summits.Stalled:
		a.Type = []string{"summit doctor --canary      (whether anything comes through)", "start the replica again: it goes on where it stands"}
	case summits.Starting, summits.Fetching, summits.CatchingUp, summits.Lagging:
		a.Type = []string{"summit doctor      (again: it passes by itself)"}
	}
	return a
}

func diagnoseSummit(s summits.SummitReport, now time.Time) []finding {
	var found []finding
	add := func(bad bool, typed []string, format string, args ...any) {
		found = append(found, finding{s.ID, bad, fmt.Sprintf(format, args...), typed})
	}
	if len(s.Stream.Settings) > 0 && (s.Doubt == nil || s.Doubt.Kind != projections.Settings) {
		add(true, settingsRemedy(s), "its stream may forget: %s", strings.Join(s.Stream.Settings, "; "))
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
			"what such an event says can be recorded again, right and under a new id, with summit record",
		}, "%d of its events were set aside: they stand in the log and change nothing", s.Quarantined)
	}
	return found
}

// remedy returns the commands that help when a log is in doubt.
func remedy(s summits.SummitReport) []string {
	audit := fmt.Sprintf("summit audit %s      (names the first difference, both sides)", s.ID)
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
		list = append(list, "where this folder is a copy that was made while its server ran, the views were copied after the log, and the copy lacks what came last: "+strings.Join(again(s), "; "))
	}
	switch s.Doubt.Kind {
	case projections.Replaced, projections.Forked, projections.RolledBack, projections.Altered:
		list = append(list, "only if you know that the log is right and the views are not: "+strings.Join(again(s), "; "))
	}
	return list
}

func settingsRemedy(s summits.SummitReport) []string {
	return []string{
		fmt.Sprintf("with the broker's own tools, as its operator: set stream SUMMIT_%s back to what is named above, then start the server again", s.ID),
		fmt.Sprintf("summit audit %s      (whether anything was lost meanwhile)", s.ID),
	}
}

// again returns the steps to rebuild views from their log.
func again(s summits.SummitReport) []string {
	return []string{fmt.Sprintf("stop the server; mv %s %s.damaged; start it: the views are made anew from the log", s.Views, s.Views)}
}
