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

// Entity is what the status calls an entity, KIND/ID.
func (v *view) Entity(entity string) string {
	kind, id, _ := strings.Cut(entity, "/")
	switch events.Kind(kind) {
	case events.KindAircraft:
		for _, a := range v.Status.Aircraft {
			if a.ID == id {
				return v.AircraftName(a)
			}
		}
	case events.KindVehicle:
		for _, x := range v.Status.Vehicles {
			if x.ID == id {
				return v.VehicleName(x)
			}
		}
	case events.KindPerson, events.KindDelegation:
		return v.party(events.Kind(kind), id)
	}
	return humanize.Label(id)
}

// party is what the status calls a delegation or a delegate.
func (v *view) party(kind events.Kind, id string) string {
	for _, d := range v.Status.Delegations {
		if kind == events.KindDelegation && d.ID == id {
			return v.DelegationName(d)
		}
		for _, p := range d.Delegates {
			if kind == events.KindPerson && p.ID == id {
				return p.Name
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
