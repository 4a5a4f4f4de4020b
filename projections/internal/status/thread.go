package status

import (
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/objects"
	"github.com/summit-timeline/summit/projections/internal/rules"
)

// thread is the facts that bear on one state of an entity, in the order in which
// they count, the last word first: what is actual by occurrence, before that what
// was announced. It reads no further than it is asked.
type thread struct {
	c      *composer
	of     *lists
	slots  []string
	read   []*held
	more   *courseOf // not read yet
	err    error
	facts  []string // ids of those it was taken from
	counts map[string]bool
}

// thread threads slots of what is actual and classes of what was announced.
func (c *composer) thread(of *lists, slots, classes []string) *thread {
	return &thread{
		c: c, of: of, slots: slots, facts: []string{}, counts: map[string]bool{},
		more: c.courseOf(of.entity.String(), both(slots, of.slots), both(classes, of.plans)),
	}
}

// begin threads the facts of an entity in a slot, with all that was announced. It
// returns the thread and the fact that the state rests on, or nil if there is none.
func (c *composer) begin(of *lists, slot string) (*thread, *held) {
	t := c.thread(of, []string{slot}, of.plans)
	h := t.first()
	if h != nil {
		t.cite(h)
	}
	return t, h
}

// both returns the names that are in two lists.
func both(names, there []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !slices.Contains(there, n) })
}

// looksBack is how many facts of a slot are looked at where the times of the
// last ones leave their order open.
const looksBack = 8

// courseOf goes through the actual facts and the announcements of an entity. Of the last actual ones, those
// whose intervals leave open which came later are put in the natural course of
// things: a departure of which only an upper bound is known does not follow the
// landing that it must precede.
type courseOf struct {
	actual, announced *facts
	ready             []*held // come next
	older             []*held // files of the first version have announcements among what is actual
	part              func() error
}

func (c *composer) courseOf(entity string, slots, classes []string) *courseOf {
	o := &courseOf{actual: c.facts(), announced: c.facts()}
	for _, s := range slots {
		o.actual.names = append(o.actual.names, item.SlotList(entity, s))
	}
	for _, class := range classes {
		o.announced.names = append(o.announced.names, item.PlanList(entity, class))
	}
	o.part = o.lastActual
	return o
}

// next returns the next fact; nil after the last.
func (o *courseOf) next() (*held, error) {
	for len(o.ready) == 0 && o.part != nil {
		if err := o.part(); err != nil {
			return nil, err
		}
	}
	if len(o.ready) == 0 {
		return nil, nil
	}
	h := o.ready[0]
	o.ready = o.ready[1:]
	return h, nil
}

// lastActual reads the last actual facts.
func (o *courseOf) lastActual() error {
	var last []*held
	for len(last) < looksBack {
		h, err := o.nextActual()
		if err != nil {
			return err
		}
		if h == nil {
			break
		}
		last = append(last, h)
	}
	o.ready, o.part = inCourse(last), o.earlierActual
	return nil
}

// earlierActual reads the actual facts before those, one at a time.
func (o *courseOf) earlierActual() error {
	h, err := o.nextActual()
	if h == nil || err != nil {
		o.ready, o.part = o.older, o.announcements
		return err
	}
	o.ready = append(o.ready, h)
	return nil
}

// announcements reads what was announced, one at a time.
func (o *courseOf) announcements() error {
	h, err := o.announced.next()
	if h == nil || err != nil {
		o.part = nil
		return err
	}
	o.ready = append(o.ready, h)
	return nil
}

// nextActual returns the next actual fact; announcements are put aside.
func (o *courseOf) nextActual() (*held, error) {
	for {
		h, err := o.actual.next()
		if h == nil || err != nil || !h.Announces() {
			return h, err
		}
		o.older = append(o.older, h)
	}
}

// inCourse puts the fact first that decides.
func inCourse(list []*held) []*held {
	best := 0
	for i := 1; i < len(list); i++ {
		if !leavesFrom(list[0], list[i]) && open(list[0].Moment(), list[i].Moment()) && item.Course(list[i].Data) > item.Course(list[best].Data) {
			best = i
		}
	}
	if best > 0 {
		h := list[best]
		copy(list[1:best+1], list[:best])
		list[0] = h
	}
	return list
}

// leavesFrom reports whether a fact is the departure from the place at which another is
// the landing: then it follows, whatever the times leave open.
func leavesFrom(out, in *held) bool {
	return takesOff(out.Item) && rules.SamePlace(events.PlaceOf(out.Data), events.PlaceOf(in.Data))
}

// open reports whether two moments leave open which came first: each could have
// been before the other. A best time is the instant, as in the timeline.
// A moment of which nothing is known is taken to be where it was put.
func open(a, b events.Moment) bool {
	if _, ok := a.Key(); !ok {
		return false
	}
	if _, ok := b.Key(); !ok {
		return false
	}
	aFrom, aTo, aLow, aHigh := ends(a)
	bFrom, bTo, bLow, bHigh := ends(b)
	aFirst := !aLow || !bHigh || !aFrom.After(bTo)
	bFirst := !bLow || !aHigh || !bFrom.After(aTo)
	return aFirst && bFirst
}

// ends returns the bounds of a moment; a best time is both.
func ends(m events.Moment) (from, to time.Time, low, high bool) {
	if !m.Best.IsZero() {
		return m.Best.Time, m.Best.Time, true, true
	}
	return m.Bounds()
}

// all goes through the facts.
func (t *thread) all(yield func(*held) bool) {
	for i := 0; t.at(i) != nil; i++ {
		if !yield(t.at(i)) {
			return
		}
	}
}

// at returns a fact of the thread; nil beyond its end.
func (t *thread) at(i int) *held {
	for len(t.read) <= i {
		h, err := t.more.next()
		if err != nil {
			t.err = err
		}
		if h == nil {
			return nil
		}
		t.read = append(t.read, h)
	}
	return t.read[i]
}

// first returns the fact that decides the state; nil where there is none.
func (t *thread) first() *held { return t.at(0) }

// cite notes that what is shown rests on a fact.
func (t *thread) cite(h *held) {
	if !t.counts[h.ID] {
		t.counts[h.ID] = true
		t.facts = append(t.facts, h.ID)
	}
}

// take reads a member of data as the last fact that has it gives it: one that
// leaves it out says nothing, null takes it back.
func (t *thread) take(name string, into any) { t.seek(name, into, func(*held) bool { return true }) }

// takeOfLeg reads a member that ends with the next departure. It returns the fact that
// speaks of it; nil where none does.
func (t *thread) takeOfLeg(name string, into any) *held {
	departed := false
	return t.seek(name, into, func(h *held) bool {
		within := !departed
		departed = departed || takesOff(h.Item)
		return within
	})
}

// takesOff reports whether something or somebody left: a new leg begins.
func takesOff(it *item.Item) bool {
	switch it.Data.(type) {
	case *events.AircraftDeparted, *events.VehicleDeparted, *events.DelegateDeparted, *events.DelegationDeparted:
		return !it.Announces()
	}
	return false
}

// seek takes a member from a fact up to the first that is not within. It returns the
// fact that speaks of it, be it to take it back.
func (t *thread) seek(name string, into any, within func(*held) bool) *held {
	if !t.given(name) {
		return nil
	}
	for h := range t.all {
		if !within(h) {
			return nil
		}
		v, err := h.member(name)
		if err != nil {
			t.err = err
			return nil
		}
		if v == nil {
			continue
		}
		t.cite(h)
		if jsontext.Value(v).Kind() == 'n' {
			return h
		}
		if err := json.Unmarshal(v, into); err != nil {
			t.err = fmt.Errorf("read %s of %s: %w", name, h.ID, err)
		}
		return h
	}
	return nil
}

// given reports whether any fact may give a member. Files of the first version do
// not say: there, the few last facts are looked at.
func (t *thread) given(name string) bool {
	if t.c.version < item.VersionOfMembers {
		return true
	}
	for _, s := range t.slots {
		if t.of.given[s+"/"+name] {
			return true
		}
	}
	return false
}

// member returns the text of a member of data that a status shows; nil where the fact
// leaves it out.
func (h *held) member(name string) ([]byte, error) {
	if h.members == nil {
		h.members = map[string][]byte{}
		err := objects.EachMember(h.row.Data(), func(name string, d *jsontext.Decoder) error {
			if !item.Carried[name] {
				return d.SkipValue()
			}
			v, err := d.ReadValue()
			h.members[name] = v.Clone()
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("read the data of %s: %w", h.ID, err)
		}
	}
	return h.members[name], nil
}

// name falls back to an id where the fact that gave the name does not hold any
// more.
func name(given, id string) string {
	if given == "" {
		return id
	}
	return given
}
