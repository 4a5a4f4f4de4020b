package item

import "github.com/summit-timeline/summit/projections/internal/rules"

// Claim is made once for each version of an item.
func (it *Item) Claim() *rules.Claim {
	if it.claimed == nil {
		it.claimed = &rules.Claim{
			Seq: it.Seq, ID: it.ID, Type: it.Type, Entity: it.Entity.String(), Data: it.Data,
			Moment: it.Moment(), Place: placeOf(it.Data),
		}
	}
	return it.claimed
}
