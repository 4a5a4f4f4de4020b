package events

import (
	"strings"

	"github.com/summit-timeline/summit/events/message"
)

// The types of facts about topics.
const (
	TypeAgendaSet      = "agenda.set"
	TypePositionStated = "position.stated"
)

// The stances that oppose each other.
const (
	StanceFor     = "for"
	StanceAgainst = "against"
)

var (
	_ = register[AgendaSet](TypeAgendaSet, KindTopic, "A topic is, or is not, expected on the table.", relaxed[agendaSetV1](), added("lang"), added("sealed", "unseal_at"))
	_ = register[PositionStated](TypePositionStated, KindTopic, "An actor takes a position on a topic.", relaxed[positionStatedV1](), added("lang"), added("sealed", "unseal_at"))
)

// AgendaSet is the fact that a topic is, or is not, expected to be discussed.
type AgendaSet struct {
	Common
	Title    string `json:"title,omitzero" rule:"owed;max=200" doc:"What the topic is called."`
	Expected bool   `json:"expected" rule:"required" doc:"Whether it is expected on the table."`
	Detail   string `json:"detail,omitzero" rule:"max=2000" doc:"What is said of it."`
}

// agendaSetV1 had to say what the topic is called.
type agendaSetV1 struct {
	AgendaSet `rule:"require=title"`
}

func (p *AgendaSet) names() []Name { return given(Name{"title", p.Title}) }

var (
	saysExpected    = message.Define("agenda.set", "{topic} expected on the agenda")
	saysNotExpected = message.Define("agenda.set.not", "{topic} not expected on the agenda")
)

func (p *AgendaSet) headline(e Entity) message.Message {
	if p.Expected {
		return saysExpected.With(who(p, e))
	}
	return saysNotExpected.With(who(p, e))
}

// PositionStated is where an actor stands on a topic.
type PositionStated struct {
	Common
	Title  string   `json:"title,omitzero" rule:"max=200" doc:"What the topic is called."`
	Actor  string   `json:"actor" rule:"required;max=200" doc:"Whose position it is."`
	With   []string `json:"with,omitzero" rule:"items=50;max=200" doc:"Who shares the position, by name: each holds it as if stated alone."`
	Stance string   `json:"stance" rule:"required;enum=for|against|open|conditional|unclear|no-comment" doc:"The position."`
	Detail string   `json:"detail" rule:"required;max=2000" doc:"The position in words."`
}

// positionStatedV1 knew one actor and no refusal to comment.
type positionStatedV1 struct {
	Common
	Title  string `json:"title,omitzero" rule:"max=200" doc:"What the topic is called."`
	Actor  string `json:"actor" rule:"required;max=200" doc:"Whose position it is."`
	Stance string `json:"stance" rule:"required;enum=for|against|open|conditional|unclear" doc:"The position."`
	Detail string `json:"detail" rule:"required;max=2000" doc:"The position in words."`
}

func (p *PositionStated) names() []Name { return given(Name{"title", p.Title}) }

var saysPosition = message.Define("position.stated", "{who} on {topic}")

func (p *PositionStated) headline(e Entity) message.Message {
	return trailing(saysPosition.With(message.Text(together(p.Actor, p.With)), who(p, e)), strings.TrimSuffix(p.Detail, "."))
}
