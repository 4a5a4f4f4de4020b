package projections

import (
	"errors"
	"fmt"
	"sort"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store/viewdb"
)

// refold folds a fact anew from all its amendments and one more: what an
// amendment of an amendment needs, since it can undo any earlier one.
func refold(tx *viewdb.Tx, now *item, last amendment) (*item, error) {
	row, err := readRow(tx, now.seq, now.seq)
	if err != nil {
		return nil, err
	}
	it, err := row.item()
	if err != nil {
		return nil, err
	}
	tree, err := readAmendments(tx, now.seq)
	if err != nil {
		return nil, err
	}
	tree = append(tree, last)
	family := map[string][]amendment{}
	for _, a := range tree {
		family[a.target] = append(family[a.target], a)
	}
	if p, ok := last.data.(*events.FactRetracted); ok && retractedAlready(family, p.TargetID(), last.id) {
		return nil, fault("/data/target", "is retracted already")
	}
	err = it.takeAll(family)
	var other *applyError
	if errors.As(err, &other) && other.id != last.id {
		return nil, fault("/data/target", "without it, or with it as it would then be, the fact would not be valid: %s", other.faults)
	}
	return it, err
}

// takeAll applies the amendments that stand, in order.
func (it *item) takeAll(family map[string][]amendment) error {
	for _, a := range family[it.id] {
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

// applyError says which amendment could not be applied, and why.
type applyError struct {
	id     string
	faults events.Faults
}

func (e *applyError) Error() string { return e.faults.Error() }
func (e *applyError) Unwrap() error { return e.faults }

// patched is a payload after a correction.
func (a amendment) patched(typ string, data events.Payload, patch []byte) (events.Payload, error) {
	out, err := events.Patch(typ, data, patch, "/data/patch")
	var faults events.Faults
	if errors.As(err, &faults) {
		return nil, &applyError{a.id, faults}
	}
	return out, err
}

// retractedAlready says whether another standing retraction has hit the target.
func retractedAlready(family map[string][]amendment, target, but string) bool {
	for _, a := range family[target] {
		if _, ok := a.data.(*events.FactRetracted); !ok || a.id == but {
			continue
		}
		if stands, err := a.settle(family); err == nil && stands {
			return true
		}
	}
	return false
}

// settle applies to an amendment what was said about it, and tells whether it
// still stands.
func (a *amendment) settle(family map[string][]amendment) (bool, error) {
	stands := true
	for _, b := range family[a.id] {
		ok, err := b.settle(family)
		if err != nil {
			return false, err
		}
		if !ok {
			continue
		}
		switch p := b.data.(type) {
		case *events.FactRetracted:
			stands = false
		case *events.FactCorrected:
			data, err := b.patched(a.typ, a.data, p.Patch)
			if err != nil {
				return false, err
			}
			if data.(events.Amendment).TargetID() != a.target {
				return false, fault("/data/patch/target", "the target of an amendment cannot be corrected: retract it and record another")
			}
			a.data, a.settled = data, true
		}
	}
	return stands, nil
}

func readAmendments(tx *viewdb.Tx, fact uint64) ([]amendment, error) {
	var list []amendment
	for k, v := range tx.Scan(tableAmendments, viewdb.Range{From: pairKey(fact, 0), To: pairKey(fact+1, 0)}) {
		var row amendmentRow
		if err := json.Unmarshal(v, &row); err != nil {
			return nil, fmt.Errorf("read amendment %d: %w", seqOf(k[8:]), err)
		}
		data, err := events.ReadData(row.Shown.Type, row.Data)
		if err != nil {
			return nil, fmt.Errorf("read amendment %d: %w", seqOf(k[8:]), err)
		}
		list = append(list, amendment{
			seq: row.Shown.Seq, id: row.Shown.ID, typ: row.Shown.Type, target: row.Shown.Target, data: data,
		})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].seq < list[j].seq })
	return list, nil
}
