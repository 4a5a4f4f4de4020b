package feeds

import (
	"cmp"
	"slices"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/google/uuid"

	"github.com/summit-timeline/summit/cmd/internal/locale"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// Meeting is a meeting as the status has it: an entry of its "meetings".
type Meeting struct {
	ID       string          `json:"id"`
	Title    string          `json:"title"`
	State    string          `json:"state"`
	When     *events.Moment  `json:"when"`    // the actual time once it has begun
	Planned  *events.Moment  `json:"planned"` // the plan, once it has begun
	Place    *events.Place   `json:"place"`
	Places   []*events.Place `json:"places"` // where there are several
	Previous []events.Moment `json:"previous"`
	Standing string          `json:"standing"`
}

// calendarMeetings returns each meeting once, whatever is the first fact about it.
// The status is read once, when the first is met.
type calendarMeetings struct {
	f    Feed
	all  map[string]Meeting
	told map[string]bool
}

func isOfMeeting(it item) bool { return strings.HasPrefix(it.Entity, string(events.KindMeeting)+"/") }

func (c *calendarMeetings) eventOf(it item) (*ics.VEvent, error) {
	if c.told[it.Entity] {
		return nil, nil
	}
	c.told[it.Entity] = true
	if c.all == nil {
		var err error
		if c.all, err = c.f.Meetings(); err != nil {
			return nil, err
		}
	}
	return c.f.meetingEvent(it.Entity, c.all)
}

// meeting is one event of a calendar, which keeps its identity however often it changes:
// the meeting as the status has it, and the facts that were recorded about it.
type meeting struct {
	Meeting
	stands bool   // whether the status has it
	facts  []item // in the order of recording
	lead   item   // the one that the event tells of
}

// earlierShown is how many replaced times an event lists.
const earlierShown = 10

// breaksShown is how many of the last breaks and ends an event lists.
const breaksShown = 20

// meetingEvent returns a meeting as an event of the calendar, or nil if no time was ever
// given.
func (f Feed) meetingEvent(entity string, all map[string]Meeting) (*ics.VEvent, error) {
	var m meeting
	_, id, _ := strings.Cut(entity, "/")
	m.Meeting, m.stands = all[id]
	for it, err := range decoded(f.Entity(entity)) {
		if err != nil {
			return nil, err
		}
		m.facts = append(m.facts, it)
	}
	slices.SortFunc(m.facts, func(a, b item) int { return cmp.Compare(a.Seq, b.Seq) })
	start, end, timed := m.span()
	if !timed {
		return nil, nil
	}
	m.lead = m.current()
	e := f.entry(f.uid(entity), m.shown(), start, end)
	e.SetStatus(m.status())
	e.SetDescription(m.description(f))
	if m.Place == nil && len(m.Places) > 0 {
		e.SetLocation(line(placeNames(m.Places)))
	}
	touch(e, m.facts)
	return e, nil
}

// uid returns the identity of the event, which never changes.
func (f Feed) uid(entity string) string {
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte(f.Summary.Known.Epoch+"/"+f.Summary.ID+"/"+entity)).String()
}

// current returns the fact that says how far the meeting is: that it began or was
// cancelled, else the plan that stands, else the last plan, else the first fact.
func (m *meeting) current() item {
	current, best := m.facts[0], 0
	for _, it := range m.facts {
		if rank := m.rank(it); rank > 0 && rank >= best {
			current, best = it, rank
		}
	}
	return current
}

// rank orders facts by how much they say about how far the meeting is; 0 says nothing.
func (m *meeting) rank(it item) int {
	stands := it.Standing != projections.StandingRetracted
	switch {
	case stands && m.began() && it.Type == events.TypeMeetingStarted && !it.planned(),
		stands && m.State == "cancelled" && it.Type == events.TypeMeetingCancelled:
		return 4
	case !isPlan(it):
		return 0
	case !stands:
		return 1
	case it.Standing == projections.StandingSuperseded:
		return 2
	}
	return 3
}

func isPlan(it item) bool {
	return it.Type == events.TypeMeetingScheduled || it.Type == events.TypeMeetingRescheduled
}

// began reports whether at least a part of the meeting has taken place.
func (m *meeting) began() bool {
	return m.State == "under_way" || m.State == "paused" || m.State == "ended"
}

// lost reports whether the meeting has no time any more.
func (m *meeting) lost() bool {
	_, _, timed := span(m.When)
	return !timed
}

// span returns when the meeting takes place: the time in the status, else the last time
// that was ever given. The end of a meeting that has begun is known once it has ended.
func (m *meeting) span() (start, end time.Time, timed bool) {
	start, end, timed = span(m.When)
	for n := len(m.facts) - 1; n >= 0 && !timed; n-- {
		if it := m.facts[n]; isPlan(it) || it.Type == events.TypeMeetingStarted {
			start, end, timed = span(it.When)
		}
	}
	if m.began() {
		end = m.ended()
	}
	return start, end, timed
}

// ended returns when the meeting ended. It is zero if the meeting goes on or the time is
// not known.
func (m *meeting) ended() (end time.Time) {
	for _, it := range m.facts {
		first, last, timed := span(it.When)
		if m.State != "ended" || it.Type != events.TypeMeetingEnded || it.Standing == projections.StandingRetracted || !timed {
			continue
		}
		if end = last; last.IsZero() {
			end = first
		}
	}
	return end
}

// breaks returns the interruptions, resumptions and ends of the meeting, in the order in
// which they happened.
func (m *meeting) breaks() []item {
	list := slices.DeleteFunc(slices.Clone(m.facts), func(it item) bool {
		_, _, timed := span(it.When)
		return it.Standing == projections.StandingRetracted || it.planned() || !timed || keyOf(it) == ""
	})
	slices.SortStableFunc(list, func(a, b item) int {
		at, _ := a.When.Key()
		other, _ := b.When.Key()
		return at.Compare(other)
	})
	return list
}

// keyOf returns the key of the text about an interruption or an end.
func keyOf(it item) string {
	switch it.Type {
	case events.TypeMeetingPaused:
		return "feed.paused"
	case events.TypeMeetingResumed:
		return "feed.resumed"
	case events.TypeMeetingEnded:
		return "feed.ended"
	}
	return ""
}

// shown returns the fact with the place and time of the status, whichever fact gave
// them.
func (m *meeting) shown() item {
	it := m.lead
	if m.stands {
		it.When, it.Where = m.When, m.Place
	}
	if m.Title != "" {
		it.Headline = m.Title
	}
	return it
}

// status returns the status of the meeting. A meeting that has no plan any more, or was
// moved to an unknown time, is cancelled: it does not take place at the time in the
// calendar.
func (m *meeting) status() ics.ObjectStatus {
	switch {
	case m.State == "cancelled", !m.stands:
		return ics.ObjectStatusCancelled
	case m.began():
		return ics.ObjectStatusConfirmed
	case m.lost():
		return ics.ObjectStatusCancelled
	}
	return status(m.Standing)
}

func (m *meeting) description(f Feed) string {
	var b strings.Builder
	it := m.shown()
	if it.Headline != m.lead.Headline {
		b.WriteString(clean(m.lead.Headline) + "\n")
	}
	if m.stands {
		f.line(&b, "feed.state", f.word("state", m.State))
	}
	if m.stands && m.lost() && !m.began() {
		b.WriteString(string(f.say("feed.moved")) + "\n")
	}
	if m.Planned != nil {
		f.line(&b, "feed.planned", locale.Words(f.Clock.Moment(m.Planned)))
	}
	for _, t := range m.Previous[:min(earlierShown, len(m.Previous))] {
		f.line(&b, "feed.before", locale.Words(f.Clock.Moment(&t)))
	}
	if m.began() {
		breaks := m.breaks()
		for _, it := range breaks[max(0, len(breaks)-breaksShown):] {
			f.line(&b, keyOf(it), locale.Words(f.Clock.Moment(it.When)))
		}
	}
	return b.String() + f.body(it)
}
