package events

import "github.com/summit-timeline/summit/events/message"

// Payload is what an event says: the `data` of one registered type. The set is
// closed, because every reader of the log must know every type.
type Payload interface {
	// Base is the part that all payloads share.
	Base() *Common
	// headline generates the sentence for a fact about an entity that brings none.
	headline(of Entity) message.Message
}

// Common are the members that any payload may have.
type Common struct {
	Headline string   `json:"headline,omitzero" rule:"max=300" doc:"One sentence; generated from the fields where absent."`
	Lang     string   `json:"lang,omitzero" rule:"lang;max=35" doc:"Language of the fact's own words (BCP 47), such as ru."`
	Note     string   `json:"note,omitzero" rule:"max=4000" doc:"What a reader should know besides."`
	When     *Moment  `json:"when,omitzero" doc:"When it happened or is to happen, as exactly as is known."`
	Where    *Place   `json:"where,omitzero" doc:"Where it happened."`
	Sources  Sources  `json:"sources,omitzero" rule:"items=50" doc:"On whose word: a graph from roots to relays."`
	Grade    *Grade   `json:"grade,omitzero" doc:"Admiralty grade."`
	Sealed   []string `json:"sealed,omitzero" rule:"items=50;max=200" doc:"What is recorded but not shown: JSON pointers (RFC 6901) into data. In the place of each value stands a commitment to it."`
	UnsealAt Instant  `json:"unseal_at,omitzero" doc:"When the server unseals it."`

	// Null names the members that the fact takes back: see [TakenBack].
	Null []string `json:"-"`
	// commitments are what stands in the place of sealed values.
	commitments []Sealed
}

// Base returns the common members themselves.
func (c *Common) Base() *Common { return c }

// validate finds what the shape of the common members alone cannot tell.
func (c *Common) validate(at string, f *Faults) {
	if c.When != nil {
		c.When.validate(child(at, "when"), f)
	}
	c.Where.validate(child(at, "where"), f)
	c.Sources.validate(child(at, "sources"), f)
	if c.Grade != nil && c.Grade.Info == 1 && len(c.Sources) > 0 && len(c.Sources.RootNames()) < 2 {
		f.add(child(child(at, "grade"), "info"), "1 (confirmed) needs two or more independent sources; these all go back to one")
	}
}

// Headline returns the sentence for a fact about an entity: its own, else a generated
// one.
func Headline(p Payload, of Entity) message.Message {
	if h := p.Base().Headline; h != "" {
		return message.Own(h)
	}
	return p.headline(of)
}

// Amendment is a payload about an earlier fact.
type Amendment interface {
	Payload
	// TargetID is the id of the event it amends.
	TargetID() string
}

// Plan is a payload whose moment is planned if it does not say otherwise.
type Plan interface{ planned() }

// PhaseOf is the phase of a payload's moment, with the default of its type.
func PhaseOf(p Payload) string {
	if w := p.Base().When; w != nil && w.Phase != "" {
		return w.Phase
	}
	if _, ok := p.(Plan); ok {
		return PhasePlanned
	}
	return PhaseActual
}
