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
// aboard no more.

// passengers returns who is aboard an aircraft or a vehicle.
func (c *composer) passengers(of *lists, moves *thread) ([]string, error) {
	var said, aboard []string
	moves.takeOfLeg("aboard", &said)
	left := departure(moves)
	named, err := c.noted(item.ListAboard + of.entity.String() + "/")
	if err != nil {
		return nil, err
	}
	for _, who := range named {
		t, err := c.travels(who)
		if err != nil {
			return nil, err
		}
		listed := slices.Contains(said, who) && !arrivedSince(t, left)
		if !listed && carrierSaid(t) != of.entity.String() {
			continue
		}
		if aboard = append(aboard, who); !listed {
			moves.cite(t.first())
		}
	}
	return aboard, nil
}

// carrier returns what somebody is aboard of; "" where nothing.
func (c *composer) carrier(of *lists, t *thread) (string, error) {
	if said := carrierSaid(t); said != "" {
		t.cite(t.first())
		return said, t.err
	}
	carriers, err := c.noted(item.ListCarrier + of.entity.String() + "/")
	if err != nil {
		return "", err
	}
	for _, carrier := range carriers {
		e, err := events.ParseEntity(carrier)
		if err != nil {
			continue
		}
		for _, l := range c.entities(e.String() + "/") {
			moves := c.thread(l, []string{item.SlotMove}, l.plans)
			var said []string
			moves.takeOfLeg("aboard", &said)
			if slices.Contains(said, of.entity.String()) && !arrivedSince(t, departure(moves)) {
				t.facts = append(t.facts, slices.DeleteFunc(moves.facts, func(id string) bool { return t.counts[id] })...)
				return carrier, moves.err
			}
			if moves.err != nil {
				return "", moves.err
			}
		}
	}
	return "", nil
}

// travels threads the moves of who travels.
func (c *composer) travels(who string) (*thread, error) {
	for _, l := range c.entities(who + "/") {
		t := c.thread(l, []string{item.SlotMove}, l.plans)
		t.first()
		return t, t.err
	}
	e, err := events.ParseEntity(who)
	return c.thread(&lists{entity: e}, nil, nil), err
}

// carrierSaid returns what somebody is aboard of by the last word on where they are;
// "" where they have arrived.
func carrierSaid(t *thread) string {
	m := t.first()
	if m == nil || partyState(m) == stateArrived {
		return ""
	}
	for carrier := range events.Aboard(m.Data, m.Entity) {
		return carrier
	}
	return ""
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

// arrivedSince reports whether somebody arrived after a departure.
func arrivedSince(t *thread, left *held) bool {
	m := t.first()
	return m != nil && partyState(m) == stateArrived && (left == nil || !posting.Less(m.at, left.at))
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
