package events

import "cmp"

// The types of facts about meetings.
const (
	TypeMeetingScheduled   = "meeting.scheduled"
	TypeMeetingRescheduled = "meeting.rescheduled"
	TypeMeetingStarted     = "meeting.started"
	TypeMeetingEnded       = "meeting.ended"
	TypeMeetingCancelled   = "meeting.cancelled"
)

var (
	_ = register[MeetingScheduled](TypeMeetingScheduled, KindMeeting, "A meeting is planned; its time stands in when.", relaxed[meetingScheduledV1]())
	_ = register[MeetingRescheduled](TypeMeetingRescheduled, KindMeeting, "A meeting is moved; its new time stands in when.", relaxed[meetingRescheduledV1]())
	_ = register[MeetingStarted](TypeMeetingStarted, KindMeeting, "A meeting begins.")
	_ = register[MeetingEnded](TypeMeetingEnded, KindMeeting, "A meeting ends.")
	_ = register[MeetingCancelled](TypeMeetingCancelled, KindMeeting, "A meeting is called off.")
)

// Schedule is the plan for a meeting.
type Schedule struct {
	Title        string   `json:"title,omitzero" rule:"owed;max=200" doc:"What the meeting is called."`
	Kind         string   `json:"kind,omitzero" rule:"owed;enum=talks|press-conference|dinner|other" doc:"What sort of meeting."`
	Participants []string `json:"participants,omitzero" rule:"items=200;max=200" doc:"Who takes part, by name."`
	Place        *Place   `json:"place,omitzero" doc:"Where."`
	Given        []Given  `json:"given,omitzero" rule:"items=20" doc:"The time as each source gave it."`
}

// Given is a time as a source gave it, and the instant it names.
type Given struct {
	Text    string  `json:"text" rule:"required;max=200" doc:"The time in the source's words."`
	Zone    string  `json:"zone" rule:"required;zone" doc:"IANA zone it was given in."`
	Instant Instant `json:"instant" rule:"required" doc:"The instant it names."`
}

func (*Schedule) planned() {}

// Plan returns the schedule itself.
func (s *Schedule) Plan() *Schedule { return s }

func (s *Schedule) check(at string, f *Faults) { s.Place.validate(child(at, "place"), f) }

// MeetingScheduled plans a meeting.
type MeetingScheduled struct {
	Common
	Schedule
}

// meetingScheduledV1 had to say what and of what sort the meeting is.
type meetingScheduledV1 struct {
	Common
	Schedule `rule:"require=title|kind"`
}

func (p *MeetingScheduled) headline(called string) string {
	return cmp.Or(p.Title, called) + " is scheduled" + p.time()
}

// time returns the planned time in the words it was given in.
func (c *Common) time() string {
	switch {
	case c.When == nil:
		return ""
	case c.When.Text != "":
		return ": " + c.When.Text
	case c.When.After != "":
		return " after " + c.When.After
	}
	return ""
}

func (p *MeetingScheduled) validate(at string, f *Faults) {
	p.attributed(at, f)
	p.check(at, f)
}

// MeetingRescheduled moves a meeting.
type MeetingRescheduled struct {
	Common
	Schedule
	Reason string `json:"reason,omitzero" rule:"max=1000" doc:"Why."`
}

// meetingRescheduledV1 had to say all of the plan again.
type meetingRescheduledV1 struct {
	MeetingRescheduled `rule:"require=title|kind"`
}

func (p *MeetingRescheduled) headline(called string) string {
	return cmp.Or(p.Title, called) + " is rescheduled" + p.time() + because(p.Reason)
}

func (p *MeetingRescheduled) validate(at string, f *Faults) {
	p.attributed(at, f)
	p.check(at, f)
}

// MeetingStarted is the fact that a meeting began.
type MeetingStarted struct {
	Common
	Reason string `json:"reason,omitzero" rule:"max=1000" doc:"Why."`
}

func (p *MeetingStarted) headline(string) string { return "The meeting begins" + because(p.Reason) }

func (p *MeetingStarted) validate(at string, f *Faults) { p.attributed(at, f) }

// MeetingEnded is the fact that a meeting ended.
type MeetingEnded struct {
	Common
	Reason string `json:"reason,omitzero" rule:"max=1000" doc:"Why."`
}

func (p *MeetingEnded) headline(string) string { return "The meeting ends" + because(p.Reason) }

func (p *MeetingEnded) validate(at string, f *Faults) { p.attributed(at, f) }

// MeetingCancelled is the fact that a meeting was called off.
type MeetingCancelled struct {
	Common
	Reason string `json:"reason,omitzero" rule:"max=1000" doc:"Why."`
}

func (p *MeetingCancelled) headline(string) string {
	return "The meeting is called off" + because(p.Reason)
}

func (p *MeetingCancelled) validate(at string, f *Faults) { p.attributed(at, f) }
