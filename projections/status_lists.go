package projections

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store/viewdb"
)

// lists are the names under which the views hold the facts of one entity.
type lists struct {
	entity events.Entity
	slots  []string        // of what is actual
	plans  []string        // classes of what was announced
	given  map[string]bool // SLOT/MEMBER: members of data that were ever given
}

// entities lists the entities of which something is known by then, each once, in
// the order of their names: all, those of a KIND/, or the one of a KIND/ID/.
func (c *composer) entities(under string) []*lists {
	found := map[events.Entity]*lists{}
	for _, of := range []string{listSlot, listPlan, listMember} {
		for k, v := range c.tx.Scan(tableSlots, startingWith(of+under)) {
			entity, name, ok := splitList(string(k))
			if !ok || seqOf(v) > c.known {
				continue
			}
			if found[entity] == nil {
				found[entity] = &lists{entity: entity, given: map[string]bool{}}
			}
			found[entity].add(of, name)
		}
	}
	all := make([]*lists, 0, len(found))
	for _, of := range found {
		all = append(all, of)
	}
	slices.SortFunc(all, func(a, b *lists) int { return compareEntities(a.entity, b.entity) })
	return all
}

func compareEntities(a, b events.Entity) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
}

func (l *lists) add(of, name string) {
	switch of {
	case listSlot:
		l.slots = append(l.slots, name)
	case listPlan:
		l.plans = append(l.plans, name)
	case listMember:
		l.given[name] = true
	}
}

// startingWith is the range of the keys that begin with a prefix that ends with
// a slash.
func startingWith(prefix string) viewdb.Range {
	to := []byte(prefix)
	to[len(to)-1]++
	return viewdb.Range{From: []byte(prefix), To: to}
}

// splitList reads the name of a list: the entity, and the slot, the class of the
// plans or the member.
func splitList(list string) (events.Entity, string, bool) {
	_, rest, _ := strings.Cut(list, "/")
	kind, rest, _ := strings.Cut(rest, "/")
	id, name, ok := strings.Cut(rest, "/")
	return events.Entity{Kind: events.Kind(kind), ID: id}, name, ok
}

// among are the names of a list that have a prefix.
func among(names []string, prefix string) []string {
	var list []string
	for _, n := range names {
		if strings.HasPrefix(n, prefix) {
			list = append(list, n)
		}
	}
	return list
}

// held is a fact that a list holds.
type held struct {
	*item
	row     itemRow
	at      place
	members map[string][]byte // see member; nil until it is asked for
}

// walkList goes through the facts of a list that count at the time of the
// status, the latest first.
func (c *composer) walkList(list string) iter.Seq2[*held, error] {
	w := walk{list: list, known: c.known, desc: true}
	if !c.at.IsZero() {
		w.from = &place{key: c.at.UnixNano(), fact: anySeq}
	}
	return func(yield func(*held, error) bool) {
		for p, err := range w.postings(c.tx) {
			if err != nil {
				yield(nil, err)
				return
			}
			h, err := c.hold(p)
			if !yield(h, err) || err != nil {
				return
			}
		}
	}
}

func (c *composer) hold(at place) (*held, error) {
	row, err := readRow(c.tx, at.fact, c.known)
	if err != nil {
		return nil, err
	}
	it, err := row.item()
	return &held{item: it, row: row, at: at}, err
}

// walkLists goes through the facts of several lists as one.
func (c *composer) walkLists(names []string) iter.Seq2[*held, error] {
	switch len(names) {
	case 0:
		return func(func(*held, error) bool) {}
	case 1:
		return c.walkList(names[0])
	}
	return func(yield func(*held, error) bool) {
		var heads []*headOf
		for _, name := range names {
			next, stop := iter.Pull2(c.walkList(name))
			defer stop()
			if h := (&headOf{next: next}); h.step() {
				heads = append(heads, h)
			}
		}
		for len(heads) > 0 {
			i := 0
			for j, h := range heads {
				if h.err != nil || heads[i].err == nil && less(heads[i].held.at, h.held.at) {
					i = j
				}
			}
			h := heads[i]
			if !yield(h.held, h.err) || h.err != nil {
				return
			}
			if !h.step() {
				heads = slices.Delete(heads, i, i+1)
			}
		}
	}
}

// headOf is the next fact of a walk.
type headOf struct {
	next func() (*held, error, bool)
	held *held
	err  error
}

func (h *headOf) step() (more bool) {
	h.held, h.err, more = h.next()
	return more
}
