package rules

import (
	"cmp"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/message"
)

// twoMeetings finds a person in two meetings that certainly were under way at one
// instant. A meeting of which no end is known may be over, and one at the same place
// may be a part of the other.
var twoMeetings = rule{
	name: "two-meetings", severity: severityDoubtful,
	concerns: func(x *Claim) bool { return x.Type == events.TypeMeetingStarted },
	across: func(x *Claim, near, afar []*Claim) []finding {
		mine := endOf(x, near)
		if mine == nil {
			return nil
		}
		var found []finding
		for _, y := range afar {
			theirs := endOf(y, afar)
			if y.Type != events.TypeMeetingStarted || y.Entity == x.Entity || theirs == nil {
				continue
			}
			if SamePlace(x.Venue, y.Venue) {
				continue
			}
			a, b := first(x, y), second(x, y)
			person := inCommon(a.People, b.People)
			if person == "" || !before(x.Moment, theirs.Moment) || !before(y.Moment, mine.Moment) {
				continue
			}
			found = append(found, finding{facts: ordered(x, y), detail: saysTwoMeetings.With(message.Text(person), who(a), who(b))})
		}
		return found
	},
}

var saysTwoMeetings = message.Define("rule.two-meetings", "{person} is in two meetings at once: {meeting} and {other}")

// endOf returns the end of the meeting that began which may have been first; nil where
// none is known.
func endOf(x *Claim, all []*Claim) *Claim {
	var end *Claim
	for _, y := range all {
		if y.Type != events.TypeMeetingEnded || y.Entity != x.Entity || before(y.Moment, x.Moment) {
			continue
		}
		if end == nil || mayBeSooner(y.Moment, end.Moment) {
			end = y
		}
	}
	return end
}

// mayBeSooner reports whether a moment reaches further back than another.
func mayBeSooner(a, b events.Moment) bool {
	x, _, low, _ := a.Bounds()
	y, _, known, _ := b.Bounds()
	return known && (!low || x.Before(y))
}

// aboardElsewhere finds somebody who arrives or leaves aboard something that did so at
// other places alone.
var aboardElsewhere = rule{
	name: "aboard-elsewhere", severity: severityDoubtful,
	concerns: func(x *Claim) bool {
		return x.Place != nil && (events.CarrierOf(x.Data) != "" || comesIn(x) || goesOut(x))
	},
	across: func(x *Claim, near, afar []*Claim) []finding {
		if events.CarrierOf(x.Data) != "" {
			return boardedElsewhere(x, afar, nil)
		}
		var found []finding
		for _, y := range afar {
			if events.CarrierOf(y.Data) == x.Entity {
				found = append(found, boardedElsewhere(y, append(near, x), x)...)
			}
		}
		return found
	},
}

// boardedElsewhere finds the move of a carrier, of those that are given, that is nearest
// in time to that of somebody aboard and was at another place; nothing where any may
// have been at the same. only, where it is not nil, is the one that is looked for.
func boardedElsewhere(x *Claim, moves []*Claim, only *Claim) []finding {
	carrier, arrives := events.CarrierOf(x.Data), arrivesAt(x)
	var elsewhere *Claim
	for _, y := range moves {
		if x.Place == nil || y.Entity != carrier || arrives && !comesIn(y) || !arrives && !goesOut(y) {
			continue
		}
		km, known := apartKm(x.Place, y.Place)
		if !known || km == 0 {
			return nil
		}
		if elsewhere == nil || nearer(x, y, elsewhere) {
			elsewhere = y
		}
	}
	if elsewhere == nil || only != nil && elsewhere.ID != only.ID {
		return nil
	}
	return []finding{{facts: ordered(x, elsewhere), detail: saysAboard.With(who(x), events.PlaceArg(x.Place), who(elsewhere), events.PlaceArg(elsewhere.Place))}}
}

var saysAboard = message.Define("rule.aboard-elsewhere", "{who} is said to be at {place} aboard {carrier}, which was at {other}")

// comesIn reports whether a claim puts something down at a place.
func comesIn(x *Claim) bool {
	return x.Type == events.TypeAircraftLanded || x.Type == events.TypeVehicleArrived
}

// goesOut reports whether a claim has something leave a place that carries others.
func goesOut(x *Claim) bool {
	return x.Type == events.TypeAircraftDeparted || x.Type == events.TypeVehicleDeparted
}

// nearer reports whether a is nearer to a claim in time than b: of two that are as near,
// the earlier.
func nearer(x, a, b *Claim) bool {
	at, timed := x.Moment.Key()
	one, oneTimed := a.Moment.Key()
	two, twoTimed := b.Moment.Key()
	if !timed || !oneTimed || !twoTimed {
		return a.Seq > b.Seq
	}
	near, far := at.Sub(one).Abs(), at.Sub(two).Abs()
	return cmp.Or(cmp.Compare(near, far), one.Compare(two), cmp.Compare(a.ID, b.ID)) < 0
}

// deniedFact finds a fact that a statement denies.
var deniedFact = rule{
	name: "denied", severity: severityDoubtful, always: true,
	concerns: func(x *Claim) bool { d, states := x.Data.(*events.StatementMade); return states && d.Denies != "" },
	across: func(x *Claim, _, afar []*Claim) []finding {
		var found []finding
		for _, y := range afar {
			fact, by := x, y
			if denies(x, y) {
				fact, by = y, x
			} else if !denies(y, x) {
				continue
			}
			speaker := by.Data.(*events.StatementMade).Speaker
			found = append(found, finding{facts: []string{fact.ID, by.ID}, detail: saysDenies.With(message.Text(speaker), source(fact), who(fact))})
		}
		return found
	},
}

var saysDenies = message.Define("rule.denied", "{who} denies what {source} says of {what}")

// denies reports whether a claim is a statement that denies another.
func denies(x, y *Claim) bool {
	d, states := x.Data.(*events.StatementMade)
	return states && d.Denies != "" && d.Denies == y.ID
}
