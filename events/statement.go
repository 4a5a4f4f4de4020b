package events

// TypeStatementMade is the type of a statement.
const TypeStatementMade = "statement.made"

var _ = register[StatementMade](TypeStatementMade, KindPerson, "Somebody says something.")

// StatementMade is what somebody said.
type StatementMade struct {
	Common
	Speaker string   `json:"speaker" rule:"required;max=200" doc:"Who says it."`
	Text    string   `json:"text" rule:"required;max=4000" doc:"A paraphrase."`
	Quote   string   `json:"quote,omitzero" rule:"max=500" doc:"A short literal quotation."`
	Topics  []string `json:"topics,omitzero" rule:"items=20;slug" doc:"Ids of the topics it is about."`
}

func (p *StatementMade) headline(string) string { return p.Speaker + ": " + clipWords(p.Text) }

func (p *StatementMade) validate(at string, f *Faults) { p.attributed(at, f) }
