package storytest

import (
	"maps"
	"slices"
	"strings"
)

// amend adds an amendment of an earlier event.
func (w *writer) amend() {
	target := w.events[1+w.IntN(len(w.events)-1)]
	e := Event{Subject: target.Subject, Data: Object{"target": target.ID}}
	switch n := w.IntN(10); {
	case n < 3:
		if !w.retractable(target) {
			return
		}
		e.Type = "fact.retracted"
		e.Data["reason"] = "Not so"
	case n < 4:
		if strings.HasPrefix(target.Type, "fact.") {
			return
		}
		e.Type = []string{"fact.disputed", "fact.corroborated"}[w.IntN(2)]
		e.Data["sources"] = w.sources()
	default:
		patch := w.patch(target)
		if patch == nil {
			return
		}
		e.Type = "fact.corrected"
		e.Data["patch"], e.Data["class"], e.Data["notice"] = patch, "corrected", "It was otherwise"
	}
	w.add(e)
}

// retractable says whether the contract says what a retraction comes to.
func (w *writer) retractable(target Event) bool {
	for _, e := range w.events {
		if e.Type == "fact.retracted" && e.Data["target"] == target.ID {
			return false // withdrawn once; a story does not do it twice
		}
	}
	return !announces(target.Type, target.Data) || w.announced[target.Subject] != sometimes
}

// corrigible are the optional members that corrections of a type change, and to
// what.
var corrigible = map[string]map[string][]any{
	"aircraft.departed":   {"model": {"An-124"}, "operator": {"Rossiya"}, "registration": {"RA-96022"}},
	"aircraft.landed":     {"model": {"An-124"}, "operator": {"Rossiya"}, "registration": {"RA-96022"}},
	"delegate.arrived":    {"role": {"adviser", "minister"}},
	"delegate.departed":   {"role": {"adviser", "minister"}},
	"delegation.arrived":  {"members": {[]any{"Lavrov"}, []any{"Ushakov", "Dmitriev"}}},
	"delegation.departed": {"members": {[]any{"Lavrov"}, []any{"Ushakov", "Dmitriev"}}},
	"site.prepared":       {"level": {"normal", "high"}},
	"meeting.scheduled":   {"place": {Object{"name": "Palace"}, Object{"name": "Villa"}}},
	"meeting.rescheduled": {"place": {Object{"name": "Palace"}, Object{"name": "Villa"}}},
}

// patch is a correction of an event that leaves it valid; nil where there is
// nothing to correct.
func (w *writer) patch(target Event) Object {
	switch target.Type {
	case "position.stated":
		return Object{"stance": []any{"for", "against", "open"}[w.IntN(3)]}
	case "agenda.set":
		return Object{"expected": w.IntN(2) == 0}
	case "fact.corrected":
		return corrected(target.Data["patch"].(Object))
	}
	members := corrigible[target.Type]
	if members == nil {
		return nil
	}
	names := slices.Sorted(maps.Keys(members))
	name := names[w.IntN(len(names))]
	p := Object{name: nil} // what an earlier fact said stands again
	if w.IntN(3) > 0 {
		p[name] = members[name][w.IntN(len(members[name]))]
	}
	if strings.HasPrefix(target.Type, "meeting.") && w.IntN(2) == 0 && target.Data["when"] != nil {
		// The patch merges: what the interval had else is taken out.
		p["when"] = Object{"best": w.instant(w.moment()), "earliest": nil, "latest": nil}
	}
	return p
}

// corrected is a correction of a correction: it changes one member less.
func corrected(patch Object) Object {
	for name := range patch {
		if name != "when" && name != "stance" && name != "expected" {
			return Object{"patch": Object{name: nil, "note": "as it came"}}
		}
	}
	return nil
}
