package storytest

import "strings"

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

// patch is a correction of an event that leaves it valid; nil where there is
// nothing to correct.
func (w *writer) patch(target Event) Object {
	p := Object{}
	set := func(name string, values ...any) {
		if w.IntN(3) == 0 {
			p[name] = nil // what an earlier fact said stands again
		} else {
			p[name] = values[w.IntN(len(values))]
		}
	}
	switch target.Type {
	case "aircraft.departed", "aircraft.landed":
		set([]string{"model", "operator", "registration"}[w.IntN(3)], "An-124", "Rossiya")
	case "delegate.arrived", "delegate.departed":
		set("role", "adviser", "minister")
	case "delegation.arrived", "delegation.departed":
		set("members", []any{"Lavrov"}, []any{"Ushakov", "Dmitriev"})
	case "site.prepared":
		set("level", "normal", "high")
	case "meeting.scheduled", "meeting.rescheduled":
		set("place", Object{"name": "Palace"}, Object{"name": "Villa"})
		if target.Time == "" || w.announced[target.Subject] == always {
			if w.IntN(2) == 0 && target.Data["when"] != nil {
				// The patch merges: what the interval had else is taken out.
				p["when"] = Object{"best": w.instant(w.moment()), "earliest": nil, "latest": nil}
			}
		}
	case "position.stated":
		p["stance"] = []any{"for", "against", "open"}[w.IntN(3)]
	case "agenda.set":
		p["expected"] = w.IntN(2) == 0
	case "fact.corrected":
		inner := target.Data["patch"].(Object)
		for name := range inner {
			if name != "when" && name != "stance" && name != "expected" {
				p["patch"] = Object{name: nil, "note": "as it came"}
				return p
			}
		}
		return nil
	default:
		return nil
	}
	return p
}
