package projections

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
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
	c := composer{tx: r.tx, version: r.head.Version, known: at.Seq, at: when, judge: judge, status: newStatus(r.summit), after: math.MinInt64, upTo: math.MaxInt64}
	if !when.IsZero() {
		c.status.At = &events.Instant{Time: when}
	}
	if err := c.compose(); err != nil {
		return nil, fmt.Errorf("compose status at %d: %w", at.Seq, err)
	}
	r.statuses.Add(key, composed{c.status, c.after, c.upTo})
	return c.status, nil
}

func newStatus(summit string) *Status {
	return &Status{
		Summit: summit, Phase: "opened", Aircraft: []AircraftStatus{}, Delegations: []DelegationStatus{}, Meetings: []MeetingStatus{},
		Sites: []SiteStatus{}, Agenda: []AgendaStatus{}, Positions: []PositionStatus{}, Warnings: []Conflict{},
	}
}

// composer reads the slots of every entity and says what they come to.
type composer struct {
	tx      *viewdb.Tx
	version int // of the views that are read
	known   uint64
	at      time.Time // occurrence time; zero is now
	judge   time.Time
	status  *Status

	after, upTo int64 // see composed
}

func (c *composer) compose() error {
	delegations := map[string]*DelegationStatus{}
	for _, of := range c.entities() {
		var err error
		switch of.entity.Kind {
		case events.KindAircraft:
			err = c.aircraft(of)
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
		}
		if err != nil {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(delegations)) {
		c.status.Delegations = append(c.status.Delegations, *delegations[id])
	}
	var err error
	if c.status.Warnings, err = conflictsAt(c.tx, c.known); err != nil {
		return err
	}
	return c.phase()
}

// standing judges a fact, and notes for how long it stands so.
func (c *composer) standing(h *held) string {
	if due := h.row.overdueAt; due != 0 {
		if c.judge.UnixNano() > due {
			c.after = max(c.after, due)
		} else {
			c.upTo = min(c.upTo, due)
		}
	}
	return h.row.standing(c.judge)
}

// phase is how far the talks of the summit are.
func (c *composer) phase() error {
	closed := false
	summit := events.Entity{Kind: events.KindSummit, ID: c.status.Summit}
	for _, err := range c.walkList(slotList(summit.String(), slotClosed)) {
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
