package projections

import (
	"iter"

	"github.com/summit-timeline/summit/store/viewdb"
)

// union goes through two walks in one direction as one; what is in both comes
// once.
func union(tx *viewdb.Tx, a, b walk) iter.Seq[place] {
	return func(yield func(place) bool) {
		listA, listB := a.open(tx), b.open(tx)
		p, moreA := listA.next()
		o, moreB := listB.next()
		for moreA || moreB {
			takeA := moreA && (!moreB || p == o || less(p, o) != a.desc)
			takeB := moreB && (!moreA || p == o || less(o, p) != a.desc)
			out := p
			if !takeA {
				out = o
			}
			if !yield(out) {
				return
			}
			if takeA {
				p, moreA = listA.next()
			}
			if takeB {
				o, moreB = listB.next()
			}
		}
	}
}
