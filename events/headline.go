package events

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/summit-timeline/summit/events/message"
)

// Name is a member of data that gives the entity a name, and that name.
type Name struct{ Member, Text string }

// NamesOf returns the names that a payload gives its entity.
func NamesOf(p Payload) []Name {
	if n, names := p.(interface{ names() []Name }); names {
		return n.names()
	}
	return nil
}

// given leaves out the names that are empty, or sealed.
func given(names ...Name) []Name {
	list := make([]Name, 0, len(names))
	for _, n := range names {
		if n.Text != "" && !IsSealed(n.Text) {
			list = append(list, n)
		}
	}
	return list
}

// DisplayName returns what an entity is called by the names it has, by the member
// that gives each: its name or title, an aircraft's model and registration.
// It is "" if none fits.
func DisplayName(by map[string]string) string {
	if airframe := strings.TrimSpace(by["model"] + " " + by["registration"]); airframe != "" {
		return airframe
	}
	return cmp.Or(by["name"], by["title"], by["speaker"], by["callsign"])
}

// who names the entity of a payload as the payload itself does, else leaves it to
// what other facts call it.
func who(p Payload, e Entity) message.Arg {
	by := map[string]string{}
	for _, n := range NamesOf(p) {
		by[n.Member] = n.Text
	}
	if name := DisplayName(by); name != "" {
		return message.Text(name)
	}
	return message.Entity(e.String())
}

// phased chooses between what has happened and what is to happen.
func phased(p Payload, actual, planned message.Key) message.Key {
	if PhaseOf(p) == PhaseActual {
		return actual
	}
	return planned
}

// trailing adds the words of sources to a sentence.
func trailing(m message.Message, words ...string) message.Message {
	said := words[:0:0]
	for _, w := range words {
		if w != "" {
			said = append(said, w)
		}
	}
	m.Tail = strings.Join(said, ": ")
	return m
}

// PlaceArg names a place in a message.
func PlaceArg(p *Place) message.Arg {
	switch {
	case p == nil:
		return message.Label("place/unknown")
	case p.Name != "":
		return message.Text(p.Name)
	case p.ICAO != "":
		return message.Text(p.ICAO)
	case p.Known():
		return message.Text(fmt.Sprintf("%.2f, %.2f", *p.Lat, *p.Lon))
	}
	return message.Label("place/unknown")
}
