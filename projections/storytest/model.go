package storytest

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Model is what the contract says of a story.
type Model struct{ events []Event }

// Of returns the model of a story as known after its first n events.
func Of(story []Event, n int) *Model { return &Model{story[:n]} }

// fact is a fact of the story as its amendments leave it.
type fact struct {
	Event
	seq       int
	retracted bool
	made      time.Time // of an announcement, when it was made
}

// facts returns the facts in the order of the log.
func (m *Model) facts() []fact {
	var list []fact
	for i, e := range m.events {
		if strings.HasPrefix(e.Type, "fact.") {
			continue
		}
		e.Data = m.corrected(e)
		for _, name := range []string{"detail", "with", "lang"} { // never carried on: null says nothing
			if e.Data[name] == nil {
				delete(e.Data, name)
			}
		}
		list = append(list, fact{Event: e, seq: i + 1, retracted: m.withdrawn(e.ID)})
	}
	return list
}

// withdrawn reports whether a retraction of an event stands.
func (m *Model) withdrawn(id string) bool {
	for _, e := range m.events {
		if e.Type == "fact.retracted" && e.Data["target"] == id && !m.withdrawn(e.ID) {
			return true
		}
	}
	return false
}

// corrected returns the data of an event after the corrections that stand.
func (m *Model) corrected(e Event) Object {
	data := any(maps.Clone(e.Data))
	for _, c := range m.events {
		if c.Type == "fact.corrected" && c.Data["target"] == e.ID && !m.withdrawn(c.ID) {
			data = mergePatch(data, m.corrected(c)["patch"])
		}
	}
	return data.(Object)
}

// mergePatch is MergePatch of RFC 7396, section 2.
func mergePatch(target, patch any) any {
	p, ok := patch.(Object)
	if !ok {
		return patch
	}
	merged := Object{}
	if t, ok := target.(Object); ok {
		maps.Copy(merged, t)
	}
	for name, value := range p {
		if value == nil {
			delete(merged, name)
		} else {
			merged[name] = mergePatch(merged[name], value)
		}
	}
	return merged
}

// announces reports whether an event is an announcement: a schedule, a
// reschedule, a cancellation, or any fact of phase planned.
func announces(typ string, data Object) bool {
	switch typ {
	case "meeting.scheduled", "meeting.rescheduled", "meeting.cancelled":
		return true
	}
	when, _ := data["when"].(Object)
	return when["phase"] == "planned"
}

func (f fact) announces() bool { return announces(f.Type, f.Data) }

// key is the instant that places a fact in the timeline: the best time, else
// the middle of the interval, else the one end that is known.
func (f fact) key() (time.Time, bool) {
	when, _ := f.Data["when"].(Object)
	best, earliest, latest := parse(when["best"]), parse(when["earliest"]), parse(when["latest"])
	switch {
	case !best.IsZero():
		return best, true
	case !earliest.IsZero() && !latest.IsZero():
		return earliest.Add(latest.Sub(earliest) / 2), true
	case !earliest.IsZero():
		return earliest, true
	case !latest.IsZero():
		return latest, true
	}
	t := parse(f.Time)
	return t, !t.IsZero()
}

func parse(v any) time.Time {
	text, _ := v.(string)
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// isMet reports whether any of some actual facts is what a plan waited for: all but those
// that were recorded before it, and had certainly happened before it was made and
// before the time that it plans for.
func (f fact) isMet(actuals []fact) bool {
	by := time.Time{} // it was recorded long after anything happened
	if f.Time != "" {
		by = parse(f.Time)
	}
	if at, timed := f.key(); timed && f.Data["when"] != nil && (by.IsZero() || at.Before(by)) {
		by = at
	}
	return slices.ContainsFunc(actuals, func(a fact) bool { return a.seq > f.seq || !a.over(by) })
}

// over reports whether a fact had certainly happened by an instant; zero is after all.
func (f fact) over(by time.Time) bool {
	when, _ := f.Data["when"].(Object)
	end := parse(f.Time)
	if when != nil {
		if end = parse(when["latest"]); !parse(when["best"]).IsZero() {
			end = parse(when["best"])
		}
		if end.IsZero() && !parse(when["earliest"]).IsZero() {
			return false
		}
	}
	return by.IsZero() || !end.IsZero() && end.Before(by)
}
