// Package status composes what stands: for each entity, from the facts in its
// slots that count at a moment, as known at a position. It compares two such
// statuses by what was touched between them. A file is a list of the status or a
// step of its making, so that there are many.
package status

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/message"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/posting"
	"github.com/summit-timeline/summit/projections/internal/read"
	"github.com/summit-timeline/summit/store/viewdb"
)

// Answer reads what stands: at an occurrence time, or now where when is zero, as
// known at a position. It changes only as plans become overdue, so it is composed
// once for as long as none does.
func (r *Reader) Answer(ctx context.Context, at read.AsOf, when time.Time) (answer Answer, err error) {
	s, err := r.status(ctx, at, when, nil)
	if err != nil {
		return answer, err
	}
	answer.Stamp = r.Stamp(at)
	whole := s.headed(answer.Stamp)
	if whole.Warnings, err = r.warnings(ctx, at); err != nil {
		return answer, err
	}
	answer.JSON, err = json.Marshal(whole, json.Deterministic(true), json.FormatNilSliceAsNull(false))
	if err != nil {
		return answer, fmt.Errorf("encode status: %w", err)
	}
	answer.JSON = message.SealedJSON(answer.JSON)
	return answer, nil
}

// warnings reads the contradictions that stand, in the words of a language.
func (r *Reader) warnings(ctx context.Context, at read.AsOf) ([]item.Conflict, error) {
	tell := r.Teller(at.Language, at.Seq)
	return item.ConflictsAt(ctx, r.Tx, at.Seq, tell.In, tell.Called)
}

// headed returns a status with the stamp of an answer.
func (s Status) headed(stamp read.Stamp) Status {
	s.Position, s.Known = stamp.Position.String(), stamp.Known.String()
	s.Complete, s.Quarantined = stamp.Complete, stamp.Quarantined
	return s
}

// Key says which status is kept.
type Key struct {
	seq    uint64
	at     time.Time // in UTC; zero is now
	pinned bool
	phase  bool   // of the phase alone
	lists  string // the lists that it has; "" is all
}

// composed is a status, and between which instants its plans stand as they do
// in it.
type composed struct {
	status      *Status
	after, upTo int64 // Unix nanoseconds; the first is left out
	weight      int   // about how many bytes it takes
}

// status composes what stands, or finds it composed: so many of its lists as are asked
// for at least, or all where none is named.
func (r *Reader) status(ctx context.Context, at read.AsOf, when time.Time, lists []string) (*Status, error) {
	at.Pinned = at.Pinned || at.Now.IsZero()
	present, err := r.Present(at, at.Now)
	if err != nil {
		return nil, err
	}
	key := Key{seq: at.Seq, at: when.UTC(), pinned: at.Pinned}
	for _, of := range []string{"", strings.Join(slices.Sorted(slices.Values(lists)), " ")} {
		key.lists = of
		if s, ok := r.Statuses.get(key); ok && s.after < present.UnixNano() && present.UnixNano() <= s.upTo {
			return s.status, nil
		}
	}
	c := r.composer(ctx, at.Seq, present)
	c.at, c.only = when, lists
	if !when.IsZero() {
		c.status.At = &events.Instant{Time: when}
	}
	made, carried, err := r.carry(c)
	if carried {
		key.lists = ""
	} else if err == nil {
		err = c.compose()
		made = composed{c.status, c.after, c.upTo, weigh(c.status)}
	}
	if err != nil {
		return nil, fmt.Errorf("compose status at %d: %w", at.Seq, err)
	}
	r.Statuses.add(key, made)
	return made.status, nil
}

// composer begins a status of all that is known at a position.
func (r *Reader) composer(ctx context.Context, known uint64, present time.Time) *composer {
	return &composer{
		ctx: ctx, tx: r.Tx, version: r.Head.Version, known: known, present: present,
		status: New(r.Summit), after: math.MinInt64, upTo: math.MaxInt64, passages: map[string]passage{}, legs: map[string]leg{},
	}
}

// New returns a status in which nothing is known.
func New(summit string) *Status {
	return &Status{
		Summit: summit, Phase: "opened", Aircraft: []AircraftStatus{}, Delegations: []DelegationStatus{}, Meetings: []MeetingStatus{},
		Vehicles: []VehicleStatus{}, Sites: []SiteStatus{}, Agenda: []AgendaStatus{}, Positions: []PositionStatus{},
		Documents: []DocumentStatus{}, Measures: []MeasureStatus{}, Incidents: []IncidentStatus{}, Warnings: []item.Conflict{},
	}
}

// composer reads the slots of every entity and says what they come to.
type composer struct {
	ctx     context.Context // of who reads it
	tx      *viewdb.Tx
	version int // of the views that are read
	known   uint64
	within  *posting.Span // see span; nil until it is asked for
	at      time.Time     // occurrence time; zero is now
	present time.Time
	status  *Status
	only    []string // which lists are composed; empty is all
	brief   bool     // whether of a meeting its kind and its state are enough

	after, upTo int64 // see composed

	passages map[string]passage // of who travels, that were found
	legs     map[string]leg     // of carriers
}

func (c *composer) compose() error {
	if err := c.entries(c.listed()); err != nil {
		return err
	}
	talks := talksOf(c.status.Meetings)
	var err error
	if len(c.only) > 0 && !slices.Contains(c.only, "meetings") {
		if talks, err = c.talks(nil); err != nil {
			return err
		}
	}
	c.status.Phase, err = c.phase(talks)
	return err
}

// listed returns the entities of the lists that are composed.
func (c *composer) listed() []*lists {
	if len(c.only) == 0 {
		return c.entities("")
	}
	kinds := map[events.Kind]bool{}
	for _, s := range sections {
		if slices.Contains(c.only, s.member) {
			for _, k := range s.kinds {
				kinds[k] = true
			}
		}
	}
	var all []*lists
	for k := range kinds {
		all = append(all, c.entities(string(k)+"/")...)
	}
	slices.SortFunc(all, func(a, b *lists) int { return compareEntities(a.entity, b.entity) })
	return all
}

// entries adds what stands of entities.
func (c *composer) entries(list []*lists) error {
	delegations := map[string]*DelegationStatus{}
	for _, of := range list {
		err := c.ctx.Err()
		if err != nil {
			return err
		}
		switch of.entity.Kind {
		case events.KindAircraft:
			err = c.aircraft(of)
		case events.KindVehicle:
			err = c.vehicle(of)
		case events.KindDelegation:
			err = c.delegation(of, delegations)
		case events.KindPerson:
			err = c.delegate(of, delegations)
		case events.KindMeeting:
			err = c.meeting(of)
		case events.KindSite:
			err = c.site(of)
		case events.KindTopic:
			err = c.topic(of)
		case events.KindDocument:
			err = c.document(of)
		case events.KindMeasure:
			err = c.measure(of)
		case events.KindIncident:
			err = c.incident(of)
		}
		if err != nil {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(delegations)) {
		c.status.Delegations = append(c.status.Delegations, *delegations[id])
	}
	return nil
}

// standing judges a fact, and notes for how long it stands so.
func (c *composer) standing(h *held) string {
	if due := h.row.OverdueAt; due != 0 {
		if c.present.UnixNano() > due {
			c.after = max(c.after, due)
		} else {
			c.upTo = min(c.upTo, due)
		}
	}
	return h.row.Standing(c.present)
}

// talks counts the talks of the summit by their state, but those that are left
// out.
func (c *composer) talks(but map[events.Entity]bool) (map[string]int, error) {
	list := c.entities(string(events.KindMeeting) + "/")
	list = slices.DeleteFunc(list, func(l *lists) bool { return but[l.entity] })
	brief := *c
	brief.brief, brief.status = true, New(c.status.Summit)
	err := brief.entries(list)
	return talksOf(brief.status.Meetings), err
}

// Phase returns how far the talks are as known at a position: time alone changes
// nothing about it.
func (r *Reader) Phase(ctx context.Context, known uint64) (string, error) {
	key := Key{seq: known, phase: true}
	if s, ok := r.Statuses.get(key); ok {
		return s.status.Phase, nil
	}
	c := r.composer(ctx, known, time.Time{})
	states, err := c.talks(nil)
	if err != nil {
		return "", fmt.Errorf("compose the phase at %d: %w", known, err)
	}
	if c.status.Phase, err = c.phase(states); err != nil {
		return "", fmt.Errorf("compose the phase at %d: %w", known, err)
	}
	r.Statuses.add(key, composed{status: &Status{Phase: c.status.Phase}, weight: 1 << 10})
	return c.status.Phase, nil
}

// talksOf counts the talks of the summit by their state.
func talksOf(meetings []MeetingStatus) map[string]int {
	states := map[string]int{}
	for _, m := range meetings {
		if m.Kind == "talks" {
			states[m.State]++
		}
	}
	return states
}

// phase returns how far the talks of the summit are, of which there are so many in
// each state.
func (c *composer) phase(talks map[string]int) (string, error) {
	summit := events.Entity{Kind: events.KindSummit, ID: c.status.Summit}
	if closed, err := c.facts(item.SlotList(summit.String(), item.SlotClosed)).next(); closed != nil || err != nil {
		return "closed", err
	}
	switch {
	case talks[stateUnderWay]+talks[statePaused] > 0:
		return stateUnderWay, nil
	case talks[stateScheduled] > 0:
		return stateScheduled, nil
	case talks[stateEnded] > 0:
		return "concluded", nil
	case len(talks) > 0:
		return stateCancelled, nil
	}
	return "opened", nil
}
