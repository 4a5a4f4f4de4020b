package storytest

import (
	"slices"
	"strings"
)

// Occurred returns the ids of the timeline's items in the order in which they
// happened, or backwards; those without any time stand last in both.
func (m *Model) Occurred(backwards bool) []string {
	var timed, untimed []fact
	for _, f := range m.items() {
		if _, ok := f.key(); ok {
			timed = append(timed, f)
		} else {
			untimed = append(untimed, f)
		}
	}
	slices.SortStableFunc(timed, func(a, b fact) int {
		x, _ := a.key()
		y, _ := b.key()
		return x.Compare(y)
	})
	if backwards {
		slices.Reverse(timed)
		slices.Reverse(untimed)
	}
	return ids(append(timed, untimed...))
}

// Recorded returns the ids of the timeline's items in the order of the log, or
// backwards.
func (m *Model) Recorded(backwards bool) []string {
	list := m.items()
	if backwards {
		slices.Reverse(list)
	}
	return ids(list)
}

// Data returns the data of every item as it now stands, by id.
func (m *Model) Data() map[string]Object {
	data := map[string]Object{}
	for _, f := range m.items() {
		data[f.ID] = f.Data
	}
	return data
}

// Disputed returns the standing of the items that are retracted or disputed, by id:
// those are its first in the order of precedence. A statement that stands disputes
// what it denies.
func (m *Model) Disputed() map[string]string {
	standing := map[string]string{}
	for _, f := range m.items() {
		if id, _ := f.Data["denies"].(string); id != "" && !f.retracted {
			standing[id] = "disputed"
		}
	}
	for _, e := range m.events {
		if id, _ := e.Data["target"].(string); e.Type == "fact.disputed" && !m.withdrawn(e.ID) {
			standing[id] = "disputed"
		}
	}
	for _, f := range m.items() {
		if f.retracted {
			standing[f.ID] = "retracted"
		}
	}
	return standing
}

func (m *Model) items() []fact {
	var list []fact
	for _, f := range m.facts() {
		if !strings.HasPrefix(f.Type, "summit.") {
			list = append(list, f)
		}
	}
	return list
}

func ids(list []fact) []string {
	out := []string{}
	for _, f := range list {
		out = append(out, f.ID)
	}
	return out
}
