package item

import (
	"errors"
	"fmt"
	"sort"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/keys"
	"github.com/summit-timeline/summit/store/viewdb"
)

// Refold folds a fact again from all its amendments and one more: what an
// amendment of an amendment needs, since it can undo any earlier one.
func Refold(tx *viewdb.Tx, now *Item, last Amendment) (*Item, error) {
	row, err := ReadRow(tx, now.Seq, now.Seq)
	if err != nil {
		return nil, err
	}
	it, err := row.Item()
	if err != nil {
		return nil, err
	}
	tree, err := readAmendments(tx, now.Seq)
	if err != nil {
		return nil, err
	}
	tree = append(tree, last)
	family := map[string][]Amendment{}
	for _, a := range tree {
		family[a.Target] = append(family[a.Target], a)
	}
	if p, ok := last.Data.(*events.FactRetracted); ok && retractedAlready(family, p.TargetID(), last.ID) {
		return nil, Fault("/data/target", "is already retracted")
	}
	it.Denied = now.Denied // by statements, which no amendment of the fact undoes
	err = it.takeAll(family)
	var other *applyError
	if errors.As(err, &other) && other.id != last.ID {
		return nil, Fault("/data/target", "cannot be amended like this: the fact would no longer be valid: %s", other.faults)
	}
	return it, err
}

// takeAll applies the amendments that stand, in order.
func (it *Item) takeAll(family map[string][]Amendment) error {
	for _, a := range family[it.ID] {
		stands, err := a.settle(family)
		if err != nil {
			return err
		}
		if !stands {
			continue
		}
		if err := it.take(a); err != nil {
			return err
		}
	}
	return nil
}

// applyError reports which amendment could not be applied, and why.
type applyError struct {
	id     string
	faults events.Faults
}

func (e *applyError) Error() string { return e.faults.Error() }
func (e *applyError) Unwrap() error { return e.faults }

// patched returns a payload with a correction applied.
func (a Amendment) patched(typ string, data events.Payload, patch []byte) (events.Payload, error) {
	out, err := events.Patch(typ, data, patch, "/data/patch")
	var faults events.Faults
	if errors.As(err, &faults) {
		return nil, &applyError{a.ID, faults}
	}
	return out, err
}

// retractedAlready reports whether another standing retraction has hit the target.
func retractedAlready(family map[string][]Amendment, target, but string) bool {
	for _, a := range family[target] {
		if _, ok := a.Data.(*events.FactRetracted); !ok || a.ID == but {
			continue
		}
		if stands, err := a.settle(family); err == nil && stands {
			return true
		}
	}
	return false
}

// settle applies to an amendment the amendments of it, and reports whether it
// still stands.
func (a *Amendment) settle(family map[string][]Amendment) (bool, error) {
	stands := true
	for _, b := range family[a.ID] {
		ok, err := b.settle(family)
		if err != nil {
			return false, err
		}
		if !ok {
			continue
		}
		switch p := b.Data.(type) {
		case *events.FactRetracted:
			stands = false
		case *events.FactCorrected:
			data, err := b.patched(a.Type, a.Data, p.Patch)
			if err != nil {
				return false, err
			}
			if data.(events.Amendment).TargetID() != a.Target {
				return false, Fault("/data/patch/target", "the target of an amendment cannot be corrected: retract the amendment and record a new one")
			}
			a.Data, a.settled = data, true
		case *events.FactUnsealed:
			if a.Data, err = events.Unseal(a.Type, a.Data, p.Disclosures); err != nil {
				return false, err
			}
		}
	}
	return stands, nil
}

// Dealt is what was done before with the sealed values of an event, by their pointers.
type Dealt struct{ Unsealed, Withheld []string }

// SealedBefore returns what was done with the sealed values of an event, which is a fact or
// an amendment of it.
func SealedBefore(tx *viewdb.Tx, fact uint64, target string) (d Dealt, err error) {
	list, err := readAmendments(tx, fact)
	for _, a := range list {
		switch p := a.Data.(type) {
		case *events.FactUnsealed:
			if a.Target == target {
				for _, x := range p.Disclosures {
					d.Unsealed = append(d.Unsealed, x.Pointer)
				}
			}
		case *events.FactWithheld:
			if a.Target == target {
				d.Withheld = append(d.Withheld, p.Pointers...)
			}
		}
	}
	return d, err
}

func readAmendments(tx *viewdb.Tx, fact uint64) ([]Amendment, error) {
	var list []Amendment
	for k, v := range tx.Scan(TableAmendments, viewdb.Range{From: keys.Pair(fact, 0), To: keys.Pair(fact+1, 0)}) {
		var row AmendmentRow
		if err := json.Unmarshal(v, &row); err != nil {
			return nil, fmt.Errorf("read amendment %d: %w", keys.Uint64(k[8:]), err)
		}
		data, err := events.ReadData(row.Shown.Type, row.Data)
		if err != nil {
			return nil, fmt.Errorf("read amendment %d: %w", keys.Uint64(k[8:]), err)
		}
		list = append(list, Amendment{
			Seq: row.Shown.Seq, ID: row.Shown.ID, Type: row.Shown.Type, Target: row.Shown.Target, Data: data,
		})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Seq < list[j].Seq })
	return list, nil
}
