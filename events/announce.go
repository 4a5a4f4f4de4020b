package events

import "time"

// Announces reports whether a payload is an announcement: a meeting scheduled,
// rescheduled or cancelled, and any fact of phase planned. The time of such an
// event is when it was announced, not when what it announces is to happen: that
// stands in when.
func Announces(p Payload) bool {
	switch p.(type) {
	case *MeetingScheduled, *MeetingRescheduled, *MeetingCancelled:
		return true
	}
	return PhaseOf(p) == PhasePlanned
}

// Announced returns when an announcement was made. It is false for what is no
// announcement, where the event has no time, and where that time lies after the
// event was recorded: older logs may hold such a time, and it is ignored.
func (e Event) Announced() (time.Time, bool) {
	if e.Time.IsZero() || !Announces(e.Data) || e.late(e.Recorded.Time) {
		return time.Time{}, false
	}
	return e.Time.Time, true
}

func (e Event) late(recorded time.Time) bool { return !recorded.IsZero() && e.Time.After(recorded) }

// CheckAnnounced returns a fault if an event is an announcement that was made
// only after the instant at which it is recorded. Whoever stamps an event asks
// before it is stamped.
func CheckAnnounced(e Event, recorded time.Time) error {
	if e.Time.IsZero() || !Announces(e.Data) || !e.late(recorded) {
		return nil
	}
	var faults Faults
	faults.add("/time", "is %s, which is after the time of recording (%s): the time of an announcement is when it was made; put the planned time in data.when",
		e.Time, Instant{Time: recorded})
	return faults
}
