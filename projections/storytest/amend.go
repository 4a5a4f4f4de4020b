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
var corrigible = func() map[string]map[string][]any {
	frame := map[string][]any{
		"model": {"An-124"}, "operator": {"Rossiya"}, "registration": {"RA-96022"}, "callsign": {"RSD3"},
		"aboard": {[]any{"person/person1"}, []any{"person/person0", "delegation/b"}},
	}
	vehicle := map[string][]any{"name": {"The bus"}, "aboard": {[]any{"person/person1"}, []any{"person/person0", "delegation/b"}}}
	carrier := []any{"aircraft/aircraft0", "vehicle/vehicle1"}
	delegate := map[string][]any{"role": {"adviser", "minister"}, "aboard": carrier, "party": {"a"}}
	delegation := map[string][]any{
		"members": {[]any{"Lavrov"}, []any{"Ushakov", "Dmitriev"}}, "aboard": carrier, "name": {"Delegation"}, "part_of": {"delegation/split"},
	}
	villa := []any{Object{"name": "Palace"}, Object{"name": "Villa"}}
	plan := map[string][]any{"place": villa, "places": {villa}, "level": {"officials"}, "participants": {[]any{"Five"}}}
	sitting := map[string][]any{"place": villa, "participants": {[]any{"Six"}}, "kind": {"dinner"}}
	document := map[string][]any{"parties": {[]any{"C"}}, "url": {"https://example.org/3"}}
	measure := map[string][]any{"by": {[]any{"D"}}, "on": {[]any{"E"}}}
	return map[string]map[string][]any{
		"aircraft.departed": frame, "aircraft.landed": frame, "vehicle.departed": vehicle, "vehicle.arrived": vehicle,
		"aircraft.tracked": {"watchers": {7}, "callsign": {"RSD4"}, "position": {Object{"lat": 1, "lon": 1}}},
		"delegate.arrived": delegate, "delegate.departed": delegate, "delegation.arrived": delegation, "delegation.departed": delegation,
		"site.prepared": {"level": {"normal", "high"}}, "site.changed": {"name": {"Palace"}},
		"meeting.scheduled": plan, "meeting.rescheduled": plan, "meeting.started": sitting, "meeting.paused": sitting, "meeting.resumed": sitting,
		"document.announced": document, "document.signed": document, "document.published": document, "document.rejected": document,
		"measure.announced": measure, "measure.began": measure, "measure.ended": measure,
		"incident.reported": {"place": villa, "killed": {Object{"min": 9, "max": nil}}, "injured": {Object{"max": 8, "min": nil}}},
	}
}()

// patch is a correction of an event that leaves it valid; nil where there is
// nothing to correct.
func (w *writer) patch(target Event) Object {
	switch target.Type {
	case "position.stated":
		if w.IntN(3) == 0 {
			return Object{"with": []any{[]any{"Ally", "Ministry"}, nil}[w.IntN(2)]}
		}
		return Object{"stance": w.stance()}
	case "statement.made":
		return w.denial(target.ID)
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

// denial is a correction of what a statement denies: another fact, or none.
func (w *writer) denial(statement string) Object {
	if id := w.deniable(); id != statement && w.IntN(2) == 0 {
		return Object{"denies": id}
	}
	return Object{"denies": nil}
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
