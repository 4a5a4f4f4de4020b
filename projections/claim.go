package projections

// claim is made once for each version of an item.
func (it *item) claim() *claim {
	if it.claimed == nil {
		it.claimed = &claim{
			seq: it.seq, id: it.id, typ: it.typ, entity: it.entity.String(), data: it.data,
			moment: it.moment(), place: placeOf(it.data),
		}
	}
	return it.claimed
}
