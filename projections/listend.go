package projections

import (
	"slices"
	"sort"
)

// listEnd is the end of a list of the index, as of the last event: mostly what
// comes in stands last, and its neighbours are there. It holds nothing that the
// index does not.
type listEnd struct {
	places []place // the last of the list, in its order
	whole  bool    // whether they are the whole of it
}

// endKept is how many places of a list are kept: enough that a fact which comes
// in a little late still finds its neighbours.
const endKept = 3 * neighbourhood

// at is where a place stands or would stand.
func (e *listEnd) at(p place) int {
	return sort.Search(len(e.places), func(i int) bool { return !less(e.places[i], p) })
}

// enter notes a place that was added to the list.
func (e *listEnd) enter(p place) {
	i := e.at(p)
	if i == 0 && !e.whole {
		return // it stands before what is kept, or may
	}
	e.places = slices.Insert(e.places, i, p)
	if len(e.places) > endKept {
		e.places, e.whole = slices.Delete(e.places, 0, 1), false
	}
}

// leave notes a place that was taken out of the list.
func (e *listEnd) leave(p place) {
	if i := e.at(p); i < len(e.places) && e.places[i] == p {
		e.places = slices.Delete(e.places, i, i+1)
	}
}

// beside gives the places on one side of another that count as its neighbours,
// the nearest first; false where more than is kept would have to be seen.
func (e *listEnd) beside(from place, desc bool) (near []place, reaches bool) {
	i, step := e.at(from), 1
	if desc {
		step = -1
		if i == len(e.places) || e.places[i] != from {
			i--
		}
	} else if i == 0 && !e.whole {
		return nil, false
	}
	for ; i >= 0 && i < len(e.places) && len(near) < neighbourhood; i += step {
		if e.places[i].fact != from.fact {
			near = append(near, e.places[i])
		}
	}
	return near, e.whole || !desc || len(near) == neighbourhood
}

// neighbourhood is how many facts on either side in time a rule sees: enough
// for every contradiction between successive facts, and a bound on the cost of
// the next fact of an entity that has very many.
const neighbourhood = 8
