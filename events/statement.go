package events

import (
	"strings"

	"github.com/summit-timeline/summit/events/message"
)

// TypeStatementMade is the type of a statement.
const TypeStatementMade = "statement.made"

var (
	_ = register[StatementMade](TypeStatementMade, KindPerson, "Somebody says something.", added("with", "denies"), added("lang"), added("sealed", "unseal_at"))
	_ = alsoOf(TypeStatementMade, KindDelegation)
)

// StatementMade is what somebody said.
type StatementMade struct {
	Common
	Speaker string   `json:"speaker" rule:"required;max=200" doc:"Who says it."`
	Text    string   `json:"text" rule:"required;max=4000" doc:"A paraphrase."`
	Quote   string   `json:"quote,omitzero" rule:"max=500" doc:"A short literal quotation."`
	Topics  []string `json:"topics,omitzero" rule:"items=20;slug" doc:"Ids of the topics it is about."`
	With    []string `json:"with,omitzero" rule:"items=50;max=200" doc:"Who makes the statement with the speaker, by name."`
	Denies  string   `json:"denies,omitzero" rule:"uuid" doc:"Id of the fact it denies, which it disputes."`
}

func (p *StatementMade) names() []Name {
	if len(p.With) > 0 {
		return nil
	}
	return given(Name{"speaker", p.Speaker})
}

var saysStates = message.Define("statement.made", "{who}")

func (p *StatementMade) headline(Entity) message.Message {
	return trailing(saysStates.With(message.Text(together(p.Speaker, p.With))), clipWords(p.Text))
}

// together lists those who say something: the first, and who joins them.
func together(first string, with []string) string {
	return strings.Join(append([]string{first}, with...), ", ")
}
