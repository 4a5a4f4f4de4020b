package posting

import (
	"iter"

	"github.com/summit-timeline/summit/store/viewdb"
)

// Union goes through two walks in one direction as one; what is in both comes
// once.
func Union(tx *viewdb.Tx, a, b Walk) iter.Seq[Place] {
	return func(yield func(Place) bool) {
		listA, listB := a.Open(tx), b.Open(tx)
		p, moreA := listA.Next()
		o, moreB := listB.Next()
		for moreA || moreB {
			takeA := moreA && (!moreB || p == o || Less(p, o) != a.Desc)
			takeB := moreB && (!moreA || p == o || Less(o, p) != a.Desc)
			out := p
			if !takeA {
				out = o
			}
			if !yield(out) {
				return
			}
			if takeA {
				p, moreA = listA.Next()
			}
			if takeB {
				o, moreB = listB.Next()
			}
		}
	}
}
