package events

import "cmp"

// TypeSitePrepared is the type of a fact about a site.
const TypeSitePrepared = "site.prepared"

var _ = register[SitePrepared](TypeSitePrepared, KindSite, "A site is made ready in one of its aspects.", relaxed[sitePreparedV1]())

// SitePrepared is the fact that says how far a site is ready.
type SitePrepared struct {
	Common
	Name   string `json:"name,omitzero" rule:"owed;max=200" doc:"Name of the site."`
	Aspect string `json:"aspect" rule:"required;enum=security|logistics|reception" doc:"What is being prepared."`
	Level  string `json:"level,omitzero" rule:"enum=normal|raised|high" doc:"How far."`
	Detail string `json:"detail,omitzero" rule:"max=2000" doc:"What is seen or said."`
}

// sitePreparedV1 had to name the site.
type sitePreparedV1 struct {
	SitePrepared `rule:"require=name"`
}

func (p *SitePrepared) headline(called string) string {
	s := cmp.Or(p.Name, called) + ": " + p.Aspect
	if p.Level != "" {
		return s + " is " + p.Level
	}
	return s + " is prepared"
}

func (p *SitePrepared) validate(at string, f *Faults) { p.attributed(at, f) }
