package events

import (
	"github.com/summit-timeline/summit/events/message"
)

// The types of amendments that the server makes of what is sealed.
const (
	TypeFactUnsealed = "fact.unsealed"
	TypeFactWithheld = "fact.withheld"
)

var (
	_ = register[FactUnsealed](TypeFactUnsealed, "", "Sealed values of an earlier fact are shown: anybody can check that they are what was sealed.")
	_ = register[FactWithheld](TypeFactWithheld, "", "Sealed values of an earlier fact are destroyed for ever.")
)

// FactUnsealed shows what was sealed.
type FactUnsealed struct {
	Common
	Target
	Disclosures []Disclosure `json:"disclosures" rule:"required;items=50" doc:"What is shown, each with the salt that proves it."`
	Reason      string       `json:"reason" rule:"required;max=1000" doc:"Why."`
}

var saysUnsealed = message.Define("fact.unsealed", "Unsealed")

func (p *FactUnsealed) headline(Entity) message.Message {
	return trailing(saysUnsealed.With(), p.Reason)
}

func (*FactUnsealed) unsourced() {}

func (p *FactUnsealed) check(at string, f *Faults) {
	for i, d := range p.Disclosures {
		if _, err := d.Commitment(); err != nil {
			f.add(child(child(at, "disclosures"), itoa(i)), "%s", err)
		}
	}
}

// FactWithheld says that sealed values were destroyed.
type FactWithheld struct {
	Common
	Target
	Pointers []string `json:"pointers" rule:"required;items=50;max=200" doc:"Where the values stood in data: JSON pointers (RFC 6901)."`
	Basis    string   `json:"basis" rule:"required;max=1000" doc:"On what basis, such as an article of a law."`
	Reason   string   `json:"reason" rule:"required;max=1000" doc:"Why."`
}

var saysWithheld = message.Define("fact.withheld", "Withheld for ever")

func (p *FactWithheld) headline(Entity) message.Message {
	return trailing(saysWithheld.With(), p.Basis, p.Reason)
}

func (*FactWithheld) unsourced() {}
