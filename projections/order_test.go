package projections

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/events"
)

// orderless are the rules that compare facts with each other by when they happened: in
// what order they became known changes nothing.
var orderless = []string{
	"ended-before-began", "left-before-arrived", "two-meetings", "aboard-elsewhere", "impossible-ground-speed", "for-and-against", "two-places",
	"intervals-disjoint", "landing-before-departure", "impossible-speed",
}

// TestContradictionsDoNotDependOnTheOrderOfRecording folds the same facts in several
// orders; one more fact comes somewhere, and is retracted. A longer run:
//
//	go test ./projections -run TestContradictionsDoNotDepend -stories 10000
func TestContradictionsDoNotDependOnTheOrderOfRecording(t *testing.T) {
	found := map[string]int{}
	for seed := *firstStory; seed < *firstStory+*stories; seed++ {
		s := &fewFacts{teller{t: t, dice: rand.New(rand.NewPCG(seed, 11))}}
		facts := s.facts()
		want := s.conflicts(facts, nil)
		for _, c := range want {
			rule, _, _ := strings.Cut(c, " ")
			found[rule]++
		}
		for range 4 {
			order := slices.Clone(facts)
			s.dice.(*rand.Rand).Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
			if got := s.conflicts(order, nil); !slices.Equal(got, want) {
				t.Fatalf("story %d: %s\nfound\n%s\nin another order\n%s\n%s", seed, listed(facts), strings.Join(want, "\n"), listed(order), strings.Join(got, "\n"))
			}
			if got := s.conflicts(s.mistaken(order), nil); !slices.Equal(got, want) {
				t.Fatalf("story %d: %s\nfound\n%s\nwith one that was corrected\n%s\n%s", seed, listed(facts), strings.Join(want, "\n"), listed(order), strings.Join(got, "\n"))
			}
			if got := s.conflicts(order, s.fact(len(facts))); !slices.Equal(got, want) {
				t.Fatalf("story %d: %s\nfound\n%s\nafter one more was retracted\n%s\n%s", seed, listed(facts), strings.Join(want, "\n"), listed(order), strings.Join(got, "\n"))
			}
		}
	}
	for _, rule := range orderless {
		if found[rule] == 0 && *stories >= 500 { // fewer come not upon everything
			t.Errorf("no story has %s", rule)
		}
	}
}

func listed(list []*events.Event) string {
	var b strings.Builder
	for _, e := range list {
		raw, err := events.EncodeData(e.Data)
		fmt.Fprintln(&b, e.ID[:8], e.Type, e.Subject, e.Time, string(raw), err)
	}
	return b.String()
}

// fewFacts makes up a few facts that may contradict each other.
type fewFacts struct{ teller }

func (s *fewFacts) facts() []*events.Event {
	sort, list := s.IntN(6), []*events.Event{}
	for n := range 2 + s.IntN(6) {
		list = append(list, s.factOf(sort, n))
	}
	return list
}

func (s *fewFacts) fact(n int) *events.Event { return s.factOf(s.IntN(6), n) }

// timed returns a time, as an interval of hours.
func (s *fewFacts) timed() events.Common {
	from := 1 + s.IntN(12)
	c := said(hours(from, from+s.IntN(2)*s.IntN(3)))
	if s.chance(1, 10) {
		c.When.Latest = events.Instant{}
	}
	return c
}

func (s *fewFacts) place() *events.Place {
	return pick(&s.teller, vnukovo, jber, &events.Place{Name: "Hotel"})
}

func (s *fewFacts) people() []string {
	return pick(&s.teller, nil, []string{"Ann"}, []string{"Bob", "ANN"}, []string{"Carl", "Bob"})
}

// factOf makes a fact of a sort: those of one sort have to do with each other.
func (s *fewFacts) factOf(sort, n int) *events.Event {
	e := &events.Event{ID: numbered(uint64(1000 + n))}
	c := s.timed()
	on := func(typ string, kind events.Kind, id string, data events.Payload) {
		e.Type, e.Subject, e.Data = typ, entity(kind, id), data
	}
	person := events.Delegate{Name: "P", Place: s.place()}
	passage := events.Passage{Aboard: pick(&s.teller, "", "aircraft/a", "vehicle/v")}
	switch sort {
	case 0: // meetings
		id := pick(&s.teller, "m", "n", "o")
		sitting := events.Sitting{Common: c, Title: "M", Kind: "talks", Participants: s.people()}
		switch s.IntN(8) {
		case 0, 1, 2:
			on(events.TypeMeetingStarted, events.KindMeeting, id, &events.MeetingStarted{Sitting: sitting})
		case 3, 4:
			on(events.TypeMeetingEnded, events.KindMeeting, id, &events.MeetingEnded{Sitting: sitting})
		case 5:
			on(events.TypeMeetingPaused, events.KindMeeting, id, &events.MeetingPaused{Sitting: sitting})
		case 6:
			on(events.TypeMeetingResumed, events.KindMeeting, id, &events.MeetingResumed{Sitting: sitting})
		default:
			on(events.TypeMeetingScheduled, events.KindMeeting, id, &events.MeetingScheduled{Common: word("S"), Schedule: events.Schedule{Title: "M", Kind: "talks", Participants: s.people()}})
			e.Time = events.Instant{Time: opening.Add(time.Duration(n) * time.Minute)}
		}
	case 1: // measures
		step := events.Measure{Common: c, Title: "C", Kind: "ceasefire"}
		if s.chance(1, 2) {
			on(events.TypeMeasureBegan, events.KindMeasure, "c", &events.MeasureBegan{Measure: step})
		} else {
			on(events.TypeMeasureEnded, events.KindMeasure, "c", &events.MeasureEnded{Measure: step})
		}
	case 2: // stances
		on(events.TypePositionStated, events.KindTopic, "t", &events.PositionStated{
			Common: c, Actor: pick(&s.teller, "Ann", "Bob"), With: s.people(), Stance: pick(&s.teller, "for", "against", "open"), Detail: "d",
		})
	case 3: // one who comes and goes
		if s.chance(1, 2) {
			on(events.TypeDelegateArrived, events.KindPerson, "p", &events.DelegateArrived{Common: c, Delegate: person})
		} else {
			on(events.TypeDelegateDeparted, events.KindPerson, "p", &events.DelegateDeparted{Common: c, Delegate: person})
		}
	case 4: // a flight
		switch s.IntN(3) {
		case 0:
			on(events.TypeAircraftDeparted, events.KindAircraft, "a", &events.AircraftDeparted{Common: c, From: s.place(), To: s.place()})
		case 1:
			on(events.TypeAircraftLanded, events.KindAircraft, "a", &events.AircraftLanded{Common: c, Place: s.place()})
		default:
			on(events.TypeAircraftTracked, events.KindAircraft, "a", &events.AircraftTracked{Common: c, Service: "S", Position: &events.TrackPosition{Lat: 60, Lon: float64(s.IntN(180)), SpeedKmh: new(float64(s.IntN(3000)))}})
		}
	default: // who is aboard what
		switch s.IntN(6) {
		case 0:
			on(events.TypeDelegateArrived, events.KindPerson, "p", &events.DelegateArrived{Common: c, Delegate: person, Passage: passage})
		case 1:
			on(events.TypeDelegateDeparted, events.KindPerson, "p", &events.DelegateDeparted{Common: c, Delegate: person, Passage: passage})
		case 2:
			on(events.TypeAircraftDeparted, events.KindAircraft, "a", &events.AircraftDeparted{Common: c, From: s.place(), Aboard: []string{"person/p"}})
		case 3:
			on(events.TypeAircraftLanded, events.KindAircraft, "a", &events.AircraftLanded{Common: c, Place: s.place()})
		case 4:
			on(events.TypeVehicleDeparted, events.KindVehicle, "v", &events.VehicleDeparted{Common: c, Vehicle: events.Vehicle{Kind: "train"}, From: s.place()})
		default:
			on(events.TypeVehicleArrived, events.KindVehicle, "v", &events.VehicleArrived{Common: c, Vehicle: events.Vehicle{Kind: "train"}, Place: s.place()})
		}
	}
	return e
}

// mistaken has one of some facts told with another time, and corrected at last.
func (s *fewFacts) mistaken(facts []*events.Event) []*events.Event {
	i := s.IntN(len(facts))
	right := facts[i].Data.Base().When
	if right == nil {
		return facts
	}
	wrong := *facts[i]
	from := 1 + s.IntN(12)
	data, err := events.Patch(wrong.Type, wrong.Data, when(hours(from, from)), "")
	if err != nil {
		s.t.Fatal(err)
	}
	wrong.Data = data
	facts = slices.Clone(facts)
	facts[i] = &wrong
	return append(facts, &events.Event{ID: numbered(2000), Type: events.TypeFactCorrected, Subject: wrong.Subject, Data: &events.FactCorrected{
		Target: events.Target{Target: wrong.ID}, Patch: when(right), Class: events.ClassCorrected, Notice: "n",
	}})
}

// when is a patch that leaves a fact with a time.
func when(m *events.Moment) []byte {
	end := func(at events.Instant) string {
		if at.IsZero() {
			return "null"
		}
		return `"` + at.String() + `"`
	}
	return fmt.Appendf(nil, `{"when":{"earliest":%s,"latest":%s}}`, end(m.Earliest), end(m.Latest))
}

// conflicts folds facts, and another in their midst that is retracted at last. It
// returns the contradictions by rule and facts.
func (s *fewFacts) conflicts(facts []*events.Event, other *events.Event) []string {
	m := newStory(s.t.(testing.TB))
	m.recorded = func(seq uint64) time.Time { return opening.Add(100*time.Hour + time.Duration(seq)*time.Minute) }
	if other != nil {
		facts = slices.Insert(slices.Clone(facts), s.IntN(len(facts)+1), other)
	}
	for _, e := range facts {
		m.put(s.t, *e)
	}
	if other != nil {
		m.add(s.t.(testing.TB), events.TypeFactRetracted, other.Subject, &events.FactRetracted{Target: events.Target{Target: other.ID}, Reason: "r"})
	}
	e := openStory(s.t.(testing.TB), m, m.records, 1+len(m.records)/2)
	list, _, err := e.Conflicts(s.t.(testing.TB).Context(), e.Latest())
	if err != nil {
		s.t.Fatal(err)
	}
	keys := []string{}
	for _, c := range list {
		if slices.Contains(orderless, c.Rule) {
			slices.Sort(c.Facts)
			keys = append(keys, fmt.Sprint(c.Rule, " ", c.Facts))
		}
	}
	slices.Sort(keys)
	must(s.t.(testing.TB), e.Close())
	return keys
}
