package feeds

import (
	"cmp"
	"slices"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"github.com/summit-timeline/summit/cmd/internal/locale"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// move is one arrival or departure in a calendar, which keeps its identity however often
// it changes: the plans for it, and the fact that it happened. Facts are assigned to
// moves in the order of recording, so that later facts never change an assignment. The
// first fact of a move names its entry.
type move struct {
	facts []item // in the order of recording
}

// calendarMoves returns each arrival and departure once, whatever is the first fact
// about it.
type calendarMoves struct {
	f    Feed
	open map[string][]*move // of an entity and a type: moves that are yet to be told
	told map[string]bool    // facts of moves that were told, but for single ones
}

// eventOf returns the arrival or departure that a fact is about. It returns nil if there
// is none, if its event was returned before, or if no time is known.
func (c *calendarMoves) eventOf(it item) (*ics.VEvent, error) {
	if !slices.Contains(calendarTypes(), it.Type) || c.told[it.Fact] {
		return nil, nil
	}
	key := it.Entity + " " + it.Type
	moves, read := c.open[key]
	if !read {
		var err error
		if moves, err = c.f.movesOf(it.Entity, it.Type); err != nil {
			return nil, err
		}
	}
	n := slices.IndexFunc(moves, func(m *move) bool {
		return slices.ContainsFunc(m.facts, func(x item) bool { return x.Fact == it.Fact })
	})
	if n < 0 {
		return nil, nil
	}
	m := moves[n]
	if len(m.facts) > 1 {
		for _, x := range m.facts {
			c.told[x.Fact] = true
		}
	}
	if c.open[key] = slices.Delete(moves, n, n+1); len(c.open[key]) == 0 {
		delete(c.open, key)
	}
	return c.f.moveEvent(m), nil
}

// movesOf reads the moves of one sort that an entity makes.
func (f Feed) movesOf(entity, typ string) ([]*move, error) {
	var facts []item
	for it, err := range decoded(f.Entity(entity, typ)) {
		if err != nil {
			return nil, err
		}
		if it.Type == typ {
			facts = append(facts, it)
		}
	}
	slices.SortFunc(facts, func(a, b item) int { return cmp.Compare(a.Seq, b.Seq) })
	var moves []*move
	for _, it := range facts {
		if m := moveFor(moves, it); m != nil {
			m.facts = append(m.facts, it)
		} else {
			moves = append(moves, &move{[]item{it}})
		}
	}
	return moves, nil
}

// moveFor returns the move that a fact is about, or nil if it begins one. It is the
// last, as long as nothing that stands says that it has happened. A plan that is
// recorded after what it was for is for the move that it comes nearest to.
func moveFor(moves []*move, it item) *move {
	if len(moves) == 0 {
		return nil
	}
	if last := moves[len(moves)-1]; last.happened(it.Seq) == nil {
		return last
	}
	if !it.planned() {
		return nil
	}
	var best *move
	var least time.Duration
	for _, m := range moves {
		apart, meant := plannedFor(it, m.happened(it.Seq))
		if meant && (best == nil || apart < least) {
			best, least = m, apart
		}
	}
	return best
}

// happened returns the fact that the move took place, as of an event, or nil if no such
// fact stood then.
func (m *move) happened(seq uint64) *item {
	for n, it := range m.facts {
		if !it.planned() && it.Seq < seq && it.stoodBefore(seq) {
			return &m.facts[n]
		}
	}
	return nil
}

// plannedFor reports whether a plan can have been for something that happened: it was
// announced before, or is for a time before. It returns how far apart the two
// times are.
func plannedFor(plan item, did *item) (time.Duration, bool) {
	if did == nil || did.When == nil || plan.When == nil {
		return 0, false
	}
	was, timed := did.When.Key()
	meant, known := plan.When.Key()
	if !timed || !known {
		return 0, false
	}
	announced := plan.Time != nil && plan.Time.Before(was)
	return was.Sub(meant).Abs(), announced || !meant.After(was)
}

// current returns the fact that stands: that the move happened, else the plan, else the
// last fact about it.
func (m *move) current() item {
	current, best := m.facts[0], -1
	for _, it := range m.facts {
		rank := 3
		switch {
		case it.Standing == projections.StandingRetracted:
			rank = 0
		case it.Standing == projections.StandingSuperseded:
			rank = 1
		case it.planned():
			rank = 2
		}
		if rank >= best {
			current, best = it, rank
		}
	}
	return current
}

// moveEvent returns an arrival or departure as an event of the calendar, or nil if no
// time was ever given.
func (f Feed) moveEvent(m *move) *ics.VEvent {
	it := m.current()
	start, end, timed := span(it.When)
	for n := len(m.facts) - 1; n >= 0 && !timed; n-- {
		start, end, timed = span(m.facts[n].When)
	}
	if !timed {
		return nil
	}
	e := f.entry(m.facts[0].Fact, it, start, end)
	e.SetStatus(status(it.Standing))
	e.SetDescription(m.description(f, it))
	touch(e, m.facts)
	return e
}

// description describes what stands, and the times that were planned before.
func (m *move) description(f Feed, current item) string {
	var b strings.Builder
	key := "feed.planned"
	if current.planned() {
		key = "feed.before"
	}
	shown := 0
	for _, it := range slices.Backward(m.facts) {
		if it.Fact == current.Fact || !it.planned() || it.Standing == projections.StandingRetracted || shown == earlierShown {
			continue
		}
		if _, _, timed := span(it.When); timed {
			f.line(&b, key, locale.Words(f.Clock.Moment(it.When)))
			key, shown = "feed.before", shown+1
		}
	}
	return b.String() + f.body(current)
}

// placeNames lists places by name.
func placeNames(list []*events.Place) string {
	names := make([]string, 0, len(list))
	for _, p := range list {
		if name := p.Title(); name != "" {
			names = append(names, name)
		}
	}
	return strings.Join(names, "; ")
}
