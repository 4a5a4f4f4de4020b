package projections

import (
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
)

// thread is the facts that bear on one state of an entity, in the order in which
// they count, the last word first: what is actual by occurrence, before that what
// was announced. It reads no further than it is asked.
type thread struct {
	c      *composer
	of     *lists
	slots  []string
	read   []*held
	next   func() (*held, error, bool)
	stop   func()
	err    error
	facts  []string // ids of those it was taken from
	counts map[string]bool
}

// thread threads slots of what is actual and classes of what was announced. Who
// asks for it stops it.
func (c *composer) thread(of *lists, slots, classes []string) *thread {
	t := &thread{c: c, of: of, slots: slots, facts: []string{}, counts: map[string]bool{}}
	t.next, t.stop = iter.Pull2(c.inOrder(of.entity.String(), both(slots, of.slots), both(classes, of.plans)))
	return t
}

// both are the names that are in two lists.
func both(names, there []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !slices.Contains(there, n) })
}

// looksBack is how many facts of a slot are looked at where the times of the
// last ones leave their order open.
const looksBack = 8

// inOrder goes through actual facts and announcements. Of the last actual ones,
// those whose intervals leave open which came later are put in the natural course
// of things: a departure of which only an upper bound is known does not follow
// the landing that it must precede.
func (c *composer) inOrder(entity string, slots, classes []string) iter.Seq2[*held, error] {
	actual, announced := make([]string, len(slots)), make([]string, len(classes))
	for i, s := range slots {
		actual[i] = slotList(entity, s)
	}
	for i, class := range classes {
		announced[i] = planList(entity, class)
	}
	return func(yield func(*held, error) bool) {
		var older []*held // files of the first version have announcements among what is actual
		if !settled(c.walkLists(actual), &older, yield) {
			return
		}
		for _, h := range older {
			if !yield(h, nil) {
				return
			}
		}
		c.walkLists(announced)(yield)
	}
}

// settled goes through actual facts, the last of them in their natural course,
// and puts announcements aside.
func settled(facts iter.Seq2[*held, error], aside *[]*held, yield func(*held, error) bool) (more bool) {
	var last []*held
	open := true
	flush := func() bool {
		open = false
		for _, h := range inCourse(last) {
			if !yield(h, nil) {
				return false
			}
		}
		return true
	}
	for h, err := range facts {
		switch {
		case err != nil:
			yield(nil, err)
			return false
		case h.announces():
			*aside = append(*aside, h)
		case open && len(last) < looksBack:
			last = append(last, h)
		case open && !flush(), !yield(h, nil):
			return false
		}
	}
	return !open || flush()
}

// inCourse puts the fact first that decides.
func inCourse(list []*held) []*held {
	best := 0
	for i := 1; i < len(list); i++ {
		if open(list[0].moment(), list[i].moment()) && course(list[i].data) > course(list[best].data) {
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

// ends are the bounds of a moment; a best time is both.
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

// at is a fact of the thread; nil beyond its end.
func (t *thread) at(i int) *held {
	for len(t.read) <= i {
		h, err, more := t.next()
		if err != nil {
			t.err = err
		}
		if !more || err != nil {
			return nil
		}
		t.read = append(t.read, h)
	}
	return t.read[i]
}

// first is the fact that decides the state; nil where there is none.
func (t *thread) first() *held { return t.at(0) }

// rest notes that what is shown rests on a fact.
func (t *thread) rest(h *held) {
	if !t.counts[h.id] {
		t.counts[h.id] = true
		t.facts = append(t.facts, h.id)
	}
}

// take reads a member of data as the last fact that has it gives it: one that
// leaves it out says nothing, null takes it back.
func (t *thread) take(name string, into any) { t.seek(name, into, func(*held) bool { return true }) }

// takeOfLeg reads a member that ends with the next departure.
func (t *thread) takeOfLeg(name string, into any) {
	departed := false
	t.seek(name, into, func(h *held) bool {
		within := !departed
		departed = departed || takesOff(h.item)
		return within
	})
}

// takesOff reports whether an aircraft left: a new leg begins.
func takesOff(it *item) bool {
	_, out := it.data.(*events.AircraftDeparted)
	return out && !it.announces()
}

// seek takes a member from a fact up to the first that is not within.
func (t *thread) seek(name string, into any, within func(*held) bool) {
	if !t.given(name) {
		return
	}
	for h := range t.all {
		if !within(h) {
			return
		}
		v, err := h.member(name)
		if err != nil {
			t.err = err
			return
		}
		if v == nil {
			continue
		}
		t.rest(h)
		if jsontext.Value(v).Kind() == 'n' {
			return
		}
		if err := json.Unmarshal(v, into); err != nil {
			t.err = fmt.Errorf("read %s of %s: %w", name, h.id, err)
		}
		return
	}
}

// given says whether any fact may give a member. Files of the first version do
// not say: there, the few last facts are looked at.
func (t *thread) given(name string) bool {
	if t.c.version < versionOfMembers {
		return true
	}
	for _, s := range t.slots {
		if t.of.given[s+"/"+name] {
			return true
		}
	}
	return false
}

// member is the text of a member of data that a status shows; nil where the fact
// leaves it out.
func (h *held) member(name string) ([]byte, error) {
	if h.members == nil {
		h.members = map[string][]byte{}
		err := eachMember(h.row.data(), func(name string, d *jsontext.Decoder) error {
			if !carried[name] {
				return d.SkipValue()
			}
			v, err := d.ReadValue()
			h.members[name] = v.Clone()
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("read the data of %s: %w", h.id, err)
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
