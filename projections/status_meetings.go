package projections

import "github.com/summit-timeline/summit/events"

// The states of a meeting.
const (
	stateScheduled = "scheduled"
	stateUnderWay  = "under_way"
	stateEnded     = "ended"
	stateCancelled = "cancelled"
)

func (c *composer) meeting(entity events.Entity) error {
	runs, err := c.last(entity, slotRun)
	if err != nil {
		return err
	}
	s := MeetingStatus{ID: entity.ID, State: stateScheduled, Participants: []string{}, Previous: []events.Moment{}, Facts: []string{}}
	if err := c.schedule(entity, &s); err != nil {
		return err
	}
	if len(runs) > 0 {
		m := runs[0]
		s.Standing = c.standing(m)
		s.Facts = append(s.Facts, m.id)
		switch m.data.(type) {
		case *events.MeetingStarted:
			s.State = stateUnderWay
		case *events.MeetingEnded:
			s.State = stateEnded
		case *events.MeetingCancelled:
			s.State = stateCancelled
		}
	}
	if len(s.Facts) > 0 {
		c.status.Meetings = append(c.status.Meetings, s)
	}
	return nil
}

// schedule adds the current plan, which is the last recorded, and the times of
// those before it.
func (c *composer) schedule(entity events.Entity, s *MeetingStatus) error {
	g := group{entity: entity, class: classSchedule}
	seen := 0
	for h, err := range c.walkList(walk{list: g.list(), known: c.known, desc: true}) {
		if err != nil {
			return err
		}
		d := h.data.(interface{ Plan() *events.Schedule }).Plan()
		if seen == 0 {
			s.Title, s.Kind, s.Place, s.When, s.Standing = d.Title, d.Kind, d.Place, since(h), c.standing(h)
		} else if m := since(h); m != nil {
			s.Previous = append(s.Previous, *m)
		}
		if len(s.Participants) == 0 && len(d.Participants) > 0 {
			s.Participants = d.Participants
		}
		s.Facts = append(s.Facts, h.id)
		if seen++; seen == looksBack {
			break
		}
	}
	return nil
}
