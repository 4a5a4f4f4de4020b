package events

import "time"

// Moment is when something happened or is to happen, as exactly as it is
// known and no more: an interval with either end open, the best single
// instant, or only that it follows something.
type Moment struct {
	Earliest    Instant `json:"earliest,omitzero" doc:"Not before this instant. Alone with phase planned: a not-before time."`
	Best        Instant `json:"best,omitzero" doc:"The best single instant."`
	Latest      Instant `json:"latest,omitzero" doc:"Not after this instant."`
	Approximate bool    `json:"approximate,omitzero" doc:"Whether the ends are themselves approximate."`
	Phase       string  `json:"phase,omitzero" rule:"enum=planned|estimated|actual" doc:"Whether it is planned, estimated or has happened."`
	Basis       string  `json:"basis,omitzero" rule:"enum=observed|reported|inferred" doc:"How the time is known."`
	Zone        string  `json:"zone,omitzero" rule:"zone" doc:"IANA time zone in which the time was given."`
	Text        string  `json:"text,omitzero" rule:"max=200" doc:"The time in the words it was given in."`
	After       string  `json:"after,omitzero" rule:"entity" doc:"An entity it follows, as KIND/ID."`
}

// The phases of a moment.
const (
	PhasePlanned   = "planned"
	PhaseEstimated = "estimated"
	PhaseActual    = "actual"
)

// Key is the instant by which moments are put in order: the best time, else
// the middle of the interval, else the one known end. It is false if no
// time at all is known.
func (m Moment) Key() (time.Time, bool) {
	switch {
	case !m.Best.IsZero():
		return m.Best.Time, true
	case !m.Earliest.IsZero() && !m.Latest.IsZero():
		return middle(m.Earliest.Time, m.Latest.Time), true
	case !m.Earliest.IsZero():
		return m.Earliest.Time, true
	case !m.Latest.IsZero():
		return m.Latest.Time, true
	}
	return time.Time{}, false
}

// middle returns the instant halfway between two, the earlier first. A
// time.Duration holds 292 years at most, so the half is taken in seconds.
func middle(a, b time.Time) time.Time {
	seconds := b.Unix() - a.Unix()
	nanos := (seconds%2*int64(time.Second) + int64(b.Nanosecond()-a.Nanosecond())) >> 1 // floor: it may be negative
	return a.Add(time.Duration(seconds/2) * time.Second).Add(time.Duration(nanos))
}

// Bounds are the ends between which it lies, or false if an end is open. A
// best time without an end is taken as that end.
func (m Moment) Bounds() (earliest, latest time.Time, hasEarliest, hasLatest bool) {
	earliest, hasEarliest = m.Earliest.Time, !m.Earliest.IsZero()
	latest, hasLatest = m.Latest.Time, !m.Latest.IsZero()
	if m.Best.IsZero() {
		return earliest, latest, hasEarliest, hasLatest
	}
	if !hasEarliest && !hasLatest {
		return m.Best.Time, m.Best.Time, true, true
	}
	return earliest, latest, hasEarliest, hasLatest
}

// Passed is the instant after which a plan for this moment is past: its latest
// time, else its best, else its earliest. False where no time is known.
func (m Moment) Passed() (time.Time, bool) {
	for _, i := range []Instant{m.Latest, m.Best, m.Earliest} {
		if !i.IsZero() {
			return i.Time, true
		}
	}
	return time.Time{}, false
}

func (m Moment) validate(at string, f *Faults) {
	ordered := func(a, b Instant, name, against string) {
		if !a.IsZero() && !b.IsZero() && b.Before(a.Time) {
			f.add(child(at, name), "must not be before %s (%s)", against, a)
		}
	}
	ordered(m.Earliest, m.Latest, "latest", "earliest")
	ordered(m.Earliest, m.Best, "best", "earliest")
	ordered(m.Best, m.Latest, "latest", "best")
}
