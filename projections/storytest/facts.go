package storytest

import (
	"fmt"
	"strings"
)

func (w *writer) aircraft() {
	switch w.IntN(5) {
	case 0, 1:
		e := w.fact("aircraft.departed", "aircraft", 3)
		e.Data["from"] = w.place()
		w.optional(e.Data, "to", w.place())
		w.airframe(e.Data)
		w.carries(e.Data)
		w.occurs(e)
	case 2, 3:
		e := w.fact("aircraft.landed", "aircraft", 3)
		e.Data["place"] = w.place()
		w.airframe(e.Data)
		w.carries(e.Data)
		w.occurs(e)
	default:
		e := w.fact("aircraft.tracked", "aircraft", 3)
		e.Data["service"] = "Tracker"
		w.optional(e.Data, "watchers", 1+w.IntN(9000))
		w.optional(e.Data, "position", Object{"lat": w.IntN(90), "lon": w.IntN(180)})
		w.optional(e.Data, "callsign", "RSD1", "RSD2")
		w.happened(&e)
		w.add(e)
	}
}

func (w *writer) airframe(data Object) {
	w.optional(data, "model", "Il-96-300", "Tu-214")
	w.optional(data, "operator", "Rossiya", "Air force")
	w.optional(data, "registration", "RA-96022", "RA-64057")
	w.optional(data, "callsign", "RSD1", "RSD2")
}

// carries says who is aboard, now and then with somebody twice.
func (w *writer) carries(data Object) {
	all := []any{"person/person0", "person/person1", "delegation/a", "person/person0", "person/person9"}
	first := w.IntN(4)
	w.optional(data, "aboard", all[first:first+1+w.IntN(5-first)])
}

// travels says what somebody is aboard of.
func (w *writer) travels(data Object) {
	w.optional(data, "aboard", "aircraft/aircraft0", "aircraft/aircraft1", "vehicle/vehicle0", "vehicle/vehicle9")
}

func (w *writer) vehicle() {
	e := w.fact([]string{"vehicle.departed", "vehicle.arrived"}[w.IntN(2)], "vehicle", 2)
	e.Data["kind"] = []string{"motorcade", "train"}[w.IntN(2)]
	w.optional(e.Data, "name", "The motorcade", "Cars")
	if e.Type == "vehicle.departed" {
		e.Data["from"] = w.place()
		w.optional(e.Data, "to", w.place())
	} else {
		e.Data["place"] = w.place()
	}
	w.carries(e.Data)
	w.occurs(e)
}

func (w *writer) delegate() {
	e := w.fact([]string{"delegate.arrived", "delegate.departed"}[w.IntN(2)], "person", 4)
	e.Data["name"] = []string{"Lavrov", "Darchiev"}[w.IntN(2)]
	e.Data["place"] = w.place()
	w.optional(e.Data, "role", "minister", "ambassador")
	if w.IntN(3) > 0 {
		e.Data["party"] = []string{"a", "b", "c"}[w.IntN(3)]
	}
	w.travels(e.Data)
	w.occurs(e)
}

func (w *writer) delegation() {
	e := w.fact([]string{"delegation.arrived", "delegation.departed"}[w.IntN(2)], "delegation", 3)
	e.Subject = "delegation/" + []string{"a", "b", "split"}[w.IntN(3)]
	e.Data["party"] = []string{"a", "b"}[w.IntN(2)]
	e.Data["place"] = w.place()
	w.list(e.Data, "members", "Lavrov", "Darchiev", "Ushakov")
	w.optional(e.Data, "name", "The delegation", "Advance party")
	w.optional(e.Data, "part_of", "delegation/a", "delegation/b")
	w.travels(e.Data)
	w.occurs(e)
}

func (w *writer) meeting() {
	n := w.IntN(3)
	e := Event{Subject: fmt.Sprintf("meeting/m%d", n), Data: Object{"sources": w.sources()}}
	switch w.IntN(11) {
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
	case 6, 7:
		e.Type = "meeting.started"
		w.sitting(e.Data)
		w.happened(&e)
	case 8, 9:
		e.Type = []string{"meeting.paused", "meeting.resumed"}[w.IntN(2)]
		w.sitting(e.Data)
		w.happened(&e)
	default:
		e.Type = "meeting.ended"
		w.happened(&e)
	}
	w.add(e)
}

func (w *writer) schedule(data Object) {
	data["title"] = []string{"Leaders' talks", "Talks in private", "Lunch"}[w.IntN(3)]
	data["kind"] = []string{"talks", "talks", "press-conference", "dinner"}[w.IntN(4)]
	w.optional(data, "level", "leaders", "ministers")
	w.optional(data, "places", []any{w.place()}, []any{w.place(), Object{"name": "Annex"}})
	if w.IntN(2) == 0 {
		data["place"] = w.place()
	} else if w.IntN(4) == 0 {
		data["place"] = nil
	}
	w.list(data, "participants", "One", "Two", "Three")
}

// sitting says of a meeting that is under way what its plan may have said otherwise.
func (w *writer) sitting(data Object) {
	w.optional(data, "title", "Talks as they are")
	w.optional(data, "kind", "talks", "dinner")
	w.optional(data, "place", w.place())
	w.optional(data, "participants", []any{"One", "Four"})
}

func (w *writer) change() {
	e := w.fact("site.changed", "site", 2)
	e.Data["state"] = []string{"open", "closed", "cordoned", "evacuated"}[w.IntN(4)]
	w.optional(e.Data, "name", "The base", "Camp")
	if w.IntN(5) == 0 {
		w.planned(&e)
	} else {
		w.happened(&e)
	}
	w.add(e)
}

func (w *writer) document() {
	types := []string{"document.announced", "document.signed", "document.published", "document.rejected"}
	e := w.fact(types[w.IntN(len(types))], "document", 2)
	e.Data["title"] = []string{"Statement", "Joint statement"}[w.IntN(2)]
	e.Data["kind"] = []string{"treaty", "letter"}[w.IntN(2)]
	w.optional(e.Data, "parties", []any{"A"}, []any{"A", "B"})
	w.optional(e.Data, "url", "https://example.org/1", "https://example.org/2")
	w.optional(e.Data, "detail", "in two languages")
	w.occurs(e)
}

func (w *writer) measure() {
	types := []string{"measure.announced", "measure.began", "measure.ended"}
	e := w.fact(types[w.IntN(len(types))], "measure", 2)
	e.Data["title"] = []string{"Truce", "The truce"}[w.IntN(2)]
	e.Data["kind"] = []string{"ceasefire", "other"}[w.IntN(2)]
	w.optional(e.Data, "by", []any{"A"}, []any{"A", "B"})
	w.optional(e.Data, "on", []any{"C"})
	w.occurs(e)
}

func (w *writer) incident() {
	e := w.fact("incident.reported", "incident", 2)
	e.Data["title"] = []string{"March", "Rally"}[w.IntN(2)]
	e.Data["kind"] = []string{"protest", "accident"}[w.IntN(2)]
	w.optional(e.Data, "place", w.place())
	w.optional(e.Data, "killed", Object{"min": 1}, Object{"max": 0})
	w.optional(e.Data, "injured", Object{"min": 2, "max": 4}, Object{"min": 3})
	w.happened(&e)
	w.add(e)
}

// statement is one of a person or a delegation; it may deny a fact that was told.
func (w *writer) statement() {
	e := w.fact("statement.made", "person", 4)
	if w.IntN(3) == 0 {
		e.Subject = "delegation/a"
	}
	e.Data["speaker"], e.Data["text"] = "Spokesman", "That is not so."
	w.optional(e.Data, "with", []any{"Ally"})
	w.optional(e.Data, "lang", "ru", "en")
	if id := w.deniable(); id != "" && w.IntN(3) > 0 {
		e.Data["denies"] = id
	}
	w.happened(&e)
	w.add(e)
}

// deniable is the id of a fact of the story; "" where there is none.
func (w *writer) deniable() string {
	var ids []string
	for _, e := range w.events[1:] {
		if !strings.HasPrefix(e.Type, "fact.") {
			ids = append(ids, e.ID)
		}
	}
	if len(ids) == 0 {
		return ""
	}
	return ids[w.IntN(len(ids))]
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
	w.optional(e.Data, "with", []any{"Ally"}, []any{"Ally", "ZOË"}, []any{"Ministry", "Zoë", "ZOË"})
	e.Data["stance"] = w.stance()
	e.Data["detail"] = "said so"
	w.happened(&e)
	w.add(e)
}

func (w *writer) stance() string {
	return []string{"for", "against", "open", "no-comment"}[w.IntN(4)]
}

func (w *writer) note() {
	e := w.fact("note.added", "note", 50)
	e.Data["text"] = fmt.Sprintf("Note %d", len(w.events))
	if w.IntN(3) > 0 {
		w.happened(&e)
	}
	w.add(e)
}
