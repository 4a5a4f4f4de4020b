package rules

import (
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/message"
)

// endedBeforeBegan finds a meeting or a measure that is certainly over before the only
// beginning that it can have had.
var endedBeforeBegan = rule{
	name: "ended-before-began", severity: severityImpossible,
	concerns: func(x *Claim) bool { return begins(x) || ends(x) },
	find: func(x *Claim, near []*Claim) []finding {
		var found []finding
		for _, y := range near {
			b, e := x, y
			if !begins(b) {
				b, e = y, x
			}
			if !begins(b) || !ends(e) || !before(e.Moment, b.Moment) || otherwise(b, e, append(near, x)) {
				continue
			}
			found = append(found, finding{facts: ordered(b, e), detail: saysEndedBefore.With(who(x), interval(e), interval(b))})
		}
		return found
	},
}

var saysEndedBefore = message.Define("rule.ended-before-began", "{who} ended ({time}) before it began ({began})")

func begins(x *Claim) bool {
	return x.Type == events.TypeMeetingStarted || x.Type == events.TypeMeasureBegan
}

func ends(x *Claim) bool {
	return x.Type == events.TypeMeetingEnded || x.Type == events.TypeMeasureEnded
}

// otherwise reports whether another beginning can have led to an end, or another end
// can have followed a beginning.
func otherwise(b, e *Claim, all []*Claim) bool {
	for _, y := range all {
		if begins(y) && y.ID != b.ID && !before(e.Moment, y.Moment) || ends(y) && y.ID != e.ID && !before(y.Moment, b.Moment) {
			return true
		}
	}
	return false
}

// beganThoughCalledOff finds a meeting that began though the last word before that was
// that it is called off.
var beganThoughCalledOff = rule{
	name: "began-though-called-off", severity: severityDoubtful,
	concerns: func(x *Claim) bool {
		return x.Type == events.TypeMeetingStarted || x.Type == events.TypeMeetingCancelled
	},
	find: func(x *Claim, near []*Claim) []finding {
		var found []finding
		for _, y := range near {
			b, off := x, y
			if b.Type != events.TypeMeetingStarted {
				b, off = y, x
			}
			if b.Type != events.TypeMeetingStarted || off.Type != events.TypeMeetingCancelled {
				continue
			}
			found = append(found, finding{facts: ordered(b, off), detail: saysCalledOff.With(who(x), interval(b))})
		}
		return found
	},
}

var saysCalledOff = message.Define("rule.began-though-called-off", "{who} began ({time}) though it was called off")

// leftBeforeArrived finds somebody who certainly left a place before the only arrival
// there.
var leftBeforeArrived = rule{
	name: "left-before-arrived", severity: severityDoubtful,
	concerns: func(x *Claim) bool { return arrivesAt(x) || leaves(x) },
	find: func(x *Claim, near []*Claim) []finding {
		var found []finding
		for _, y := range near {
			in, out := x, y
			if !arrivesAt(in) {
				in, out = y, x
			}
			if !arrivesAt(in) || !leaves(out) || !SamePlace(in.Place, out.Place) || !before(out.Moment, in.Moment) || cameOrWent(in, out, append(near, x)) {
				continue
			}
			found = append(found, finding{facts: ordered(in, out), detail: saysLeftBefore.With(who(x), events.PlaceArg(out.Place), interval(out), interval(in))})
		}
		return found
	},
}

var saysLeftBefore = message.Define("rule.left-before-arrived", "{who} left {place} ({time}) before arriving there ({arrival})")

func arrivesAt(x *Claim) bool {
	return x.Type == events.TypeDelegateArrived || x.Type == events.TypeDelegationArrived || x.Type == events.TypeVehicleArrived
}

func leaves(x *Claim) bool {
	return x.Type == events.TypeDelegateDeparted || x.Type == events.TypeDelegationDeparted || x.Type == events.TypeVehicleDeparted
}

// cameOrWent reports whether another arrival or departure, or anything that is said of
// another place between the two, explains the order.
func cameOrWent(in, out *Claim, all []*Claim) bool {
	for _, y := range all {
		switch {
		case y.ID == in.ID || y.ID == out.ID:
		case arrivesAt(y) && SamePlace(y.Place, in.Place) && !before(out.Moment, y.Moment),
			leaves(y) && SamePlace(y.Place, out.Place) && !before(y.Moment, in.Moment),
			arrivesAt(y) && !SamePlace(y.Place, in.Place) && !before(y.Moment, out.Moment) && !before(in.Moment, y.Moment):
			return true
		}
	}
	return false
}

// tooFastToFly finds a speed over ground that no transport aircraft reaches.
var tooFastToFly = rule{
	name: "impossible-ground-speed", severity: severityImpossible,
	concerns: func(x *Claim) bool { return groundSpeed(x) > fastestKmh },
	find: func(x *Claim, _ []*Claim) []finding {
		return []finding{{facts: []string{x.ID}, detail: saysGroundSpeed.With(who(x), message.Number(rounded(groundSpeed(x))), message.Number(fastestKmh))}}
	},
}

var saysGroundSpeed = message.Define("rule.impossible-ground-speed", "{who} is tracked at {speed} km/h; no transport aircraft exceeds {most} km/h")

func groundSpeed(x *Claim) float64 {
	d, tracked := x.Data.(*events.AircraftTracked)
	if !tracked || d.Position == nil || d.Position.SpeedKmh == nil {
		return 0
	}
	return *d.Position.SpeedKmh
}
