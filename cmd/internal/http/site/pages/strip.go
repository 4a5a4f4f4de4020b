package pages

import (
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// strip is the facts of the page on an axis of when they happened: a bar from
// the earliest to the latest time, a dot where one instant is known, a bar that
// runs out where an end is open.
type strip struct {
	Width, Height int
	Top, Bottom   int // of the field
	Left          int
	Ticks         []tick
	Lanes         []lane
	Bars          []bar
	Untimed       int // facts with no time at all
	Alone         int // facts that only follow something
}

type tick struct {
	X     int
	Label string
	Day   bool
}

type lane struct {
	Label       string
	X, Y, H, TY int
}

// bar is one fact.
type bar struct {
	Title         string
	X1, X2, Y     int
	OpenL, OpenR  bool
	Dot           bool
	Approximate   bool
	Planned, Gone bool
	Label         string
	LX            int
}

const (
	stripWidth = 960
	stripLeft  = 104
	stripRight = stripWidth - 44
	stripTop   = 34
	rowHeight  = 13
	stub       = 46 // length of a bar whose other end is open
)

// laneKinds are the lanes, in the order of the board, and the keys of what they are
// called.
var laneKinds = []struct {
	kind events.Kind
	name string
}{
	{events.KindAircraft, "board.aircraft"},
	{events.KindVehicle, "board.vehicles"},
	{events.KindDelegation, "board.delegations"},
	{events.KindPerson, "strip.people"},
	{events.KindMeeting, "board.meetings"},
	{events.KindSite, "board.sites"},
	{events.KindTopic, "strip.topics"},
	{events.KindDocument, "board.documents"},
	{events.KindMeasure, "board.measures"},
	{events.KindIncident, "board.incidents"},
	{events.KindNote, "strip.notes"},
}

// scale turns times into places on the axis.
type scale struct{ from, to time.Time }

func (s scale) x(t time.Time) int {
	return stripLeft + int(float64(stripRight-stripLeft)*float64(t.Sub(s.from))/float64(s.to.Sub(s.from)))
}

func (v *view) strip() *strip {
	s := &strip{Width: stripWidth, Left: stripLeft, Top: stripTop}
	timed := map[string][]projections.Item{}
	var first, last time.Time
	for _, i := range v.Items {
		if i.When == nil {
			s.Untimed++
			continue
		}
		a, b, lo, hi := i.When.Bounds()
		if !lo && !hi {
			if i.When.After != "" {
				s.Alone++
			} else {
				s.Untimed++
			}
			continue
		}
		for _, t := range []struct {
			time.Time
			given bool
		}{{a, lo}, {b, hi}} {
			if t.given && (first.IsZero() || t.Before(first)) {
				first = t.Time
			}
			if t.given && t.After(last) {
				last = t.Time
			}
		}
		kind := kindOf(i.Entity)
		timed[kind] = append(timed[kind], i)
	}
	if first.IsZero() {
		return nil
	}
	room := max(last.Sub(first)/8, time.Hour)
	axis := scale{first.Add(-room), last.Add(room)}
	y := stripTop
	for _, k := range laneKinds {
		if list := timed[string(k.kind)]; len(list) > 0 {
			y = s.lane(v, axis, v.words.Say(k.name), list, y)
		}
	}
	s.Bottom, s.Height = y, y+8
	s.Ticks = v.ticks(axis)
	if v.words.Direction == "rtl" {
		s.mirror()
	}
	return s
}

// mirror lets time run from right to left. Texts begin at their other side by
// themselves, since the direction of the page is theirs too.
func (s *strip) mirror() {
	for n := range s.Bars {
		b := &s.Bars[n]
		b.X1, b.X2 = s.Width-b.X2, s.Width-b.X1
		b.OpenL, b.OpenR = b.OpenR, b.OpenL
		b.LX = s.Width - b.LX
	}
	for n := range s.Ticks {
		s.Ticks[n].X = s.Width - s.Ticks[n].X
	}
	for n := range s.Lanes {
		s.Lanes[n].X = s.Width - s.Lanes[n].X
	}
}

// lane puts the facts of one kind in as few rows as they need.
func (s *strip) lane(v *view, axis scale, label string, list []projections.Item, y int) int {
	var ends []int // of each row
	for _, i := range list {
		b := v.bar(axis, i)
		row := 0
		for row < len(ends) && ends[row] > b.X1-8 {
			row++
		}
		if row == len(ends) {
			ends = append(ends, 0)
		}
		ends[row] = b.LX + 7*len(b.Label)
		b.Y = y + 10 + row*rowHeight
		s.Bars = append(s.Bars, b)
	}
	h := len(ends)*rowHeight + 8
	s.Lanes = append(s.Lanes, lane{Label: label, X: 6, Y: y, H: h, TY: y + 14})
	return y + h
}

func (v *view) bar(axis scale, i projections.Item) bar {
	a, b, lo, hi := i.When.Bounds()
	x := bar{
		Title: fmt.Sprintf("#%d %s%s%s", i.Seq, v.words.Isolate(i.Headline), v.words.Messages().Colon, v.When(i.When)), Label: fmt.Sprintf("%d", i.Seq),
		Approximate: i.When.Approximate, Planned: i.When.Phase == events.PhasePlanned, Gone: i.Standing == projections.StandingRetracted,
		OpenL: !lo, OpenR: !hi,
	}
	switch {
	case lo && hi:
		x.X1, x.X2 = axis.x(a), axis.x(b)
		x.Dot = !i.When.Best.IsZero() || x.X2-x.X1 < 3
	case lo:
		x.X1, x.X2 = axis.x(a), axis.x(a)+stub
	default:
		x.X1, x.X2 = axis.x(b)-stub, axis.x(b)
	}
	x.LX = x.X2 + 5
	return x
}

// Mid is where the dot of a bar stands.
func (b bar) Mid() int { return (b.X1 + b.X2) / 2 }

// spacings of the ticks, the first that leaves few enough is taken.
var spacings = []time.Duration{
	15 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 48 * time.Hour, 7 * 24 * time.Hour,
	30 * 24 * time.Hour, 90 * 24 * time.Hour, 365 * 24 * time.Hour,
}

const mostTicks = 14

// letterWidth is about how wide a letter of a day is: days are left out where they would
// run into each other.
const letterWidth = 8

// ticks stand at round times of the zone; midnights say the day.
func (v *view) ticks(axis scale) []tick {
	z := v.Zone
	span, every := axis.to.Sub(axis.from), spacings[len(spacings)-1]
	for _, s := range spacings {
		if span/s <= mostTicks {
			every = s
			break
		}
	}
	if span/every > 4*mostTicks { // centuries: ticks would be a wall
		every = span / mostTicks
	}
	local := axis.from.In(z)
	t := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, z)
	var out []tick
	free := 0 // where the next day may be written
	for ; t.Before(axis.to); t = next(t, every) {
		if t.Before(axis.from) {
			continue
		}
		x := tick{X: axis.x(t), Label: t.Format("15:04"), Day: t.Hour() == 0 && t.Minute() == 0}
		if x.Day {
			x.Label = ""
			if x.X >= free {
				x.Label = string(v.words.ShortDay(t))
				free = x.X + letterWidth*utf8.RuneCountInString(x.Label) + letterWidth
			}
		}
		out = append(out, x)
	}
	return out
}

// next is the next tick by the clock on the wall, so that ticks stay at round
// hours where the clocks change.
func next(t time.Time, every time.Duration) time.Time {
	days := int(every / (24 * time.Hour))
	rest := every % (24 * time.Hour)
	n := time.Date(t.Year(), t.Month(), t.Day()+days, t.Hour(), t.Minute(), int(rest/time.Second), 0, t.Location())
	if !n.After(t) { // an hour that the clocks leave out
		return t.Add(every)
	}
	return n
}
