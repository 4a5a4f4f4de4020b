package projections

import (
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/summit-timeline/summit/events"
)

func (it *supposed) when() events.Moment {
	w := it.data.Base().When
	if w == nil {
		w = &events.Moment{Best: it.e.Time}
	}
	return *w
}

// planned reports whether it is an announcement.
func (it *supposed) planned() bool {
	if it.sort() == "schedule" {
		return true
	}
	if w := it.data.Base().When; w != nil && w.Phase != "" {
		return w.Phase != events.PhaseActual
	}
	return false
}

func (it *supposed) off() bool { return it.e.Type == events.TypeMeetingCancelled }

// announced returns when an announcement was made, among all that hold; the zero time
// is always.
func (it *supposed) announced(all []supposed) time.Time {
	var latest time.Time
	for _, x := range all {
		if x.retracted || !x.planned() || x.e.Subject != it.e.Subject || x.seq > it.seq || x.e.Time.After(x.e.Recorded.Time) || !x.bears() {
			continue
		}
		if x.seq == it.seq && !x.e.Time.IsZero() {
			return x.e.Time.Time
		}
		if x.e.Time.After(latest) {
			latest = x.e.Time.Time
		}
	}
	return latest
}

// bears reports whether it bears on the state of anything.
func (it *supposed) bears() bool {
	switch it.e.Type {
	case events.TypeStatementMade, events.TypeNoteAdded:
		return false
	}
	return true
}

// after reports whether an announcement was made after another.
func (it *supposed) after(x *supposed, all []supposed) bool {
	a, b := it.announced(all), x.announced(all)
	return a.After(b) || a.Equal(b) && it.seq > x.seq
}

// sort returns what a plan is a plan for, or "" if there is no planning such facts.
func (it *supposed) sort() string {
	switch d := it.data.(type) {
	case *events.MeetingScheduled, *events.MeetingRescheduled, *events.MeetingCancelled:
		return "schedule"
	case *events.SitePrepared:
		return "site " + d.Aspect
	}
	for _, kind := range []string{"aircraft.departed", "aircraft.landed", "delegate.", "delegation.", "meeting.", "vehicle.", "document.", "measure.", "incident.", "site.changed"} {
		if strings.HasPrefix(it.e.Type, kind) {
			return it.e.Type
		}
	}
	return ""
}

// key returns where it stands in the timeline, or false if it has no time.
func (it *supposed) key() (time.Time, bool) {
	w := it.when()
	switch {
	case !w.Best.IsZero():
		return w.Best.Time, true
	case !w.Earliest.IsZero() && !w.Latest.IsZero():
		return w.Earliest.Add(w.Latest.Sub(w.Earliest.Time) / 2), true
	case !w.Earliest.IsZero():
		return w.Earliest.Time, true
	}
	return w.Latest.Time, !w.Latest.IsZero()
}

// due returns when a plan is past. A plan that does not say when keeps to the time of
// the one before it.
func (it *supposed) due(all []supposed) (due time.Time, timed bool) {
	var by *supposed
	for i, x := range all {
		if x.retracted && x.seq != it.seq || x.off() || !x.planned() || x.e.Subject != it.e.Subject || x.sort() != it.sort() || !x.saysWhen() {
			continue
		}
		if x.seq != it.seq && x.after(it, all) {
			continue
		}
		if by == nil || x.seq == it.seq || by.seq != it.seq && x.after(by, all) {
			by = &all[i]
		}
	}
	if by == nil || it.off() {
		return due, false
	}
	w := by.data.Base().When
	if w == nil { // it took back what was said
		return due, false
	}
	for _, i := range []events.Instant{w.Latest, w.Best, w.Earliest} {
		if !i.IsZero() {
			return i.Time, true
		}
	}
	return due, false
}

// saysWhen reports whether it speaks of the time, be it to take it back.
func (it *supposed) saysWhen() bool {
	return it.data.Base().When != nil || slices.Contains(events.TakenBack(it.data), "when")
}

// fate reports whether a later plan replaced it, and whether it came about or was
// called off.
func (it *supposed) fate(all []supposed) (replaced, met bool) {
	for _, x := range all {
		if x.retracted || x.e.Subject != it.e.Subject || x.sort() == "" {
			continue
		}
		switch {
		case x.planned() && x.off():
			met = met || it.sort() == "schedule" && x.after(it, all)
		case x.planned():
			replaced = replaced || x.sort() == it.sort() && x.after(it, all)
		case it.sort() == "schedule":
			met = met || strings.HasPrefix(x.sort(), "meeting.")
		default:
			met = met || x.sort() == it.sort() && (x.seq > it.seq || !x.over(it.made()))
		}
	}
	return replaced, met
}

// made returns when a plan was made, or the time that it plans for where that is before.
func (it *supposed) made() time.Time {
	made := it.e.Recorded.Time
	if !it.e.Time.IsZero() && !it.e.Time.After(made) {
		made = it.e.Time.Time
	}
	if at, timed := it.key(); timed && it.data.Base().When != nil && at.Before(made) {
		made = at
	}
	return made
}

// over reports whether it had certainly happened by an instant.
func (it *supposed) over(by time.Time) bool {
	last := it.e.Time.Time
	if w := it.data.Base().When; w != nil {
		if last = w.Latest.Time; !w.Best.IsZero() {
			last = w.Best.Time
		}
		if last.IsZero() && !w.Earliest.IsZero() {
			return false
		}
	}
	if last.IsZero() {
		last = it.e.Recorded.Time
	}
	return last.Before(by)
}

// inOrder puts them in the order of occurrence.
func inOrder(list []supposed) []supposed {
	list = append([]supposed(nil), list...)
	sort.SliceStable(list, func(i, j int) bool {
		a, timedA := list[i].key()
		b, timedB := list[j].key()
		if timedA != timedB {
			return timedA
		}
		return timedA && a.Before(b)
	})
	return list
}

// flying returns the state of an aircraft at an instant; a zero instant is now, and
// "" is a state that nothing tells.
func flying(all []supposed, plane events.Entity, at time.Time) string {
	type move struct {
		supposed
		key   time.Time
		timed bool
	}
	var moves []move
	for _, x := range all {
		if x.e.Subject != plane || x.retracted || x.planned() || x.e.Type != events.TypeAircraftLanded && x.e.Type != events.TypeAircraftDeparted {
			continue
		}
		key, timed := x.key()
		if !timed {
			key = x.e.Recorded.Time
		}
		if at.IsZero() || !key.After(at) {
			moves = append(moves, move{x, key, timed})
		}
	}
	if len(moves) == 0 {
		for _, x := range all {
			if x.e.Subject == plane && !x.retracted && x.planned() && x.sort() != "" && (at.IsZero() || !x.announced(all).After(at)) {
				return "expected"
			}
		}
		return ""
	}
	sort.SliceStable(moves, func(i, j int) bool { return moves[i].key.Before(moves[j].key) })
	last := moves[len(moves)-1]
	for _, x := range moves[max(0, len(moves)-8):] { // what leaves the order open has landed, where it did not leave from there
		if x.e.Type != events.TypeAircraftLanded || last.e.Type == events.TypeAircraftDeparted && atOnePlace(last.place(), x.place()) {
			continue
		}
		if x.timed && last.timed && meet(x.when(), last.when()) {
			return "landed"
		}
	}
	return map[string]string{events.TypeAircraftLanded: "landed", events.TypeAircraftDeparted: "en_route"}[last.e.Type]
}

// place returns where an aircraft left or landed.
func (it *supposed) place() *events.Place {
	switch d := it.data.(type) {
	case *events.AircraftDeparted:
		if d.Where == nil {
			return d.From
		}
	case *events.AircraftLanded:
		if d.Where == nil {
			return d.Place
		}
	}
	return it.data.Base().Where
}

// atOnePlace reports whether two places of a story are the same: they are named alike, or
// at the same point.
func atOnePlace(a, b *events.Place) bool {
	if a == nil || b == nil {
		return false
	}
	return a.ICAO != "" && a.ICAO == b.ICAO || a.Name != "" && a.Name == b.Name || a.Known() && b.Known() && *a.Lat == *b.Lat && *a.Lon == *b.Lon
}

// meet reports whether two moments leave open which came first.
func meet(a, b events.Moment) bool {
	ends := func(m events.Moment) (from, to time.Time) {
		from, to = m.Earliest.Time, m.Latest.Time
		if !m.Best.IsZero() {
			from, to = m.Best.Time, m.Best.Time
		}
		return from, to
	}
	aFrom, aTo := ends(a)
	bFrom, bTo := ends(b)
	after := func(x, y time.Time) bool { return !x.IsZero() && !y.IsZero() && x.After(y) }
	return !after(aFrom, bTo) && !after(bFrom, aTo)
}
