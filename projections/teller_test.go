package projections

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
)

// dice decide what a teller tells.
type dice interface{ IntN(n int) int }

// teller makes up stories: facts of every type with times of every shape, late
// and early, amendments of facts, of amendments and of nothing, plans that are
// moved, met and missed, and what cannot be read at all. Each story dwells on a
// few types, so that its facts have to do with each other.
type teller struct {
	dice
	t       fatal
	m       *memory
	ids     []string
	subject map[string]events.Entity
	now     time.Time
	dwells  []int // the types of facts, by their number in fact
	amends  int   // how many events of ten amend
}

func newTeller(t fatal, d dice) *teller {
	s := &teller{dice: d, t: t, m: &memory{}, subject: map[string]events.Entity{}, now: opening, amends: 2 + d.IntN(5)}
	for range 1 + d.IntN(8) {
		s.dwells = append(s.dwells, d.IntN(kindsOfFacts))
	}
	if d.IntN(4) == 0 { // who travels, and what they travel in
		s.dwells = []int{0, 1, 3, 4, 6, 16, 17, kindsOfFacts - 1}
	}
	s.m.recorded = func(uint64) time.Time { return s.now }
	s.note(s.m.put(t, events.Event{
		Type: events.TypeSummitOpened, Subject: entity(events.KindSummit, "story"),
		Data: &events.SummitOpened{Title: "Story", Zone: "UTC", Parties: []events.Party{{ID: "a", Name: "A"}}},
	}), entity(events.KindSummit, "story"))
	return s
}

func randomStory(t fatal, seed uint64, length int) *memory {
	s := newTeller(t, rand.New(rand.NewPCG(seed, 1)))
	for range length {
		s.tell()
	}
	return s.m
}

func entity(kind events.Kind, id string) events.Entity { return events.Entity{Kind: kind, ID: id} }

func (s *teller) note(id string, e events.Entity) {
	if _, known := s.subject[id]; !known {
		s.ids = append(s.ids, id)
		s.subject[id] = e
	}
}

func (s *teller) chance(one, of int) bool { return s.IntN(of) < one }

func pick[T any](s *teller, of ...T) T { return of[s.IntN(len(of))] }

// tell adds one event.
func (s *teller) tell() {
	s.now = s.now.Add(time.Duration(s.IntN(90)-15) * time.Minute) // clocks are also set back
	switch {
	case s.chance(1, 40):
		s.stray()
	case s.chance(1, 120):
		s.put(events.TypeSummitClosed, entity(events.KindSummit, "story"), &events.SummitClosed{Reason: "over"})
	case s.chance(s.amends, 10):
		s.amend()
	default:
		s.fact()
	}
}

func (s *teller) put(typ string, on events.Entity, data events.Payload) {
	e := events.Event{Type: typ, Subject: on, Data: data}
	if (data.Base().When == nil || events.Announces(data)) && s.chance(1, 4) {
		e.Time = s.instant()
	}
	s.note(s.m.put(s.t, e), on)
}

// stray adds what a foreign publisher might: no event, an event that is there
// already, another under an id that is taken.
func (s *teller) stray() {
	seq := uint64(len(s.m.records) + 1)
	old := s.m.records[s.IntN(len(s.m.records))]
	switch {
	case s.chance(1, 3) || old.Err != nil:
		s.m.records = append(s.m.records, store.NewRecord("story", seq, opening, []byte(`{"no":"event"}`), "facts.story.note.n", ""))
	case s.chance(1, 2):
		s.m.records = append(s.m.records, store.NewRecord("story", seq, old.Event.Recorded.Time, old.Raw, store.Subject(old.Event), old.Event.ID))
	default:
		s.m.put(s.t, events.Event{
			ID: old.Event.ID, Type: events.TypeNoteAdded, Subject: entity(events.KindNote, "other"),
			Data: &events.NoteAdded{Common: s.common(), Text: "something else"},
		})
	}
}

func (s *teller) instant() events.Instant {
	return events.Instant{Time: opening.Add(time.Duration(s.IntN(96)-24) * time.Hour / 2)}
}

// when returns a moment of any shape; nil is none.
func (s *teller) when() *events.Moment {
	a := s.instant()
	b := events.Instant{Time: a.Add(time.Duration(s.IntN(8)) * time.Hour)}
	var m events.Moment
	switch s.IntN(7) {
	case 0:
		return nil
	case 1:
		m.Best = a
	case 2:
		m.Earliest = a
	case 3:
		m.Latest = a
	case 4:
		m.Earliest, m.Latest = a, b
	case 5:
		m.Earliest, m.Best, m.Latest = a, a, b
	case 6:
		m.After = "meeting/m0"
	}
	m.Phase = pick(s, "", "", "", events.PhasePlanned, events.PhaseEstimated, events.PhaseActual)
	return &m
}

func (s *teller) place() *events.Place {
	return pick(s, vnukovo, jber, &events.Place{Name: "Anchorage"}, &events.Place{ICAO: "PAED"}, &events.Place{Lat: new(60.0), Lon: new(-150.0), AccuracyM: new(9000.0)})
}

func (s *teller) sources() events.Sources {
	list := events.Sources{{ID: "r", Name: pick(s, "Wire one", "Wire two", "wire  ONE")}}
	if s.chance(1, 3) {
		list = append(list, events.Source{ID: "o", Name: "Outlet", Via: []string{"r"}})
	}
	if s.chance(1, 4) {
		list = append(list, events.Source{ID: "q", Name: pick(s, "Wire two", "Tower")})
	}
	return list
}

func (s *teller) grade() *events.Grade {
	return &events.Grade{Source: pick(s, "A", "B", "F"), Info: 2 + s.IntN(5)}
}

func (s *teller) common() events.Common {
	c := events.Common{Sources: s.sources(), When: s.when()}
	if s.chance(1, 4) {
		c.Note = pick(s, "fog at the runway", "seen by many")
	}
	if s.chance(1, 5) {
		c.Where = s.place()
	}
	if s.chance(1, 5) {
		c.Grade = s.grade()
	}
	return c
}

// fact adds a fact of any type.
func (s *teller) fact() {
	n := s.IntN(2)
	id := func(kind events.Kind, name string) events.Entity { return entity(kind, fmt.Sprint(name, n)) }
	plane, person, meeting, topic := id(events.KindAircraft, "p"), id(events.KindPerson, "d"), id(events.KindMeeting, "m"), id(events.KindTopic, "t")
	frame := events.Airframe{Model: pick(s, "", "Il-96"), Operator: pick(s, "", "Rossiya")}
	aboard, passage := s.aboard(), events.Passage{Aboard: pick(s, "", "", "aircraft/p0", "aircraft/p1", "vehicle/v0")}
	delegate := events.Delegate{Name: pick(s, "", fmt.Sprint("Delegate ", n)), Role: pick(s, "", "Envoy"), Party: pick(s, "", "a", "b"), Place: s.place()}
	delegation := events.Delegation{Party: fmt.Sprint("a", n), Place: s.place(), Members: pick(s, nil, []string{"Delegate 1"})}
	leaves, left := delegate, delegation
	if s.chance(1, 3) {
		leaves.Place, left.Place = nil, nil
	}
	plan := events.Schedule{Title: pick(s, "", "Talks", "Summit"), Kind: pick(s, "", "talks", "dinner"), Participants: pick(s, nil, []string{"Delegate 0"}), Place: pick(s, nil, nil, s.place())}
	if s.chance(1, 3) {
		at := s.instant()
		plan.Given = []events.Given{{Text: "noon", Zone: "UTC", Instant: at}, {Text: "then", Zone: "Europe/Moscow", Instant: pick(s, at, s.instant())}}
	}
	c := s.common()
	null := func(names ...string) events.Common {
		c := c
		if s.chance(1, 5) {
			c.Null = []string{pick(s, names...)}
		}
		return c
	}
	switch pick(s, s.dwells...) {
	case 0:
		s.put(events.TypeAircraftDeparted, plane, &events.AircraftDeparted{Common: null("model", "to", "aboard"), Airframe: frame, From: s.place(), To: pick(s, nil, s.place()), Aboard: aboard, Callsign: pick(s, "", "RSD1")})
	case 1:
		s.put(events.TypeAircraftLanded, plane, &events.AircraftLanded{Common: null("model", "operator"), Airframe: frame, Place: s.place(), Aboard: aboard})
	case 2:
		s.put(events.TypeAircraftTracked, plane, &events.AircraftTracked{Common: c, Service: "Radar", Watchers: new(s.IntN(3) * 100), Callsign: pick(s, "", "RSD2")})
	case 3:
		s.put(events.TypeDelegateArrived, person, &events.DelegateArrived{Common: null("role", "party", "aboard"), Delegate: delegate, Passage: passage})
	case 4:
		s.put(events.TypeDelegateDeparted, person, &events.DelegateDeparted{Common: null("role", "party", "aboard"), Delegate: leaves, Passage: passage})
	case 5:
		s.put(events.TypeDelegationArrived, entity(events.KindDelegation, delegation.Party), &events.DelegationArrived{Common: null("members", "aboard"), Delegation: delegation, Part: events.Part{PartOf: pick(s, "", "delegation/a0"), Passage: passage}})
	case 6:
		s.put(events.TypeDelegationDeparted, entity(events.KindDelegation, delegation.Party), &events.DelegationDeparted{Common: null("members", "aboard"), Delegation: left, Part: events.Part{Name: pick(s, "", "Delegation"), Passage: passage}})
	case 7:
		s.put(events.TypeSitePrepared, id(events.KindSite, "s"), &events.SitePrepared{Common: null("level"), Name: pick(s, "", "Site", "Palace"), Aspect: pick(s, "security", "logistics"), Level: pick(s, "", "raised")})
	case 8:
		s.put(events.TypeMeetingScheduled, meeting, &events.MeetingScheduled{Common: null("place", "when"), Schedule: plan})
	case 9:
		s.put(events.TypeMeetingRescheduled, meeting, &events.MeetingRescheduled{Common: null("place", "participants"), Schedule: plan, Reason: "late"})
	case 10:
		s.put(events.TypeMeetingStarted, meeting, &events.MeetingStarted{Sitting: events.Sitting{Common: c}})
	case 11:
		s.put(events.TypeMeetingEnded, meeting, &events.MeetingEnded{Sitting: events.Sitting{Common: c}})
	case 12:
		s.put(events.TypeMeetingCancelled, meeting, &events.MeetingCancelled{Sitting: events.Sitting{Common: c}})
	case 13:
		s.put(events.TypeAgendaSet, topic, &events.AgendaSet{Common: c, Title: pick(s, "", "Topic", "Matter"), Expected: s.chance(1, 2)})
	case 14:
		s.put(events.TypePositionStated, topic, &events.PositionStated{Common: null("title"), Title: pick(s, "", "", "Topic"), Actor: fmt.Sprint("Actor ", s.IntN(2)), With: pick(s, nil, nil, []string{"Actor 0"}, []string{"ACTOR 1", "Actor 2"}), Stance: pick(s, "for", "against", "open", "no-comment"), Detail: "a detail"})
	case 16:
		s.put(events.TypeVehicleDeparted, id(events.KindVehicle, "v"), &events.VehicleDeparted{Common: null("to", "aboard"), Vehicle: events.Vehicle{Kind: "train"}, From: s.place(), To: pick(s, nil, s.place()), Aboard: aboard})
	case 17:
		s.put(events.TypeVehicleArrived, id(events.KindVehicle, "v"), &events.VehicleArrived{Common: null("name", "aboard"), Vehicle: events.Vehicle{Kind: "train", Name: pick(s, "", "The train")}, Place: s.place(), Aboard: aboard})
	case 18:
		paper := events.Document{Common: null("parties"), Title: "Statement", Kind: "letter", Parties: pick(s, nil, []string{"A"})}
		of := id(events.KindDocument, "c")
		switch s.IntN(4) {
		case 0:
			s.put(events.TypeDocumentAnnounced, of, &events.DocumentAnnounced{Document: paper})
		case 1:
			s.put(events.TypeDocumentSigned, of, &events.DocumentSigned{Document: paper})
		case 2:
			s.put(events.TypeDocumentPublished, of, &events.DocumentPublished{Document: paper})
		default:
			s.put(events.TypeDocumentRejected, of, &events.DocumentRejected{Document: paper})
		}
	case 19:
		step := events.Measure{Common: null("by"), Title: "Truce", Kind: "ceasefire", By: pick(s, nil, []string{"A"})}
		of := id(events.KindMeasure, "e")
		switch s.IntN(3) {
		case 0:
			s.put(events.TypeMeasureAnnounced, of, &events.MeasureAnnounced{Measure: step})
		case 1:
			s.put(events.TypeMeasureBegan, of, &events.MeasureBegan{Measure: step})
		default:
			s.put(events.TypeMeasureEnded, of, &events.MeasureEnded{Measure: step})
		}
	case 20:
		s.put(events.TypeIncidentReported, id(events.KindIncident, "i"), &events.IncidentReported{Common: null("place"), Title: "March", Kind: "protest", Place: pick(s, nil, s.place()), Injured: pick(s, nil, &events.Toll{Min: new(s.IntN(3))})})
	case 21:
		s.put(events.TypeSiteChanged, id(events.KindSite, "s"), &events.SiteChanged{Common: null("name"), Name: pick(s, "", "Site"), State: pick(s, "open", "closed")})
	case 22:
		sitting := events.Sitting{Common: null("participants"), Participants: pick(s, nil, []string{"Delegate 0"}, []string{"Delegate 1"})}
		if s.chance(1, 2) {
			s.put(events.TypeMeetingPaused, meeting, &events.MeetingPaused{Sitting: sitting})
		} else {
			s.put(events.TypeMeetingResumed, meeting, &events.MeetingResumed{Sitting: sitting})
		}
	default:
		if s.chance(2, 3) {
			denies := pick(s, "", s.ids[s.IntN(len(s.ids))], s.ids[len(s.ids)-1])
			s.put(events.TypeStatementMade, pick(s, person, entity(events.KindDelegation, delegation.Party)), &events.StatementMade{Common: c, Speaker: "Delegate 0", Text: "says so", Denies: denies})
		} else {
			s.put(events.TypeNoteAdded, id(events.KindNote, "n"), &events.NoteAdded{Common: c, Text: "some text"})
		}
	}
}

// kindsOfFacts is how many sorts of facts there are to tell.
const kindsOfFacts = 25

// aboard is who is aboard something, now and then somebody twice.
func (s *teller) aboard() []string {
	return pick(s, nil, nil, []string{"person/d0"}, []string{"person/d1", "delegation/a0", "person/d1"}, []string{"delegation/a1", "person/d0", "person/nobody"})
}

// patches are corrections of facts and of amendments; many do not fit what they
// are applied to.
var patches = []string{
	`{"note":"corrected"}`, `{"note":null,"headline":"Another headline"}`, `{"when":{"best":"2025-08-14T05:00:00Z","earliest":null,"latest":null}}`,
	`{"when":null}`, `{"when":{"phase":"planned"}}`, `{"when":{"phase":"actual"}}`, `{"when":{"phase":"actual"}}`, `{"when":{"phase":"estimated"}}`, `{"when":{"earliest":"2025-08-13T20:00:00Z","best":null}}`,
	`{"when":{"latest":"2025-08-15T09:00:00Z"}}`, `{"where":{"name":"Elsewhere","lat":0.5,"lon":0.5}}`, `{"place":{"name":"Elsewhere","icao":null}}`,
	`{"place":{"lat":1,"lon":1}}`, `{"sources":[{"id":"r","name":"Wire one"},{"id":"x","name":"Tower"}]}`, `{"sources":[]}`, `{"grade":{"source":"C","info":4}}`,
	`{"grade":{"info":1}}`, `{"stance":"open"}`, `{"stance":"against"}`, `{"aspect":"reception"}`, `{"party":"b"}`, `{"watchers":7}`, `{"given":null}`,
	`{"notice":"said otherwise"}`, `{"patch":{"note":"patched again"}}`, `{"patch":{"when":{"phase":"planned"}}}`, `{"class":"refile"}`, `{"reason":"another reason"}`,
	`{"place":null}`, `{"participants":["Delegate 9"]}`, `{"model":null}`, `{"title":null}`, `{"name":null}`, `{"members":["Delegate 8"]}`, `{"level":"high"}`,
	`{"aboard":["person/d1"]}`, `{"aboard":"aircraft/p1"}`, `{"aboard":null}`, `{"with":null}`, `{"with":["Actor 1"]}`, `{"denies":null}`, `{"denies":"` + numbered(2) + `"}`,
	`{"state":"evacuated"}`, `{"callsign":"RSD3"}`,
	`{"target":"00000000-0000-0000-0000-000000000000"}`, `{"unknown":1}`, `5`, `null`, `[]`, `{"title":"Renamed","kind":"talks"}`,
}

// patch is mostly one that fits any fact.
func (s *teller) patch() string {
	if s.chance(1, 2) {
		return patches[s.IntN(len(patches))]
	}
	return patches[s.IntN(10)]
}

// amend adds an amendment of what was said before, mostly lately.
func (s *teller) amend() {
	target := s.ids[s.IntN(len(s.ids))]
	if s.chance(1, 2) {
		target = s.ids[len(s.ids)-1-s.IntN(min(4, len(s.ids)))]
	}
	on, of := s.subject[target], events.Target{Target: target}
	switch {
	case s.chance(1, 40):
		of.Target = numbered(1 << 40)
	case s.chance(1, 40):
		on = entity(events.KindNote, "wrong")
	}
	switch s.IntN(10) {
	case 0, 1, 2:
		s.put(events.TypeFactRetracted, on, &events.FactRetracted{Target: of, Reason: "it was wrong"})
	case 3, 4, 5:
		s.put(events.TypeFactCorrected, on, &events.FactCorrected{Target: of, Patch: []byte(s.patch()), Class: pick(s, events.ClassCorrected, events.ClassRefile), Notice: "set right"})
	case 6, 7:
		s.put(events.TypeFactCorroborated, on, &events.FactCorroborated{Common: events.Common{Sources: s.sources()}, Target: of})
	case 8:
		s.put(events.TypeFactDisputed, on, &events.FactDisputed{Common: events.Common{Sources: s.sources()}, Target: of})
	default:
		g := s.grade()
		g.Info = 1 + s.IntN(6)
		s.put(events.TypeFactGraded, on, &events.FactGraded{Common: events.Common{Grade: g}, Target: of})
	}
}
