package storytest

import "fmt"

func (w *writer) aircraft() {
	switch w.IntN(5) {
	case 0, 1:
		e := w.fact("aircraft.departed", "aircraft", 3)
		e.Data["from"] = w.place()
		w.airframe(e.Data)
		w.occurs(e)
	case 2, 3:
		e := w.fact("aircraft.landed", "aircraft", 3)
		e.Data["place"] = w.place()
		w.airframe(e.Data)
		w.occurs(e)
	default:
		e := w.fact("aircraft.tracked", "aircraft", 3)
		e.Data["service"], e.Data["watchers"] = "Tracker", 1+w.IntN(9000)
		w.happened(&e)
		w.add(e)
	}
}

func (w *writer) airframe(data Object) {
	w.optional(data, "model", "Il-96-300", "Tu-214")
	w.optional(data, "operator", "Rossiya", "Air force")
	w.optional(data, "registration", "RA-96022", "RA-64057")
}

func (w *writer) delegate() {
	e := w.fact([]string{"delegate.arrived", "delegate.departed"}[w.IntN(2)], "person", 4)
	e.Data["name"] = []string{"Lavrov", "Darchiev"}[w.IntN(2)]
	e.Data["place"] = w.place()
	w.optional(e.Data, "role", "minister", "ambassador")
	if w.IntN(3) > 0 {
		e.Data["party"] = []string{"a", "b", "c"}[w.IntN(3)]
	}
	w.occurs(e)
}

func (w *writer) delegation() {
	e := w.fact([]string{"delegation.arrived", "delegation.departed"}[w.IntN(2)], "delegation", 3)
	e.Subject = "delegation/" + []string{"a", "b", "split"}[w.IntN(3)]
	e.Data["party"] = []string{"a", "b"}[w.IntN(2)]
	e.Data["place"] = w.place()
	w.list(e.Data, "members", "Lavrov", "Darchiev", "Ushakov")
	w.occurs(e)
}

func (w *writer) meeting() {
	n := w.IntN(3)
	e := Event{Subject: fmt.Sprintf("meeting/m%d", n), Data: Object{"sources": w.sources()}}
	switch w.IntN(8) {
	case 0, 1, 2:
		e.Type = "meeting.scheduled"
		w.schedule(e.Data)
		w.planned(&e)
	case 3, 4:
		e.Type = "meeting.rescheduled"
		w.schedule(e.Data)
		if w.planned(&e); w.IntN(4) == 0 {
			delete(e.Data, "when")
		}
	case 5:
		e.Type = "meeting.cancelled"
		w.announce(&e)
	case 6:
		e.Type = "meeting.started"
		w.happened(&e)
	default:
		e.Type = "meeting.ended"
		w.happened(&e)
	}
	w.add(e)
}

func (w *writer) schedule(data Object) {
	data["title"] = []string{"Leaders' talks", "Talks in private", "Lunch"}[w.IntN(3)]
	data["kind"] = []string{"talks", "talks", "press-conference"}[w.IntN(3)]
	if w.IntN(2) == 0 {
		data["place"] = w.place()
	} else if w.IntN(4) == 0 {
		data["place"] = nil
	}
	w.list(data, "participants", "One", "Two", "Three")
}

func (w *writer) site() {
	e := w.fact("site.prepared", "site", 2)
	e.Data["name"] = []string{"The base", "Base"}[w.IntN(2)]
	e.Data["aspect"] = []string{"security", "logistics", "reception"}[w.IntN(3)]
	w.optional(e.Data, "level", "normal", "raised", "high")
	w.happened(&e)
	w.add(e)
}

func (w *writer) agenda() {
	e := w.fact("agenda.set", "topic", 3)
	e.Data["title"], e.Data["expected"] = titleOf(e.Subject), w.IntN(2) == 0
	w.happened(&e)
	w.add(e)
}

// titleOf is the only title that a topic ever has.
func titleOf(topic string) string { return "About " + topic }

func (w *writer) position() {
	e := w.fact("position.stated", "topic", 3)
	if w.IntN(2) == 0 {
		e.Data["title"] = titleOf(e.Subject)
	}
	// One name in three spellings: NFC, NFD, and with a zero width space.
	e.Data["actor"] = []string{"Zoë", "Zoe\u0308", "ZO\u200bË", "Ministry", "White House"}[w.IntN(5)]
	e.Data["stance"] = []string{"for", "against", "open"}[w.IntN(3)]
	e.Data["detail"] = "said so"
	w.happened(&e)
	w.add(e)
}

func (w *writer) note() {
	e := w.fact("note.added", "note", 50)
	e.Data["text"] = fmt.Sprintf("Note %d", len(w.events))
	if w.IntN(3) > 0 {
		w.happened(&e)
	}
	w.add(e)
}
