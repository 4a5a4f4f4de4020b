package status

import (
	"slices"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/keys"
	"github.com/summit-timeline/summit/projections/internal/posting"
)

// Who is aboard what may be said of either: of what carries, as a list, or of who
// travels. It is of a leg: it ends with the next departure, and who has arrived is
// aboard no more. Nobody is aboard of two things: where facts say so, the last word
// counts. So a carrier lists exactly those who are aboard of it.

// passage is what somebody is aboard of; nothing where by is nil.
type passage struct {
	carrier string
	by      *held // the fact that says so
}

// leg is who a carrier is said to have aboard since its last departure.
type leg struct {
	aboard   []string
	by, left *held // the fact that says so, and the departure; nil where none is known
}

// passengers returns who is aboard an aircraft or a vehicle.
func (c *composer) passengers(of *lists, moves *thread) ([]string, error) {
	named, err := c.noted(item.ListAboard + of.entity.String() + "/")
	if err != nil {
		return nil, err
	}
	var aboard []string
	for _, who := range named {
		p, err := c.passage(who)
		if err != nil {
			return nil, err
		}
		if p.by != nil && p.carrier == of.entity.String() {
			aboard = append(aboard, who)
			moves.cite(p.by)
		}
	}
	return aboard, nil
}

// carrier returns what somebody is aboard of; "" where nothing.
func (c *composer) carrier(of *lists, t *thread) (string, error) {
	p, err := c.passage(of.entity.String())
	if p.by != nil {
		t.cite(p.by)
	}
	return p.carrier, err
}

// passage finds what somebody is aboard of, once for each status.
func (c *composer) passage(who string) (passage, error) {
	if p, found := c.passages[who]; found {
		return p, nil
	}
	p, err := c.findPassage(who)
	if err == nil {
		c.passages[who] = p
	}
	return p, err
}

func (c *composer) findPassage(who string) (p passage, err error) {
	t, err := c.moves(who)
	if err != nil {
		return p, err
	}
	last := t.first()
	arrived := last != nil && partyState(last) == stateArrived
	if !arrived {
		p.by = t.takeOfLeg("aboard", &p.carrier)
		if p.carrier == "" {
			p.by = nil // it was taken back
		}
	}
	carriers, err := c.noted(item.ListCarrier + who + "/")
	if err != nil {
		return p, err
	}
	for _, carrier := range carriers {
		l, err := c.leg(carrier)
		if err != nil {
			return p, err
		}
		since := l.left == nil || last != nil && !posting.Less(last.at, l.left.at)
		if slices.Contains(l.aboard, who) && (!arrived || !since) && (p.by == nil || counts(l.by, p.by)) {
			p = passage{carrier, l.by}
		}
	}
	return p, t.err
}

// counts reports whether a fact is a later word than another: what happened counts
// before what was announced.
func counts(a, b *held) bool {
	if a.Announces() != b.Announces() {
		return b.Announces()
	}
	return posting.Less(b.at, a.at)
}

// leg finds who a carrier is said to have aboard, once for each status.
func (c *composer) leg(carrier string) (leg, error) {
	if l, found := c.legs[carrier]; found {
		return l, nil
	}
	t, err := c.moves(carrier)
	if err != nil {
		return leg{}, err
	}
	var l leg
	l.by = t.takeOfLeg("aboard", &l.aboard)
	l.left = departure(t)
	if t.err == nil {
		c.legs[carrier] = l
	}
	return l, t.err
}

// moves threads the moves of what or who moves; nothing is in it where none is known.
func (c *composer) moves(entity string) (*thread, error) {
	for _, l := range c.entities(entity + "/") {
		plans := slices.DeleteFunc(slices.Clone(l.plans), func(class string) bool { return class == item.SlotTrack })
		t := c.thread(l, []string{item.SlotMove}, plans)
		t.first()
		return t, t.err
	}
	e, err := events.ParseEntity(entity)
	return c.thread(&lists{entity: e}, nil, nil), err
}

// departure returns the departure with which the leg began; nil where none is known.
func departure(moves *thread) *held {
	for m := range moves.all {
		if takesOff(m.Item) {
			return m
		}
	}
	return nil
}

// noted returns what was noted under a prefix by the position of the status.
func (c *composer) noted(prefix string) ([]string, error) {
	var list []string
	for k, v := range c.tx.Scan(item.TableSlots, startingWith(prefix)) {
		if keys.Uint64(v) <= c.known {
			list = append(list, string(k[len(prefix):]))
		}
	}
	return list, c.ctx.Err()
}
