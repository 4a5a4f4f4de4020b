package events

import "github.com/summit-timeline/summit/events/message"

// The types of facts about meetings.
const (
	TypeMeetingScheduled   = "meeting.scheduled"
	TypeMeetingRescheduled = "meeting.rescheduled"
	TypeMeetingStarted     = "meeting.started"
	TypeMeetingPaused      = "meeting.paused"
	TypeMeetingResumed     = "meeting.resumed"
	TypeMeetingEnded       = "meeting.ended"
	TypeMeetingCancelled   = "meeting.cancelled"
)

var (
	_ = register[MeetingScheduled](TypeMeetingScheduled, KindMeeting, "A meeting is planned; its time stands in when.",
		relaxed[meetingScheduledV1](), relaxed[meetingScheduledV2](), added("lang"), added("sealed", "unseal_at"))
	_ = register[MeetingRescheduled](TypeMeetingRescheduled, KindMeeting, "A meeting is moved; its new time stands in when.",
		relaxed[meetingRescheduledV1](), relaxed[meetingRescheduledV2](), added("lang"), added("sealed", "unseal_at"))
	_ = register[MeetingStarted](TypeMeetingStarted, KindMeeting, "A meeting begins.", relaxed[meetingV1](), added("lang"), added("sealed", "unseal_at"))
	_ = register[MeetingPaused](TypeMeetingPaused, KindMeeting, "A meeting is interrupted.", added("lang"), added("sealed", "unseal_at"))
	_ = register[MeetingResumed](TypeMeetingResumed, KindMeeting, "A meeting goes on after a break.", added("lang"), added("sealed", "unseal_at"))
	_ = register[MeetingEnded](TypeMeetingEnded, KindMeeting, "A meeting ends.", relaxed[meetingV1](), added("lang"), added("sealed", "unseal_at"))
	_ = register[MeetingCancelled](TypeMeetingCancelled, KindMeeting, "A meeting is called off.", relaxed[meetingV1](), added("lang"), added("sealed", "unseal_at"))
)

// MeetingKind returns the kind under which a meeting is shown: a dinner, as older
// events say, is a meal.
func MeetingKind(kind string) string {
	if kind == "dinner" {
		return "meal"
	}
	return kind
}

// Schedule is the plan for a meeting.
type Schedule struct {
	Title        string   `json:"title,omitzero" rule:"owed;max=200" doc:"What the meeting is called."`
	Kind         string   `json:"kind,omitzero" rule:"owed;enum=talks|call|press-conference|signing|ceremony|meal|photo|other|dinner" doc:"What sort of meeting; dinner is shown as meal."`
	Level        string   `json:"level,omitzero" rule:"enum=leaders|ministers|officials" doc:"Who meets."`
	Participants []string `json:"participants,omitzero" rule:"items=200;max=200" doc:"Who takes part, by name."`
	Place        *Place   `json:"place,omitzero" doc:"Where."`
	Places       []*Place `json:"places,omitzero" rule:"items=20" doc:"Where, if there are several places."`
	Given        []Given  `json:"given,omitzero" rule:"items=20" doc:"The time as each source gave it."`
}

// scheduleV2 is the plan as versions 1 and 2 of its types had it.
type scheduleV2 struct {
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

// MeetingScheduled plans a meeting.
type MeetingScheduled struct {
	Common
	Schedule
}

// meetingScheduledV1 had to say what and of what sort the meeting is.
type meetingScheduledV1 struct {
	Common
	scheduleV2 `rule:"require=title|kind"`
}

// meetingScheduledV2 knew fewer kinds, one place and no level.
type meetingScheduledV2 struct {
	Common
	scheduleV2
}

func (s *Schedule) place() *Place { return s.Place }

func (s *Schedule) names() []Name { return given(Name{"title", s.Title}) }

var (
	saysScheduled      = message.Define("meeting.scheduled", "{who} scheduled")
	saysScheduledAfter = message.Define("meeting.scheduled.after", "{who} scheduled to follow {other}")
	saysRescheduled    = message.Define("meeting.rescheduled", "{who} rescheduled")
	saysMovedAfter     = message.Define("meeting.rescheduled.after", "{who} rescheduled to follow {other}")
)

func (p *MeetingScheduled) headline(e Entity) message.Message {
	m := saysScheduled.With(who(p, e))
	if w := p.When; w != nil && w.After != "" {
		m = saysScheduledAfter.With(who(p, e), message.Entity(w.After))
	}
	return trailing(m, p.time())
}

// time returns the planned time in the words it was given in.
func (c *Common) time() string {
	if c.When == nil {
		return ""
	}
	return c.When.Text
}

// MeetingRescheduled moves a meeting.
type MeetingRescheduled struct {
	Common
	Schedule
	Reason string `json:"reason,omitzero" rule:"max=1000" doc:"Why."`
}

// meetingRescheduledV1 had to say all of the plan again.
type meetingRescheduledV1 struct {
	meetingRescheduledV2 `rule:"require=title|kind"`
}

// meetingRescheduledV2 knew fewer kinds, one place and no level.
type meetingRescheduledV2 struct {
	Common
	scheduleV2
	Reason string `json:"reason,omitzero" rule:"max=1000" doc:"Why."`
}

func (p *MeetingRescheduled) headline(e Entity) message.Message {
	m := saysRescheduled.With(who(p, e))
	if w := p.When; w != nil && w.After != "" {
		m = saysMovedAfter.With(who(p, e), message.Entity(w.After))
	}
	return trailing(m, p.time(), p.Reason)
}

// Participants returns who takes part in a meeting according to a payload, or nil if it says
// nothing of that.
func Participants(p Payload) []string {
	switch d := p.(type) {
	case *MeetingScheduled:
		return d.Participants
	case *MeetingRescheduled:
		return d.Participants
	case interface{ sitting() *Sitting }:
		return d.sitting().Participants
	}
	return nil
}

// Gathers returns who takes part in a meeting as a fact says, and whether it says
// anything of that, be it to take back what was said.
func Gathers(p Payload) (names []string, told bool) {
	if names = Participants(p); names != nil {
		return names, true
	}
	switch p.(type) {
	case *MeetingScheduled, *MeetingRescheduled, interface{ sitting() *Sitting }:
		return nil, contains(TakenBack(p), "participants")
	}
	return nil, false
}

// Sitting is what a fact says of a meeting that begins, pauses, continues, ends or is
// called off. What it leaves out stands as the plan gave it.
type Sitting struct {
	Common
	Title        string   `json:"title,omitzero" rule:"max=200" doc:"What the meeting is called."`
	Kind         string   `json:"kind,omitzero" rule:"enum=talks|call|press-conference|signing|ceremony|meal|photo|other|dinner" doc:"What sort of meeting; dinner is shown as meal."`
	Participants []string `json:"participants,omitzero" rule:"items=200;max=200" doc:"Who takes part, by name."`
	Place        *Place   `json:"place,omitzero" doc:"Where."`
	Reason       string   `json:"reason,omitzero" rule:"max=1000" doc:"Why."`
}

// meetingV1 said nothing but why.
type meetingV1 struct {
	Common
	Reason string `json:"reason,omitzero" rule:"max=1000" doc:"Why."`
}

func (s *Sitting) place() *Place { return s.Place }

func (s *Sitting) names() []Name { return given(Name{"title", s.Title}) }

var (
	saysBegins    = message.Define("meeting.started", "{who} under way")
	saysToBegin   = message.Define("meeting.started.planned", "{who} to begin")
	saysPauses    = message.Define("meeting.paused", "{who} paused")
	saysResumes   = message.Define("meeting.resumed", "{who} resumed")
	saysEnds      = message.Define("meeting.ended", "{who} ended")
	saysToEnd     = message.Define("meeting.ended.planned", "{who} to end")
	saysCalledOff = message.Define("meeting.cancelled", "{who} called off")
)

func (s *Sitting) sitting() *Sitting { return s }

// MeetingStarted is the fact that a meeting began.
type MeetingStarted struct{ Sitting }

func (p *MeetingStarted) headline(e Entity) message.Message {
	return trailing(phased(p, saysBegins, saysToBegin).With(who(p, e)), p.Reason)
}

// MeetingPaused is the fact that a meeting was interrupted.
type MeetingPaused struct{ Sitting }

func (p *MeetingPaused) headline(e Entity) message.Message {
	return trailing(saysPauses.With(who(p, e)), p.Reason)
}

// MeetingResumed is the fact that a meeting went on after a break.
type MeetingResumed struct{ Sitting }

func (p *MeetingResumed) headline(e Entity) message.Message {
	return trailing(saysResumes.With(who(p, e)), p.Reason)
}

// MeetingEnded is the fact that a meeting ended.
type MeetingEnded struct{ Sitting }

func (p *MeetingEnded) headline(e Entity) message.Message {
	return trailing(phased(p, saysEnds, saysToEnd).With(who(p, e)), p.Reason)
}

// MeetingCancelled is the fact that a meeting was called off.
type MeetingCancelled struct{ Sitting }

func (p *MeetingCancelled) headline(e Entity) message.Message {
	return trailing(saysCalledOff.With(who(p, e)), p.Reason)
}
