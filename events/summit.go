package events

import (
	"reflect"

	"github.com/summit-timeline/summit/events/message"
)

// The types of facts about the summit itself.
const (
	TypeSummitOpened = "summit.opened"
	TypeSummitClosed = "summit.closed"
)

var _ = register[SummitOpened](TypeSummitOpened, KindSummit, "A summit is opened: position 1 of its log.", added("lang"))

// SummitOpened opens a summit.
type SummitOpened struct {
	Common
	Title  string   `json:"title" rule:"required;max=200" doc:"What the summit is called."`
	Zone   string   `json:"zone" rule:"required;zone" doc:"IANA time zone of the venue."`
	Zones  []string `json:"zones,omitzero" rule:"items=10;zone" doc:"More IANA zones to show."`
	Place  *Place   `json:"place,omitzero" doc:"The venue."`
	Starts Instant  `json:"starts,omitzero" doc:"Planned start."`
	Ends   Instant  `json:"ends,omitzero" doc:"Planned end."`
	// Parties take part; a delegation has the id of its party.
	Parties []Party `json:"parties" rule:"required;items=50" doc:"Who takes part."`
}

// Party is one side of a summit.
type Party struct {
	ID   string `json:"id" rule:"required;slug" doc:"Slug, such as us."`
	Name string `json:"name" rule:"required;max=200" doc:"What it is called."`
}

var saysOpened = message.Define("summit.opened", "{title} is opened")

func (p *SummitOpened) headline(Entity) message.Message {
	return saysOpened.With(message.Text(p.Title))
}

// Parties returns what the parties of a summit are called, by the entity under which
// [message.Namer] is asked for them: party/ID. It returns nothing of other payloads.
func Parties(p Payload) map[string]string {
	opened, opens := p.(*SummitOpened)
	if !opens {
		return nil
	}
	names := map[string]string{}
	for _, x := range opened.Parties {
		names[partyPrefix+x.ID] = x.Name
	}
	return names
}

const partyPrefix = "party/"

func (p *SummitOpened) place() *Place { return p.Place }

func (*SummitOpened) unsourced() {}

func (p *SummitOpened) check(at string, f *Faults) {
	if !p.Starts.IsZero() && !p.Ends.IsZero() && p.Ends.Before(p.Starts.Time) {
		f.add(child(at, "ends"), "must not be before starts (%s)", p.Starts)
	}
	seen := map[string]bool{}
	for i, x := range p.Parties {
		if seen[x.ID] {
			f.add(child(child(child(at, "parties"), itoa(i)), "id"), "is already used by an earlier party")
		}
		seen[x.ID] = true
	}
}

var _ = register[SummitClosed](TypeSummitClosed, KindSummit, "A summit is closed: afterwards only amendments are accepted.", added("lang"))

// SummitClosed closes a summit.
type SummitClosed struct {
	Common
	Reason string `json:"reason,omitzero" rule:"max=1000" doc:"Why."`
}

var saysClosed = message.Define("summit.closed", "The summit is closed")

func (p *SummitClosed) headline(Entity) message.Message {
	return trailing(saysClosed.With(), p.Reason)
}

func (*SummitClosed) unsourced() {}

// typed keeps reflect out of the type files that lift older versions.
func typed[T any]() reflect.Type { return reflect.TypeFor[T]() }
