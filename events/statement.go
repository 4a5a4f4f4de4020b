package events

import "strings"

// TypeStatementMade is the type of a statement.
const TypeStatementMade = "statement.made"

var _ = register[StatementMade](TypeStatementMade, KindPerson, "Somebody says something.", relaxed[statementMadeV1]())

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

// statementMadeV1 had one speaker and denied nothing.
type statementMadeV1 struct {
	Common
	Speaker string   `json:"speaker" rule:"required;max=200" doc:"Who says it."`
	Text    string   `json:"text" rule:"required;max=4000" doc:"A paraphrase."`
	Quote   string   `json:"quote,omitzero" rule:"max=500" doc:"A short literal quotation."`
	Topics  []string `json:"topics,omitzero" rule:"items=20;slug" doc:"Ids of the topics it is about."`
}

func (p *StatementMade) headline(string) string {
	return together(p.Speaker, p.With) + ": " + clipWords(p.Text)
}

// together lists those who say something: the first, and who joins them.
func together(first string, with []string) string {
	switch len(with) {
	case 0:
		return first
	case 1:
		return first + " and " + with[0]
	}
	return first + ", " + strings.Join(with[:len(with)-1], ", ") + " and " + with[len(with)-1]
}

func (p *StatementMade) validate(at string, f *Faults) { p.attributed(at, f) }
