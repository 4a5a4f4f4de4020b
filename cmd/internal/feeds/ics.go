package feeds

import (
	"bytes"
	"fmt"
	"io"
	"time"

	ics "github.com/arran4/golang-ical"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// layout is that of RFC 5545: the library's own line end is that of the system.
func layout() *ics.SerializationConfiguration {
	return &ics.SerializationConfiguration{MaxLength: 75, PropertyMaxLength: 75, NewLine: "\r\n"}
}

// calendarTypes are the types of facts in a calendar: meetings, arrivals and
// departures.
func calendarTypes() []string {
	return []string{
		"meeting.*", events.TypeAircraftDeparted, events.TypeAircraftLanded, events.TypeVehicleDeparted, events.TypeVehicleArrived,
		events.TypeDelegateArrived, events.TypeDelegateDeparted, events.TypeDelegationArrived, events.TypeDelegationDeparted,
	}
}

var formatICS = Format{
	Ending: "ics", Media: "text/calendar; charset=utf-8", Types: calendarTypes(), Write: writeICS,
	Doc: "RFC 5545. It has meetings, arrivals and departures.",
}

// writeICS writes RFC 5545: an event for each arrival and departure that has a
// time, planned or not, and one for all facts about a meeting, which is moved and
// called off in place. Times of change come from the log, so that the same
// reading gives the same bytes.
func writeICS(w io.Writer, f Feed) error {
	head, tail, err := f.calendar()
	if err != nil {
		return err
	}
	if _, err := w.Write(head); err != nil {
		return fmt.Errorf("write the calendar: %w", err)
	}
	meetings := calendarMeetings{f: f, told: map[string]bool{}}
	moves := calendarMoves{f: f, open: map[string][]*move{}, told: map[string]bool{}}
	for it, err := range decoded(f.Items) {
		if err != nil {
			return err
		}
		events := moves.eventOf
		if isOfMeeting(it) {
			events = meetings.eventOf
		}
		event, err := events(it)
		if err != nil {
			return err
		}
		if event == nil {
			continue // it has no time, or is no matter for a calendar
		}
		if err := event.SerializeTo(w, layout()); err != nil {
			return fmt.Errorf("write an event: %w", err)
		}
	}
	if _, err := w.Write(tail); err != nil {
		return fmt.Errorf("write the calendar: %w", err)
	}
	return nil
}

// calendar returns what stands before the events and what after them. It holds a
// time zone, for a calendar must hold something.
func (f Feed) calendar() (head, tail []byte, err error) {
	c := ics.NewCalendar()
	c.SetProductId("-//summit-timeline//summit//EN")
	c.SetName(f.title())
	c.SetCalscale("GREGORIAN")
	c.SetLastModified(f.Updated)
	utc := c.AddTimezone("UTC").AddStandard()
	utc.SetProperty(ics.ComponentPropertyDtStart, "16010101T000000")
	utc.SetProperty(ics.ComponentProperty(ics.PropertyTzoffsetfrom), "+0000")
	utc.SetProperty(ics.ComponentProperty(ics.PropertyTzoffsetto), "+0000")
	var b bytes.Buffer
	if err := c.SerializeTo(&b, layout()); err != nil {
		return nil, nil, fmt.Errorf("write the calendar: %w", err)
	}
	tail = []byte("END:VCALENDAR\r\n")
	return bytes.TrimSuffix(b.Bytes(), tail), tail, nil
}

// entry has what every event has. It takes nobody's time: it is there to be
// looked at.
func (f Feed) entry(uid string, it item, start, end time.Time) *ics.VEvent {
	e := ics.NewEvent(uid)
	e.SetStartAt(start)
	if end.After(start) {
		e.SetEndAt(end)
	}
	e.SetSummary(f.headline(it), inLanguage(f.languageOfHeadline(it)))
	e.SetURL(f.permalink(it))
	e.SetTimeTransparency(ics.TransparencyTransparent)
	e.AddProperty(ics.ComponentPropertyCategories, it.Type)
	if place := it.Where.Title(); place != "" {
		e.SetLocation(line(place))
	}
	if it.Where.Known() {
		ics.SetGeo(e, degrees(it.Where.Lat), degrees(it.Where.Lon))
	}
	return e
}

// inLanguage is the parameter that says in which language a text is (RFC 5545, section
// 3.2.10).
func inLanguage(tag string) ics.PropertyParameter {
	return &ics.KeyValues{Key: "LANGUAGE", Value: []string{tag}}
}

// touch reports how often an entry has changed, and when: it is SEQUENCE that a calendar
// goes by.
func touch(e *ics.VEvent, facts []item) {
	changes, last := touched(facts)
	e.SetSequence(changes - 1)
	e.SetCreatedTime(facts[0].Recorded.Time)
	e.SetDtStampTime(last)
	e.SetLastModifiedAt(last)
}

// touched counts the events that touch facts, of which there are only ever more, and
// finds when the last was recorded.
func touched(facts []item) (changes int, last time.Time) {
	for _, it := range facts {
		changes += 1 + len(it.Amendments)
		if u := it.updated(); u.After(last) {
			last = u
		}
	}
	return changes, last
}

// status returns how sure an entry is: confirmed only on two independent words. What
// was retracted, or planned again, is called off, never gone.
func status(standing string) ics.ObjectStatus {
	switch standing {
	case projections.StandingRetracted, projections.StandingSuperseded:
		return ics.ObjectStatusCancelled
	case projections.StandingCorroborated:
		return ics.ObjectStatusConfirmed
	}
	return ics.ObjectStatusTentative
}

// span is what a moment covers in a calendar; the description says how sure it
// is. The end is zero if none is known: none is invented.
func span(m *events.Moment) (start, end time.Time, timed bool) {
	if m == nil {
		return start, end, false
	}
	switch {
	case !m.Best.IsZero():
		return m.Best.Time, end, true
	case !m.Earliest.IsZero():
		return m.Earliest.Time, m.Latest.Time, true
	case !m.Latest.IsZero():
		return m.Latest.Time, end, true
	}
	return start, end, false
}
