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

// layout is the one of RFC 5545: by default the library ends lines as the system does.
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

// writeICS writes RFC 5545: one event for each arrival and departure with a time, planned
// or not, and one event for all facts about a meeting, which is moved and cancelled in
// place. Times of change come from the log, so that the same reading gives the same
// bytes.
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

// calendar returns the text before the events and the text after them. It contains a
// time zone, because a calendar must contain at least one component.
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

// entry adds the properties that every event has. An event does not mark the owner of
// the calendar as busy.
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

// inLanguage returns the parameter that names the language of a text (RFC 5545, section
// 3.2.10).
func inLanguage(tag string) ics.PropertyParameter {
	return &ics.KeyValues{Key: "LANGUAGE", Value: []string{tag}}
}

// touch sets how often an entry has changed, and when. Calendars compare SEQUENCE to
// find the newer version.
func touch(e *ics.VEvent, facts []item) {
	changes, last := touched(facts)
	e.SetSequence(changes - 1)
	e.SetCreatedTime(facts[0].Recorded.Time)
	e.SetDtStampTime(last)
	e.SetLastModifiedAt(last)
}

// touched counts the events that touch facts, and returns when the last was recorded.
// The count only grows.
func touched(facts []item) (changes int, last time.Time) {
	for _, it := range facts {
		changes += 1 + len(it.Amendments)
		if u := it.updated(); u.After(last) {
			last = u
		}
	}
	return changes, last
}

// status returns the status of an entry. It is confirmed if two independent sources
// say so. A fact that was retracted, or replaced by another plan, is cancelled: an entry
// that somebody has is never removed.
func status(standing string) ics.ObjectStatus {
	switch standing {
	case projections.StandingRetracted, projections.StandingSuperseded:
		return ics.ObjectStatusCancelled
	case projections.StandingCorroborated:
		return ics.ObjectStatusConfirmed
	}
	return ics.ObjectStatusTentative
}

// span returns when a moment begins and ends in a calendar. The end is zero if it is not
// known.
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
