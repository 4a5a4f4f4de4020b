package status

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/message"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/keys"
	"github.com/summit-timeline/summit/projections/internal/objects"
	"github.com/summit-timeline/summit/projections/internal/read"
)

// Changes passes to take, in the order of their paths, what stood otherwise at two
// positions, after a path where one is given, until take wants no more. It composes what was
// touched between them, not two statuses: the entities on which something was
// recorded and those of which a plan became overdue meanwhile; beside them,
// where that can differ, the phase and the warnings.
func (r *Reader) Changes(ctx context.Context, tell *read.Teller, since uint64, after string, take func(objects.Difference) (more bool)) error {
	if r.Head.Version < item.VersionOfIndexes {
		return r.WholeChanges(ctx, tell, since, after, take)
	}
	return r.compare(ctx, tell, since, after, take, (*comparison).touchedOnly)
}

// WholeChanges does the same by composing two whole statuses: files of the first
// version do not tell what was touched.
func (r *Reader) WholeChanges(ctx context.Context, tell *read.Teller, since uint64, after string, take func(objects.Difference) (more bool)) error {
	return r.compare(ctx, tell, since, after, take, (*comparison).whole)
}

func (r *Reader) compare(ctx context.Context, tell *read.Teller, since uint64, after string, take func(objects.Difference) (more bool), how func(*comparison) error) error {
	x, err := r.compareAt(ctx, since, tell.Known())
	if err != nil {
		return err
	}
	x.after, x.tells, x.words = tokens(after), take, tell
	if err := how(x); err != nil {
		return fmt.Errorf("compare the status at %d and at %d: %w", since, tell.Known(), err)
	}
	return nil
}

func (x *comparison) touchedOnly() error {
	if err := x.touch(); err != nil {
		return err
	}
	return x.sections()
}

// whole compares two whole statuses.
func (x *comparison) whole() error {
	for _, c := range []*composer{x.was, x.now} {
		if err := c.compose(); err != nil {
			return err
		}
	}
	more, err := x.tell("")
	if err == nil && more {
		_, err = x.contradictions(true)
	}
	return err
}

// section is a member of a status, and the kinds of entities that are in it.
type section struct {
	member string
	kinds  []events.Kind
	within bool // whether one entity may be within the entry of another
}

// sections are in the order of their names.
var sections = []section{
	{member: "agenda", kinds: []events.Kind{events.KindTopic}},
	{member: "aircraft", kinds: []events.Kind{events.KindAircraft}},
	{member: "delegations", kinds: []events.Kind{events.KindDelegation, events.KindPerson}, within: true},
	{member: "documents", kinds: []events.Kind{events.KindDocument}},
	{member: "incidents", kinds: []events.Kind{events.KindIncident}},
	{member: "measures", kinds: []events.Kind{events.KindMeasure}},
	{member: "meetings", kinds: []events.Kind{events.KindMeeting}},
	{member: "phase"},
	{member: "positions", kinds: []events.Kind{events.KindTopic}},
	{member: "sites", kinds: []events.Kind{events.KindSite}},
	{member: "vehicles", kinds: []events.Kind{events.KindVehicle}},
	{member: "warnings"},
}

// sections goes through the members of the status.
func (x *comparison) sections() error {
	for _, s := range sections {
		if len(x.after) > 0 && s.member < x.after[0] {
			continue
		}
		var more bool
		var err error
		switch s.member {
		case "phase":
			more, err = x.phases()
		case "warnings":
			more, err = x.contradictions(false)
		default:
			more, err = x.entries(s)
		}
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// atOnce is how many entities are compared at once.
const atOnce = 64

// entries compares the touched entities of a member, some at a time.
func (x *comparison) entries(s section) (more bool, err error) {
	list := slices.DeleteFunc(slices.Collect(maps.Keys(x.touched)), func(e events.Entity) bool {
		return !slices.Contains(s.kinds, e.Kind) || !s.within && x.passed(s.member, e.ID)
	})
	slices.SortFunc(list, compareEntities)
	size := atOnce
	if s.within {
		size = max(len(list), 1)
	}
	for some := range slices.Chunk(list, size) {
		if err := x.compose(some); err != nil {
			return false, err
		}
		if s.within {
			if err := x.evenDelegations(); err != nil {
				return false, err
			}
		}
		if more, err := x.tell(s.member); err != nil || !more {
			return more, err
		}
	}
	return true, nil
}

// passed reports whether the pages before had all of an entry.
func (x *comparison) passed(member, id string) bool {
	return len(x.after) > 1 && x.after[0] == member && id < x.after[1]
}

// tell compares what was composed of a member, or of all where none is named, and
// begins anew.
func (x *comparison) tell(member string) (more bool, err error) {
	list, err := Differences(x.was.status, x.now.status)
	if err != nil {
		return false, err
	}
	x.was.status, x.now.status = New(x.Summit), New(x.Summit)
	for _, d := range list {
		path := tokens(d.Path)
		if (member == "" || member == path[0]) && slices.Compare(path, x.after) > 0 && !x.tells(d) {
			return false, nil
		}
	}
	return true, nil
}

// tokens returns the names in a JSON Pointer, by which paths stand in order.
func tokens(path string) []string {
	if path == "" {
		return nil
	}
	names := strings.Split(path[1:], "/")
	for i, n := range names {
		names[i] = strings.ReplaceAll(strings.ReplaceAll(n, "~1", "/"), "~0", "~")
	}
	return names
}

// Differences lists the values that differ between two statuses, by path.
func Differences(was, now *Status) ([]objects.Difference, error) {
	a, err := json.Marshal(was, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("encode status: %w", err)
	}
	b, err := json.Marshal(now, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("encode status: %w", err)
	}
	return (&objects.Differ{Unnamed: true}).Differences("", message.SealedJSON(a), message.SealedJSON(b))
}

// comparison is of what stood at two positions, of the entities in touched.
type comparison struct {
	*Reader
	ctx      context.Context
	was, now *composer
	touched  map[events.Entity]bool
	after    []string // the path after which to begin; nil is from the first
	tells    func(objects.Difference) (more bool)
	words    *read.Teller
}

func (r *Reader) compareAt(ctx context.Context, since, until uint64) (*comparison, error) {
	x := &comparison{Reader: r, ctx: ctx, touched: map[events.Entity]bool{}}
	for c, known := range map[**composer]uint64{&x.was: since, &x.now: until} {
		present, err := r.Present(read.AsOf{Seq: known, Pinned: true}, time.Time{})
		if err != nil {
			return nil, err
		}
		*c = r.composer(ctx, known, present)
	}
	return x, nil
}

// compose adds what stood of entities.
func (x *comparison) compose(some []events.Entity) error {
	for _, c := range []*composer{x.was, x.now} {
		var list []*lists
		for _, e := range some {
			list = append(list, c.entities(e.String()+"/")...)
		}
		if err := c.entries(list); err != nil {
			return err
		}
	}
	return nil
}

// evenDelegations sees to delegations that stood at one of the positions alone
// by what was touched: one that stood at both for other reasons did not come or
// go.
func (x *comparison) evenDelegations() error {
	for _, side := range [][2]*composer{{x.was, x.now}, {x.now, x.was}} {
		for _, d := range side[0].status.Delegations {
			if slices.ContainsFunc(side[1].status.Delegations, func(o DelegationStatus) bool { return o.ID == d.ID }) {
				continue
			}
			stands, err := x.standsBesides(d.ID)
			if err != nil {
				return err
			}
			if stands {
				all := map[string]*DelegationStatus{}
				side[1].status.Delegations = append(side[1].status.Delegations, *delegationOf(all, d.ID))
			}
		}
	}
	return nil
}

// standsBesides reports whether a delegation stands by what was not touched: by
// itself, or for the sake of a delegate.
func (x *comparison) standsBesides(id string) (bool, error) {
	stands, err := x.standsBy(events.Entity{Kind: events.KindDelegation, ID: id}, id)
	if stands || err != nil {
		return stands, err
	}
	prefix := item.PartyNote(id, "")
	for k, v := range x.Tx.Scan(item.TableSlots, startingWith(prefix)) {
		person := string(k[len(prefix):])
		if keys.Uint64(v) > x.now.known || strings.Contains(person, "/") { // a party of another name
			continue
		}
		if stands, err := x.standsBy(events.Entity{Kind: events.KindPerson, ID: person}, id); stands || err != nil {
			return stands, err
		}
	}
	return false, nil
}

// standsBy reports whether an entity that was not touched makes a delegation
// stand: then it does so at both positions.
func (x *comparison) standsBy(e events.Entity, id string) (bool, error) {
	if x.touched[e] {
		return false, nil
	}
	c := x.Reader.composer(x.ctx, x.now.known, x.now.present)
	err := c.entries(c.entities(e.String() + "/"))
	return slices.ContainsFunc(c.status.Delegations, func(d DelegationStatus) bool { return d.ID == id }), err
}

// phases compares how far the talks were, where a meeting or the summit was
// touched so that it may matter.
func (x *comparison) phases() (more bool, err error) {
	var meetings []events.Entity
	for e := range x.touched {
		if e.Kind == events.KindMeeting {
			meetings = append(meetings, e)
		}
	}
	if err := x.compose(meetings); err != nil {
		return false, err
	}
	was, now := talksOf(x.was.status.Meetings), talksOf(x.now.status.Meetings)
	x.was.status, x.now.status = New(x.Summit), New(x.Summit)
	if maps.Equal(was, now) && !x.touched[events.Entity{Kind: events.KindSummit, ID: x.Summit}] {
		return true, nil
	}
	others, err := x.now.talks(x.touched)
	if err != nil {
		return false, err
	}
	for state, n := range others {
		was[state] += n
		now[state] += n
	}
	if x.was.status.Phase, err = x.was.phase(was); err != nil {
		return false, err
	}
	if x.now.status.Phase, err = x.now.phase(now); err != nil {
		return false, err
	}
	return x.tell("phase")
}

// contradictions compares what stood otherwise of each rule between the same facts: a
// contradiction that ended was, and one that came is now.
func (x *comparison) contradictions(all bool) (more bool, err error) {
	ended, came, err := item.ConflictsBetween(x.ctx, x.Tx, x.was.known, x.now.known, all, x.words.In, x.words.Called)
	if err != nil {
		return false, err
	}
	changes := conflictChanges(ended, came)
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		if len(x.after) > 1 && x.after[0] == "warnings" && name <= x.after[1] {
			continue
		}
		was, failed := json.Marshal(changes[name].was, json.Deterministic(true))
		now, err := json.Marshal(changes[name].now, json.Deterministic(true))
		if err = errors.Join(failed, err); err != nil {
			return false, fmt.Errorf("encode contradictions: %w", err)
		}
		if !x.tells(objects.Difference{Path: "/warnings/" + name, Was: was, Now: now}) {
			return false, nil
		}
	}
	return true, nil
}

// conflictChange is what changed of one rule between the same facts.
type conflictChange struct{ was, now []item.Conflict }

// conflictChanges returns what changed, by rule and facts. What ended and came again is
// no change.
func conflictChanges(ended, came []item.Conflict) map[string]*conflictChange {
	all := map[string]*conflictChange{}
	nameOf := func(c item.Conflict) string { return c.Rule + ":" + strings.Join(c.Facts, "+") }
	for _, c := range slices.Concat(ended, came) {
		all[nameOf(c)] = &conflictChange{[]item.Conflict{}, []item.Conflict{}}
	}
	for _, c := range ended {
		x := all[nameOf(c)]
		x.was = append(x.was, c)
	}
	for _, c := range came {
		x := all[nameOf(c)]
		if i := slices.IndexFunc(x.was, func(o item.Conflict) bool { return o.Detail == c.Detail && o.Severity == c.Severity }); i >= 0 {
			x.was = slices.Delete(x.was, i, i+1)
		} else {
			x.now = append(x.now, c)
		}
	}
	maps.DeleteFunc(all, func(_ string, x *conflictChange) bool { return len(x.was)+len(x.now) == 0 })
	return all
}
