package rules

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/summit-timeline/summit/events"
)

// someMoment draws an interval of hours, of which either end may be open.
func someMoment() *rapid.Generator[events.Moment] {
	return rapid.Custom(func(t *rapid.T) events.Moment {
		from := rapid.IntRange(0, 30).Draw(t, "from")
		m := hours(from, from+rapid.IntRange(0, 5).Draw(t, "long"))
		switch rapid.IntRange(0, 6).Draw(t, "open") {
		case 0:
			m.Earliest = events.Instant{}
		case 1:
			m.Latest = events.Instant{}
		case 2:
			return events.Moment{}
		}
		return m
	})
}

// someClaims draws facts about one entity, in any order of time.
func someClaims() *rapid.Generator[[]*Claim] {
	return rapid.Custom(func(t *rapid.T) []*Claim {
		places := []*events.Place{moscow, anchorage, {Name: "Somewhere"}, nil}
		kind := rapid.SampledFrom([]string{"aircraft", "person", "meeting", "topic"}).Draw(t, "kind")
		var list []*Claim
		for n := range rapid.IntRange(2, 4).Draw(t, "claims") {
			c := &Claim{Seq: uint64(n + 1), ID: fmt.Sprint("c", n), Entity: kind + "/x", Moment: someMoment().Draw(t, "moment")}
			place := rapid.SampledFrom(places).Draw(t, "place")
			which := rapid.IntRange(0, 2).Draw(t, "which")
			switch kind {
			case "aircraft":
				c.Place = place
				switch which {
				case 0:
					c.Type, c.Data = events.TypeAircraftDeparted, &events.AircraftDeparted{From: place, To: rapid.SampledFrom(places).Draw(t, "to")}
				case 1:
					c.Type, c.Data = events.TypeAircraftLanded, &events.AircraftLanded{Place: place}
				default:
					c.Type, c.Data = events.TypeAircraftTracked, &events.AircraftTracked{}
				}
			case "person":
				c.Place = place
				c.Type, c.Data = events.TypeDelegateArrived, &events.DelegateArrived{Delegate: events.Delegate{Place: place}}
				if which == 0 {
					c.Type, c.Data = events.TypeDelegateDeparted, &events.DelegateDeparted{Delegate: events.Delegate{Place: place}}
				}
			case "meeting":
				c.Type, c.Data = events.TypeMeetingStarted, &events.MeetingStarted{}
				switch which {
				case 0:
					c.Type, c.Data = events.TypeMeetingEnded, &events.MeetingEnded{}
				case 1:
					c.Type, c.Data = events.TypeMeetingCancelled, &events.MeetingCancelled{}
				}
			default:
				c.Type, c.Data = events.TypePositionStated, &events.PositionStated{
					Actor: rapid.SampledFrom([]string{"A", "B"}).Draw(t, "actor"), With: rapid.SliceOfN(rapid.SampledFrom([]string{"a", "C"}), 0, 1).Draw(t, "with"),
					Stance: rapid.SampledFrom([]string{"for", "against", "open"}).Draw(t, "stance"),
				}
			}
			list = append(list, c)
		}
		return list
	})
}

// found are the contradictions of a claim with others, written out.
func found(x *Claim, all []*Claim) (list []string) {
	near := slices.DeleteFunc(slices.Clone(all), func(y *Claim) bool { return y == x })
	for _, c := range Find(x, near, nil) {
		list = append(list, c.Rule+" "+c.Severity+" "+strings.Join(c.Facts, " ")+" "+c.Message)
	}
	return list
}

// failing is a test, or one of its cases.
type failing interface {
	Fatalf(format string, args ...any)
}

// fromBothEnds checks that each contradiction between claims is found from either of the
// two facts that are in it, in the same words, and in whatever order the others are
// looked at. It returns the rules that found one.
func fromBothEnds(t failing, all []*Claim) (rules []string) {
	backwards := slices.Clone(all)
	slices.Reverse(backwards)
	for _, x := range all {
		mine := found(x, all)
		for _, f := range mine {
			rules = append(rules, strings.Fields(f)[0])
			for _, y := range all {
				if y != x && strings.Contains(f, " "+y.ID+" ") && !slices.Contains(found(y, all), f) {
					t.Fatalf("%s finds %s, and %s does not: %q", x.ID, f, y.ID, found(y, all))
				}
			}
		}
		theirs := found(x, backwards)
		slices.Sort(mine)
		if slices.Sort(theirs); !slices.Equal(mine, theirs) {
			t.Fatalf("%s finds %q, and backwards %q", x.ID, mine, theirs)
		}
	}
	return rules
}

func TestAContradictionIsFoundFromBothEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { fromBothEnds(t, someClaims().Draw(t, "claims")) })
	seen := map[string]bool{}
	for seed := range 3000 { // always the same, so that each rule finds something
		for _, rule := range fromBothEnds(t, someClaims().Example(seed)) {
			seen[rule] = true
		}
	}
	for _, rule := range []string{"impossible-speed", "landing-before-departure", "two-places", "intervals-disjoint", "for-and-against", "ended-before-began", "began-though-called-off", "left-before-arrived"} {
		if !seen[rule] {
			t.Errorf("%s found nothing", rule)
		}
	}
}

// What is said of open ends, of unknown places and of the same place contradicts nothing.
func TestWhatLeavesRoomContradictsNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for _, c := range someClaims().Draw(t, "claims") {
			same := *c
			same.Seq, same.ID = c.Seq+1, "same"
			if list := found(c, []*Claim{c, &same}); len(list) > 0 && !strings.Contains(list[0], "impossible-ground-speed") {
				t.Fatalf("%+v contradicts itself: %q", c, list)
			}
			open := same
			open.Moment, open.Place = events.Moment{}, nil
			for _, f := range found(c, []*Claim{c, &open}) {
				if !strings.HasPrefix(f, "began-though-called-off") { // which compares no times
					t.Fatalf("%+v contradicts what has no time and no place: %s", c, f)
				}
			}
		}
	})
}
