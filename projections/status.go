package projections

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store/viewdb"
)

// Status reads what stands: at an occurrence time, or now where when is zero,
// as known at a position. An answer changes only as plans become overdue, so it
// is composed once for as long as none does.
func (e *Engine) Status(_ context.Context, at Reading, when time.Time) (StatusAnswer, error) {
	var answer StatusAnswer
	err := e.view(func(r *reader) error {
		s, err := r.status(at, when)
		if err != nil {
			return err
		}
		answer.Stamp = r.stamp(at)
		head := *s
		head.Position, head.Known = answer.Position.String(), answer.Known.String()
		head.Complete, head.Quarantined = answer.Complete, answer.Quarantined
		answer.JSON, err = json.Marshal(head, json.Deterministic(true), json.FormatNilSliceAsNull(false))
		if err != nil {
			return fmt.Errorf("encode status: %w", err)
		}
		return nil
	})
	return answer, err
}

type statusKey struct {
	seq    uint64
	at     time.Time // in UTC; zero is now
	pinned bool
}

// composed is a status, and between which instants its plans stand as they do
// in it.
type composed struct {
	status      *Status
	after, upTo int64 // Unix nanoseconds; the first is left out
}

// status composes what stands, or finds it composed.
func (r *reader) status(at Reading, when time.Time) (*Status, error) {
	at.Pinned = at.Pinned || at.Now.IsZero()
	judge, err := r.judge(at, at.Now)
	if err != nil {
		return nil, err
	}
	key := statusKey{seq: at.Seq, at: when.UTC(), pinned: at.Pinned}
	if s, ok := r.statuses.Get(key); ok && s.after < judge.UnixNano() && judge.UnixNano() <= s.upTo {
		return s.status, nil
	}
	c := composer{tx: r.tx, known: at.Seq, at: when, judge: judge, status: newStatus(r.summit), after: math.MinInt64, upTo: math.MaxInt64}
	if !when.IsZero() {
		c.status.At = &events.Instant{Time: when}
	}
	if err := c.compose(); err != nil {
		return nil, fmt.Errorf("compose status at %d: %w", at.Seq, err)
	}
	if len(c.status.Warnings) <= keptWarnings {
		r.statuses.Add(key, composed{c.status, c.after, c.upTo})
	}
	return c.status, nil
}

// keptWarnings is the most contradictions of a status that is kept: hundreds of
// statuses are, and a log that contradicts itself without end must not fill the
// memory with them.
const keptWarnings = 1000

func newStatus(summit string) *Status {
	return &Status{
		Summit: summit, Phase: "opened", Aircraft: []AircraftStatus{}, Delegations: []DelegationStatus{}, Meetings: []MeetingStatus{},
		Sites: []SiteStatus{}, Agenda: []AgendaStatus{}, Positions: []PositionStatus{}, Warnings: []Conflict{},
	}
}

// composer reads the slots of every entity and says what they come to.
type composer struct {
	tx     *viewdb.Tx
	known  uint64
	at     time.Time // occurrence time; zero is now
	judge  time.Time
	status *Status

	after, upTo int64 // see composed
}

// held is a fact that a slot holds.
type held struct {
	*item
	row itemRow
	key int64
}

func (c *composer) compose() error {
	for entity, slots := range c.entities() {
		var err error
		switch entity.Kind {
		case events.KindAircraft:
			err = c.aircraft(entity)
		case events.KindDelegation:
			err = c.delegation(entity)
		case events.KindMeeting:
			err = c.meeting(entity)
		case events.KindSite:
			err = c.site(entity, slots)
		case events.KindTopic:
			err = c.topic(entity, slots)
		}
		if err != nil {
			return err
		}
	}
	if err := c.delegates(); err != nil {
		return err
	}
	var err error
	if c.status.Warnings, err = conflictsAt(c.tx, c.known); err != nil {
		return err
	}
	return c.phase()
}

// entities goes through the entities that have a slot by then, with the names
// of the slots, in the order of their names.
func (c *composer) entities() func(yield func(events.Entity, []string) bool) {
	return func(yield func(events.Entity, []string) bool) {
		var now events.Entity
		var slots []string
		for k, v := range c.tx.Scan(tableSlots, viewdb.Range{}) {
			entity, slot, ok := splitSlot(string(k))
			if !ok || seqOf(v) > c.known {
				continue
			}
			if entity != now && len(slots) > 0 {
				if !yield(now, slots) {
					return
				}
				slots = nil
			}
			now, slots = entity, append(slots, slot)
		}
		if len(slots) > 0 {
			yield(now, slots)
		}
	}
}

// splitSlot reads the name of a list of a slot or of plans: the entity, and
// the slot or the class of the plans.
func splitSlot(list string) (events.Entity, string, bool) {
	rest := strings.TrimPrefix(list, listSlot)
	if rest == list {
		rest = strings.TrimPrefix(list, listPlan)
	}
	kind, rest, _ := strings.Cut(rest, "/")
	id, slot, ok := strings.Cut(rest, "/")
	return events.Entity{Kind: events.Kind(kind), ID: id}, slot, ok
}

// walkSlot goes through the facts of a slot, the latest first.
func (c *composer) walkSlot(entity events.Entity, slot string) func(yield func(held, error) bool) {
	w := walk{list: slotList(entity.String(), slot), known: c.known, desc: true}
	if !c.at.IsZero() {
		w.from = &place{key: c.at.UnixNano(), fact: anySeq}
	}
	return c.walkList(w)
}

func (c *composer) walkList(w walk) func(yield func(held, error) bool) {
	return func(yield func(held, error) bool) {
		for p, err := range w.postings(c.tx) {
			if err != nil {
				yield(held{}, err)
				return
			}
			row, err := readRow(c.tx, p.fact, c.known)
			if err != nil {
				yield(held{}, err)
				return
			}
			it, err := row.item()
			if !yield(held{item: it, row: row, key: p.key}, err) || err != nil {
				return
			}
		}
	}
}

// looksBack is how many facts of a slot are looked at where the times of the
// last ones leave their order open, or where one does not say all.
const looksBack = 8

// last are the facts of a slot that count, the deciding one first. Facts whose
// intervals leave open which came later are put in the natural course of
// things: a departure of which only an upper bound is known does not follow
// the landing that it must precede.
func (c *composer) last(entity events.Entity, slot string) ([]held, error) {
	var list []held
	for h, err := range c.walkSlot(entity, slot) {
		if err != nil {
			return nil, err
		}
		if list = append(list, h); len(list) == looksBack {
			break
		}
	}
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
	return list, nil
}

// open says whether two moments leave open which came first: each could have
// been before the other. A moment of which nothing is known is taken to be
// where it was put.
func open(a, b events.Moment) bool {
	if _, ok := a.Key(); !ok {
		return false
	}
	if _, ok := b.Key(); !ok {
		return false
	}
	aFrom, aTo, aLow, aHigh := a.Bounds()
	bFrom, bTo, bLow, bHigh := b.Bounds()
	aFirst := !aLow || !bHigh || !aFrom.After(bTo)
	bFirst := !bLow || !aHigh || !bFrom.After(aTo)
	return aFirst && bFirst
}

// standing judges a fact, and notes for how long it stands so.
func (c *composer) standing(h held) string {
	if due := h.row.overdueAt; due != 0 {
		if c.judge.UnixNano() > due {
			c.after = max(c.after, due)
		} else {
			c.upTo = min(c.upTo, due)
		}
	}
	return h.row.standing(c.judge)
}

func since(h held) *events.Moment { return h.shownMoment() }

// phase is how far the talks of the summit are.
func (c *composer) phase() error {
	closed := false
	for _, err := range c.walkSlot(events.Entity{Kind: events.KindSummit, ID: c.status.Summit}, slotClosed) {
		if err != nil {
			return err
		}
		closed = true
		break
	}
	states := map[string]int{}
	talks := 0
	for _, m := range c.status.Meetings {
		if m.Kind == "talks" {
			talks++
			states[m.State]++
		}
	}
	switch {
	case closed:
		c.status.Phase = "closed"
	case states[stateUnderWay] > 0:
		c.status.Phase = stateUnderWay
	case states[stateScheduled] > 0:
		c.status.Phase = stateScheduled
	case states[stateEnded] > 0:
		c.status.Phase = "concluded"
	case talks > 0:
		c.status.Phase = stateCancelled
	}
	return nil
}
