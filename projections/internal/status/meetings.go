package status

import (
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
)

// The states of a meeting.
const (
	stateScheduled = "scheduled"
	stateUnderWay  = "under_way"
	statePaused    = "paused"
	stateEnded     = "ended"
	stateCancelled = "cancelled"
)

func (c *composer) meeting(of *lists) error {
	t, m := c.begin(of, item.SlotRun)
	if m == nil {
		return t.err
	}
	s := MeetingStatus{ID: of.entity.ID, Participants: []string{}, Previous: []events.Moment{}}
	s.State, s.Standing = meetingState(m), c.standing(m)
	t.take("kind", &s.Kind)
	s.Kind = events.MeetingKind(s.Kind)
	if c.brief {
		c.status.Meetings = append(c.status.Meetings, s)
		return t.err
	}
	t.take("title", &s.Title)
	t.take("level", &s.Level)
	t.take("place", &s.Place)
	t.take("places", &s.Places)
	t.take("participants", &s.Participants)
	if err := c.plans(of, t, &s); err != nil {
		return err
	}
	if !m.Announces() {
		s.Planned, s.When = s.When, began(t)
	}
	s.Title, s.Facts = name(s.Title, s.ID), t.facts
	c.status.Meetings = append(c.status.Meetings, s)
	return t.err
}

func meetingState(h *held) string {
	switch {
	case h.CallsOff():
		return stateCancelled
	case h.Announces():
		return stateScheduled
	}
	switch h.Data.(type) {
	case *events.MeetingEnded:
		return stateEnded
	case *events.MeetingPaused:
		return statePaused
	}
	return stateUnderWay
}

// began returns when a meeting that has begun did so, as far as is known.
func began(t *thread) *events.Moment {
	for h := range t.all {
		if _, start := h.Data.(*events.MeetingStarted); start && !h.Announces() {
			t.cite(h)
			return h.ShownMoment()
		}
		if h.Announces() {
			break
		}
	}
	return t.first().ShownMoment()
}

// plansBeginning reports whether an announcement says when a meeting is to begin.
func plansBeginning(h *held) bool {
	switch h.Data.(type) {
	case *events.MeetingPaused, *events.MeetingResumed, *events.MeetingEnded:
		return false
	}
	return !h.CallsOff()
}

// previousShown is how many earlier times of a meeting are shown.
const previousShown = 100

// plans adds the planned time that holds, and those before it.
func (c *composer) plans(of *lists, t *thread, s *MeetingStatus) error {
	plans := c.thread(of, nil, of.plans)
	current := true
	for h := range plans.all {
		if !plansBeginning(h) {
			continue
		}
		v, err := h.member("when")
		if err != nil {
			return err
		}
		if v == nil {
			continue
		}
		t.cite(h)
		m := h.ShownMoment()
		switch {
		case h.Data.Base().When == nil, m == nil: // it says no time
		case current:
			s.When = m
		default:
			s.Previous = append(s.Previous, *m)
		}
		if current = false; len(s.Previous) == previousShown {
			break
		}
	}
	return plans.err
}
