package fold

import (
	"slices"
	"strconv"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/store/viewdb"
)

// fitsSealed refuses what unseals or withholds other values than are sealed in its target,
// or those of which the opposite was recorded before.
func fitsSealed(tx *viewdb.Tx, target, fact uint64, a events.Amendment) error {
	var pointers []string
	at, opposite := "/data/pointers/", "was unsealed: everybody can know it, so it cannot be withheld any more"
	switch p := a.(type) {
	case *events.FactUnsealed:
		at, opposite = "/data/disclosures/", "was withheld: nobody can know any more what it was"
		for _, d := range p.Disclosures {
			pointers = append(pointers, d.Pointer)
		}
	case *events.FactWithheld:
		pointers = p.Pointers
	default:
		return nil
	}
	sealed, err := sealedOf(tx, target)
	if err != nil {
		return err
	}
	before, err := item.SealedBefore(tx, fact, a.TargetID())
	if err != nil {
		return err
	}
	_, unseals := a.(*events.FactUnsealed)
	for i, pointer := range pointers {
		where := at + strconv.Itoa(i)
		n := slices.IndexFunc(sealed, func(s events.Sealed) bool { return s.Pointer == pointer })
		switch {
		case n < 0:
			return item.Fault(where, "%s is not sealed in event %s", pointer, a.TargetID())
		case unseals && slices.Contains(before.Withheld, pointer), !unseals && slices.Contains(before.Unsealed, pointer):
			return item.Fault(where, "%s %s", pointer, opposite)
		}
		if u, ok := a.(*events.FactUnsealed); ok {
			if c, err := u.Disclosures[i].Commitment(); err != nil || c != sealed[n].Commitment {
				return item.Fault(where, "is not what was sealed at %s: its commitment is another", pointer)
			}
		}
	}
	return nil
}

// sealedOf lists what is sealed in a stored event.
func sealedOf(tx *viewdb.Tx, seq uint64) ([]events.Sealed, error) {
	e, _, err := storedEvent(tx, seq)
	if err != nil {
		return nil, err
	}
	return events.SealedValues(e.Data)
}
