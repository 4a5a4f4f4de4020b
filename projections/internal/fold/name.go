package fold

import (
	"slices"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/keys"
	"github.com/summit-timeline/summit/projections/internal/posting"
)

// entity returns the current row of an entity; changes to it are
// written at the end of the transaction.
func (w *batch) entity(e events.Entity) (*item.EntityRow, error) {
	name := e.String()
	if row := w.entities[name]; row != nil {
		return row, nil
	}
	row := new(item.EntityRow)
	if stored := w.tx.Get(item.TableEntities, []byte(name)); stored != nil {
		var err error
		if *row, err = item.DecodeEntityRow(stored); err != nil {
			return nil, err
		}
	}
	w.entities[name] = row
	return row, nil
}

// rename updates what the entity of a fact is called: what the last fact in
// the log that stands calls it.
func (w *batch) rename(before, after *item.Item, seq uint64) error {
	for entity, name := range events.Parties(after.Data) {
		if err := w.call(entity, string(item.NameAt(w.tx, entity, seq)), name, seq); err != nil {
			return err
		}
	}
	names := events.NamesOf(after.Data)
	if before == nil && len(names) == 0 {
		return nil
	}
	row, err := w.entity(after.Entity)
	if err != nil {
		return err
	}
	was := row.Called()
	if before != nil {
		if err := w.ungive(row, after, seq); err != nil {
			return err
		}
	}
	if !after.Retracted {
		for _, n := range names {
			row.Give(after.Seq, n)
		}
	}
	if now := row.Called(); now != was {
		return w.call(after.Entity.String(), "", now, seq)
	}
	return nil
}

// ungive removes the names that a fact was the last to give and no longer gives, and
// finds who gave them before.
func (w *batch) ungive(row *item.EntityRow, after *item.Item, seq uint64) error {
	for _, g := range slices.Clone(row.Given) {
		if g.Fact != after.Seq {
			continue
		}
		row.Take(g.Member)
		list := posting.Walk{List: item.ListRecorded + after.Entity.String(), Known: seq, Desc: true}
		for p := range list.Places(w.tx) {
			it, err := w.latest(p.Fact)
			if err != nil {
				return err
			}
			if n, gives := nameIn(it, g.Member); gives && it.Seq != after.Seq {
				row.Give(it.Seq, n)
				break
			}
		}
	}
	return nil
}

// nameIn returns the name that a fact which stands gives in a member.
func nameIn(it *item.Item, member string) (events.Name, bool) {
	if it.Retracted {
		return events.Name{}, false
	}
	names := events.NamesOf(it.Data)
	i := slices.IndexFunc(names, func(n events.Name) bool { return n.Member == member })
	if i < 0 {
		return events.Name{}, false
	}
	return names[i], true
}

// call notes what an entity is called from an event on.
func (w *batch) call(entity, was, name string, seq uint64) error {
	row, err := item.NameRow(name)
	if err != nil || was != "" && string(row) == was {
		return err
	}
	if err := w.tx.Put(item.TableNames, item.LastNamed, keys.Seq(seq)); err != nil {
		return err
	}
	return w.tx.Put(item.TableNames, item.NameKey(entity, seq), row)
}
