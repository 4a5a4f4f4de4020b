package events

import "cmp"

// The types of facts about sites.
const (
	TypeSitePrepared = "site.prepared"
	TypeSiteChanged  = "site.changed"
)

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

var _ = register[SiteChanged](TypeSiteChanged, KindSite, "A site is opened, closed, cordoned off or evacuated.")

// SiteChanged is the fact that a site was opened, closed, cordoned off or evacuated.
type SiteChanged struct {
	Common
	Name   string `json:"name,omitzero" rule:"max=200" doc:"Name of the site."`
	State  string `json:"state" rule:"required;enum=open|closed|cordoned|evacuated" doc:"What it is now."`
	Detail string `json:"detail,omitzero" rule:"max=2000" doc:"What is seen or said."`
}

func (p *SiteChanged) headline(called string) string {
	name := cmp.Or(p.Name, called)
	switch p.State {
	case "cordoned":
		return name + " is cordoned off"
	case "evacuated":
		return name + " is evacuated"
	}
	return name + " is " + p.State
}

func (p *SiteChanged) validate(at string, f *Faults) { p.attributed(at, f) }
