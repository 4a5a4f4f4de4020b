package posting

import (
	"slices"
	"sort"
)

// Tail is the end of a list of the index, as of the last event: mostly what
// comes in stands last, and its neighbours are there. It holds nothing that the
// index does not.
type Tail struct {
	Places []Place // the last of the list, in its order
	Whole  bool    // whether they are the whole of it
}

// TailLength is how many places of a list are kept: enough that a fact which comes
// in a little late still finds its neighbours.
const TailLength = 3 * Neighbours

// at returns where a place stands or would stand.
func (e *Tail) at(p Place) int {
	return sort.Search(len(e.Places), func(i int) bool { return !Less(e.Places[i], p) })
}

// Add notes a place that was added to the list.
func (e *Tail) Add(p Place) {
	i := e.at(p)
	if i == 0 && !e.Whole {
		return // it stands before what is kept, or may
	}
	e.Places = slices.Insert(e.Places, i, p)
	if len(e.Places) > TailLength {
		e.Places, e.Whole = slices.Delete(e.Places, 0, 1), false
	}
}

// Remove notes a place that was taken out of the list.
func (e *Tail) Remove(p Place) {
	if i := e.at(p); i < len(e.Places) && e.Places[i] == p {
		e.Places = slices.Delete(e.Places, i, i+1)
	}
}

// Beside returns the places on one side of another that count as its neighbours,
// the nearest first, or false if more than is kept would have to be seen.
func (e *Tail) Beside(from Place, desc bool) (near []Place, reaches bool) {
	i, step := e.at(from), 1
	if desc {
		step = -1
		if i == len(e.Places) || e.Places[i] != from {
			i--
		}
	} else if i == 0 && !e.Whole {
		return nil, false
	}
	for ; i >= 0 && i < len(e.Places) && len(near) < Neighbours; i += step {
		if e.Places[i].Fact != from.Fact {
			near = append(near, e.Places[i])
		}
	}
	return near, e.Whole || !desc || len(near) == Neighbours
}

// Neighbours is how many facts on either side in time a rule sees: enough
// for every contradiction between successive facts, and a bound on the cost of
// the next fact of an entity that has very many.
const Neighbours = 8
