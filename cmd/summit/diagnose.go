package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/host"
	"github.com/summit-timeline/summit/projections"
)

// ailment is something that is wrong, or worth knowing, and what to do.
type ailment struct {
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
	// lagLooked is how many events the views may be behind.
	lagLooked = 10_000
	// stallLooked is how many seconds the views may stand still.
	stallLooked = 10
)

// diagnose judges a report that was asked for and came at two moments of the
// clock here.
func diagnose(r host.Report, asked, came time.Time) []ailment {
	found := []ailment{}
	add := func(where string, bad bool, typed []string, format string, args ...any) {
		found = append(found, ailment{where, bad, fmt.Sprintf(format, args...), typed})
	}
	if r.Broker != "" {
		add("broker", true, []string{"look at the disk and at the server's log, then start the server again"}, "the broker takes no facts: %s", r.Broker)
	}
	if r.Durability != "always" && r.Durability != "" {
		add("durability", false, nil, "an acknowledged fact can be lost with the power: the log is forced to the disk %s", r.Durability)
	}
	if early, late := asked.Add(-skewAllowed), came.Add(skewAllowed); r.Time.Before(early) || r.Time.After(late) {
		add("clock", true, []string{"timedatectl status      (on both machines)"}, "the server's clock says %s, this one %s", r.Time.UTC().Format(time.RFC3339), came.UTC().Format(time.RFC3339))
	}
	if d := r.Disk; d != nil && (d.Free < roomLow || float64(d.Free) < diskLow*float64(d.Total)) {
		add("disk", true, []string{"df -h " + d.Path}, "%s is nearly full: %s are free; a full disk stops the log", d.Path, size(d.Free))
	}
	for _, p := range r.Problems {
		add(p.ID, true, nil, "it is not served: %s", p.Reason)
	}
	for _, s := range r.Summits {
		found = append(found, diagnoseSummit(s, r.Time)...)
	}
	return found
}

func diagnoseSummit(s host.SummitReport, now time.Time) []ailment {
	var found []ailment
	add := func(bad bool, typed []string, format string, args ...any) {
		found = append(found, ailment{s.ID, bad, fmt.Sprintf(format, args...), typed})
	}
	if s.Doubt != nil {
		add(true, remedy(s), "its log is in doubt at %d (%s): %s; no facts are taken, the views are served as they were", s.Doubt.Seq, s.Doubt.Kind, s.Doubt.Reason)
	}
	if len(s.Stream.Settings) > 0 && (s.Doubt == nil || s.Doubt.Kind != projections.Settings) {
		add(true, settingsRemedy(s), "its stream may forget: %s", strings.Join(s.Stream.Settings, "; "))
	}
	if s.Failed != "" {
		add(true, again(s), "its views stopped: %s", s.Failed)
	}
	if s.Stalled > stallLooked && s.Doubt == nil {
		add(true, []string{"summit doctor --canary      (whether anything comes through)", "start the replica again: it goes on where it stands"}, "its views have stood still for %.0f s, and the log has %d events more", s.Stalled, s.Lag)
	}
	if s.Lag > lagLooked && s.Doubt == nil && !s.Fetching {
		add(true, []string{"summit doctor      (again: the lag must shrink)"}, "its views are %d events behind the log", s.Lag)
	}
	if s.Known != nil && s.Known.After(now.Add(skewAllowed)) {
		add(true, []string{"timedatectl status      (the clock was ahead when it was recorded; knowledge time stands still until then)"},
			"its last event is recorded in the future, at %s", s.Known.UTC().Format(time.RFC3339))
	}
	if s.Quarantined > 0 {
		add(false, []string{fmt.Sprintf("summit audit %s      (lists them with their reasons)", s.ID)}, "%d of its events could not be read", s.Quarantined)
	}
	return found
}

// remedy says what to type where a log is in doubt.
func remedy(s host.SummitReport) []string {
	audit := fmt.Sprintf("summit audit %s      (names the first difference, both sides)", s.ID)
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
	switch s.Doubt.Kind {
	case projections.Replaced, projections.Forked, projections.RolledBack, projections.Altered:
		list = append(list, "only if you know that the log is right and the views are not: "+strings.Join(again(s), "; "))
	}
	return list
}

func settingsRemedy(s host.SummitReport) []string {
	return []string{
		fmt.Sprintf("with the broker's own tools, as its operator: set stream SUMMIT_%s back to what is named above, then start the server again", s.ID),
		fmt.Sprintf("summit audit %s      (whether anything was lost meanwhile)", s.ID),
	}
}

// again says how views are made anew from their log.
func again(s host.SummitReport) []string {
	return []string{fmt.Sprintf("stop the server; mv %s %s.damaged; start it: the views are made anew from the log", s.Views, s.Views)}
}
