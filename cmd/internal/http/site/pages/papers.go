package pages

import (
	"cmp"
	"html/template"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/humanize"
	"github.com/summit-timeline/summit/cmd/internal/locale"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// VehicleName is what a vehicle is called.
func (*view) VehicleName(x projections.VehicleStatus) string {
	return cmp.Or(x.Name, humanize.Label(x.ID))
}

// DelegationName is what a delegation is called: by its name, or by its party; a part
// that has split off by its id, so that it is not taken for the whole.
func (v *view) DelegationName(d projections.DelegationStatus) string {
	switch {
	case d.Name != "":
		return d.Name
	case d.PartOf != "":
		return humanize.Label(d.ID)
	}
	return v.Party(d.Party)
}

// Entity is what the status calls an entity, KIND/ID, or its id in words.
func (v *view) Entity(entity string) string {
	if name := v.Status.Called(entity); name != "" {
		return name
	}
	kind, id, _ := strings.Cut(entity, "/")
	if events.Kind(kind) == events.KindDelegation {
		for _, d := range v.Status.Delegations {
			if d.ID == id {
				return v.DelegationName(d)
			}
		}
	}
	return humanize.Label(id)
}

// Entities lists what entities are called.
func (v *view) Entities(list []string) template.HTML {
	names := make([]string, len(list))
	for i, e := range list {
		names[i] = v.Entity(e)
	}
	return v.words.names(names)
}

// Toll returns the number of people, in figures.
func (*view) Toll(t *events.Toll) locale.Words { return locale.Words(t.Figures()) }

// Stance is the word for a stance.
func (v *view) Stance(stance string) locale.Words {
	return locale.Words(v.words.label("stance", stance))
}

// TypeName is the word for a type of facts.
func (v *view) TypeName(name string) locale.Words { return locale.Words(v.words.Type(name)) }
