package status

import (
	"cmp"
	"slices"
	"strings"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/keys"
	"github.com/summit-timeline/summit/projections/internal/posting"
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
	for _, of := range []string{item.ListSlot, item.ListPlan, item.ListMember} {
		for k, v := range c.tx.Scan(item.TableSlots, startingWith(of+under)) {
			entity, name, ok := splitList(string(k))
			if !ok || keys.Uint64(v) > c.known {
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
	case item.ListSlot:
		l.slots = append(l.slots, name)
	case item.ListPlan:
		l.plans = append(l.plans, name)
	case item.ListMember:
		l.given[name] = true
	}
}

// startingWith returns the range of the keys that begin with a prefix that ends with
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

// among returns the names of a list that have a prefix.
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
	*item.Item
	row     item.Row
	at      posting.Place
	members map[string][]byte // see member; nil until it is asked for
}

// facts are those of several lists that count at the time of the status, as one
// list, the latest first. Its lists are read when they are come to.
type facts struct {
	c     *composer
	names []string // of lists that are not open yet
	heads []*headOf
}

// headOf is what comes next in a list.
type headOf struct {
	*posting.Cursor
	at posting.Place
}

func (c *composer) facts(lists ...string) *facts { return &facts{c: c, names: lists} }

// next returns the next fact; nil after the last.
func (f *facts) next() (*held, error) {
	if err := f.open(); err != nil || len(f.heads) == 0 {
		return nil, err
	}
	i := 0
	for j, h := range f.heads {
		if posting.Less(f.heads[i].at, h.at) {
			i = j
		}
	}
	h := f.heads[i]
	at := h.at
	next, more := h.Next()
	if !more {
		f.heads = slices.Delete(f.heads, i, i+1)
	}
	h.at = next
	return f.c.hold(at)
}

// open begins the lists.
func (f *facts) open() error {
	within, err := f.c.span()
	if err != nil {
		return err
	}
	for _, name := range f.names {
		w := item.Walk(name, f.c.known, within)
		w.Desc = true
		if !f.c.at.IsZero() {
			w.From = &posting.Place{Key: f.c.at.UnixNano(), Fact: item.AnySeq}
		}
		list := w.Open(f.c.tx)
		if at, more := list.Next(); more {
			f.heads = append(f.heads, &headOf{list, at})
		}
	}
	f.names = nil
	return nil
}

// span reads the span of the position, once.
func (c *composer) span() (*posting.Span, error) {
	if c.within == nil {
		within, err := item.SpanAt(c.tx, c.known)
		if err != nil {
			return nil, err
		}
		c.within = within
	}
	return c.within, nil
}

func (c *composer) hold(at posting.Place) (*held, error) {
	row, err := item.ReadRow(c.tx, at.Fact, c.known)
	if err != nil {
		return nil, err
	}
	it, err := row.Item()
	if err != nil {
		return nil, err
	}
	return &held{Item: it, row: row, at: at}, nil
}
