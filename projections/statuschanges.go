package projections

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store/viewdb"
)

// statusChanges tells, in the order of their paths, what stood otherwise at two
// positions, after a path where one is given, until tell wants no more. It composes what was
// touched between them, not two statuses: the entities on which something was
// recorded and those of which a plan became overdue meanwhile; beside them,
// where that can differ, the phase and the warnings.
func (r *statusReader) statusChanges(ctx context.Context, since, until uint64, after string, tell func(Difference) (more bool)) error {
	if r.head.Version < versionOfIndexes {
		return r.wholeChanges(ctx, since, until, after, tell)
	}
	return r.compare(ctx, since, until, after, tell, (*comparison).touchedOnly)
}

// wholeChanges does the same by composing two whole statuses: files of the first
// version do not tell what was touched.
func (r *statusReader) wholeChanges(ctx context.Context, since, until uint64, after string, tell func(Difference) (more bool)) error {
	return r.compare(ctx, since, until, after, tell, (*comparison).whole)
}

func (r *statusReader) compare(ctx context.Context, since, until uint64, after string, tell func(Difference) (more bool), how func(*comparison) error) error {
	x, err := r.compareAt(ctx, since, until)
	if err != nil {
		return err
	}
	x.after, x.tells = tokens(after), tell
	if err := how(x); err != nil {
		return fmt.Errorf("compare the status at %d and at %d: %w", since, until, err)
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
		c.status.Warnings = nil // they are told as they are stored
	}
	more, err := x.tell("")
	if err == nil && more {
		_, err = x.contradictions()
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
	{member: "meetings", kinds: []events.Kind{events.KindMeeting}},
	{member: "phase"},
	{member: "positions", kinds: []events.Kind{events.KindTopic}},
	{member: "sites", kinds: []events.Kind{events.KindSite}},
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
			more, err = x.warnings()
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

// passed reports whether all that is told of an entry was told before.
func (x *comparison) passed(member, id string) bool {
	return len(x.after) > 1 && x.after[0] == member && id < x.after[1]
}

// tell compares what was composed of a member, or of all where none is named, and
// begins anew.
func (x *comparison) tell(member string) (more bool, err error) {
	list, err := statusDifferences(x.was.status, x.now.status)
	if err != nil {
		return false, err
	}
	x.was.status, x.now.status = newStatus(x.summit), newStatus(x.summit)
	for _, d := range list {
		path := tokens(d.Path)
		if (member == "" || member == path[0]) && slices.Compare(path, x.after) > 0 && !x.tells(d) {
			return false, nil
		}
	}
	return true, nil
}

// tokens are the names in a JSON Pointer, by which paths stand in order.
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

func statusDifferences(was, now *Status) ([]Difference, error) {
	a, err := json.Marshal(was, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("encode status: %w", err)
	}
	b, err := json.Marshal(now, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("encode status: %w", err)
	}
	return (&differ{unnamed: true}).differences("", a, b)
}

// comparison is of what stood at two positions, of the entities in touched.
type comparison struct {
	*statusReader
	ctx      context.Context
	was, now *composer
	touched  map[events.Entity]bool
	after    []string // the path after which is told; nil is from the first
	tells    func(Difference) (more bool)
}

func (r *statusReader) compareAt(ctx context.Context, since, until uint64) (*comparison, error) {
	x := &comparison{statusReader: r, ctx: ctx, touched: map[events.Entity]bool{}}
	for c, known := range map[**composer]uint64{&x.was: since, &x.now: until} {
		judge, err := r.judge(Reading{Seq: known, Pinned: true}, time.Time{})
		if err != nil {
			return nil, err
		}
		*c = r.composer(ctx, known, judge)
	}
	return x, nil
}

// touch finds the entities that may stand otherwise.
func (x *comparison) touch() error {
	facts, err := x.statusReader.touched(x.ctx, x.was.known, x.now.known)
	if err != nil {
		return err
	}
	for _, fact := range facts {
		if err := x.touchFact(fact); err != nil {
			return err
		}
	}
	if x.was.known == 0 {
		return nil // all that there is was touched
	}
	due := walk{
		list: listDeadline, known: x.now.known,
		from: &place{key: x.was.judge.UnixNano()}, to: &place{key: x.now.judge.UnixNano()},
	}
	for p := range due.postings(x.tx) {
		if err := x.touchFact(p.fact); err != nil {
			return err
		}
	}
	return nil
}

func (x *comparison) touchFact(fact uint64) error {
	if err := x.ctx.Err(); err != nil {
		return err
	}
	row, err := readRow(x.tx, fact, x.now.known)
	if err != nil {
		return err
	}
	name, err := entityIn(row.core)
	if err != nil {
		return err
	}
	entity, err := events.ParseEntity(string(name))
	if err != nil {
		return fmt.Errorf("read fact %d: %w", fact, err)
	}
	x.touched[entity] = true
	return nil
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
	prefix := partyNote(id, "")
	for k, v := range x.tx.Scan(tableSlots, startingWith(prefix)) {
		person := string(k[len(prefix):])
		if seqOf(v) > x.now.known || strings.Contains(person, "/") { // a party of another name
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
	c := x.statusReader.composer(x.ctx, x.now.known, x.now.judge)
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
	x.was.status, x.now.status = newStatus(x.summit), newStatus(x.summit)
	if maps.Equal(was, now) && !x.touched[events.Entity{Kind: events.KindSummit, ID: x.summit}] {
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

// warnings compares all contradictions that stood, where one came or ended.
func (x *comparison) warnings() (more bool, err error) {
	between := viewdb.Range{From: seqKey(x.was.known + 1), To: seqKey(x.now.known + 1)}
	_, _, came := x.tx.Cursor(tableConflicts, between).Next()
	_, _, ended := x.tx.Cursor(tableEnded, between).Next()
	if !came && !ended {
		return true, nil
	}
	return x.contradictions()
}

func (x *comparison) contradictions() (more bool, err error) {
	if len(x.after) > 0 && x.after[0] == "warnings" {
		return true, nil
	}
	was, err := conflictsJSON(x.ctx, x.tx, x.was.known)
	if err != nil {
		return false, err
	}
	now, err := conflictsJSON(x.ctx, x.tx, x.now.known)
	if err != nil || bytes.Equal(was, now) {
		return err == nil, err
	}
	return x.tells(Difference{Path: "/warnings", Was: was, Now: now}), nil
}
