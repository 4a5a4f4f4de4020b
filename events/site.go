package events

import "github.com/summit-timeline/summit/events/message"

// The types of facts about sites.
const (
	TypeSitePrepared = "site.prepared"
	TypeSiteChanged  = "site.changed"
)

var _ = register[SitePrepared](TypeSitePrepared, KindSite, "A site is made ready in one of its aspects.", relaxed[sitePreparedV1](), added("lang"), added("sealed", "unseal_at"))

// SitePrepared is the fact that a site is ready, or how far it is.
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

func (p *SitePrepared) names() []Name { return given(Name{"name", p.Name}) }

var (
	saysReady   = message.Define("site.prepared", "{who}: {aspect} in preparation")
	saysReadied = message.Define("site.prepared.level", "{who}: {aspect} {level}")
)

func (p *SitePrepared) headline(e Entity) message.Message {
	aspect := message.Label("aspect/" + p.Aspect)
	if p.Level == "" {
		return saysReady.With(who(p, e), aspect)
	}
	return saysReadied.With(who(p, e), aspect, message.Label("level/"+p.Level))
}

var _ = register[SiteChanged](TypeSiteChanged, KindSite, "A site is opened, closed, cordoned off or evacuated.", added("lang"), added("sealed", "unseal_at"))

// SiteChanged is the fact that a site was opened, closed, cordoned off or evacuated.
type SiteChanged struct {
	Common
	Name   string `json:"name,omitzero" rule:"max=200" doc:"Name of the site."`
	State  string `json:"state" rule:"required;enum=open|closed|cordoned|evacuated" doc:"What it is now."`
	Detail string `json:"detail,omitzero" rule:"max=2000" doc:"What is seen or said."`
}

func (p *SiteChanged) names() []Name { return given(Name{"name", p.Name}) }

var saysChanged = message.Define("site.changed", "{who}: {state}")

func (p *SiteChanged) headline(e Entity) message.Message {
	return saysChanged.With(who(p, e), message.Label("site/"+p.State))
}
