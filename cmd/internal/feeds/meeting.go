package feeds

import (
	"fmt"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/google/uuid"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// meeting gathers the facts about one meeting, which is one event of a calendar
// for as long as anybody has it.
type meeting struct {
	plan           item // the last that stands, else the last
	planned, stood bool // whether there is a plan, and one that stands
	start, end     time.Time
	timed, lost    bool     // whether it has a time, and whether a later plan has none
	earlier        []string // the times of plans that were replaced
	began          bool     // whether start is that of the meeting itself
	changes        int      // events that touch it: only ever more
	created        time.Time
	updated        time.Time
}

// earlierShown is how many replaced times an event tells.
const earlierShown = 10

// meetingEvent is a meeting in the calendar; nil where no time was ever given.
func (f Feed) meetingEvent(entity string) (*ics.VEvent, error) {
	var m meeting
	for it, err := range decoded(f.Entity(entity)) {
		if err != nil {
			return nil, err
		}
		m.add(f, it)
	}
	if !m.timed {
		return nil, nil
	}
	states, err := f.States()
	if err != nil {
		return nil, err
	}
	_, id, _ := strings.Cut(entity, "/")
	e := f.entry(f.uid(entity), m.plan, m.start, m.end)
	e.SetSequence(m.changes - 1)
	e.SetStatus(m.status(states[id]))
	e.SetDescription(m.description(f, states[id]))
	e.SetCreatedTime(m.created)
	e.SetDtStampTime(m.updated)
	e.SetLastModifiedAt(m.updated)
	return e, nil
}

// uid is the same for a meeting whatever is said of it.
func (f Feed) uid(entity string) string {
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte(f.Summary.Known.Epoch+"/"+f.Summary.ID+"/"+entity)).String()
}

// add takes the next fact, in the order of recording.
func (m *meeting) add(f Feed, it item) {
	if m.changes == 0 {
		m.created = it.Recorded.Time
	}
	m.changes += 1 + len(it.Amendments)
	if u := it.updated(); u.After(m.updated) {
		m.updated = u
	}
	stands := it.Standing != projections.StandingRetracted
	switch it.Type {
	case events.TypeMeetingScheduled, events.TypeMeetingRescheduled:
		if stands || !m.stood {
			m.replan(f, it, stands)
		}
	case events.TypeMeetingStarted:
		if stands {
			m.begin(it)
		}
	case events.TypeMeetingEnded:
		if _, last, timed := whole(it.When); stands && timed && last.After(m.start) {
			m.end = last
		}
	}
	if !m.planned && m.plan.Fact == "" {
		m.plan = it // somebody speaks of it before it is scheduled
	}
}

func (m *meeting) replan(f Feed, it item, stands bool) {
	if m.planned && m.timed && len(m.earlier) < earlierShown {
		m.earlier = append(m.earlier, f.Clock.Moment(m.plan.When))
	}
	m.plan, m.planned, m.stood = it, true, stands
	start, end, timed := span(it.When)
	m.lost = !timed && m.timed
	if timed && !m.began {
		m.start, m.end, m.timed = start, end, true
	}
}

func (m *meeting) begin(it item) {
	if start, _, timed := span(it.When); timed {
		m.start, m.end, m.timed, m.began, m.lost = start, time.Time{}, true, true, false
	}
}

// whole is the interval of a moment; a single known instant is both its ends.
func whole(when *events.Moment) (first, last time.Time, timed bool) {
	first, last, timed = span(when)
	if last.IsZero() {
		last = first
	}
	return first, last, timed
}

// status of the meeting: one that has no plan any more, or is moved to a time
// nobody knows, does not take place when the calendar says.
func (m *meeting) status(state string) ics.ObjectStatus {
	switch {
	case state == "cancelled", m.planned && !m.stood && !m.began, m.lost:
		return ics.ObjectStatusCancelled
	case state == "under_way", state == "ended":
		return ics.ObjectStatusConfirmed
	}
	return status(m.plan.Standing)
}

func (m *meeting) description(f Feed, state string) string {
	var b strings.Builder
	if state != "" {
		fmt.Fprintf(&b, "State: %s\n", strings.ReplaceAll(state, "_", " "))
	}
	if m.lost {
		b.WriteString("It was moved, and no time is known.\n")
	}
	for _, t := range m.earlier {
		fmt.Fprintf(&b, "Before that: %s\n", clean(t))
	}
	return b.String() + f.body(m.plan)
}
