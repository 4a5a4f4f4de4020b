package events

import (
	"fmt"
	"slices"
	"strings"
)

// Kind is the sort of thing a fact can be about.
type Kind string

// The kinds of entities.
const (
	KindSummit     Kind = "summit"
	KindAircraft   Kind = "aircraft"
	KindPerson     Kind = "person"
	KindDelegation Kind = "delegation"
	KindSite       Kind = "site"
	KindMeeting    Kind = "meeting"
	KindTopic      Kind = "topic"
	KindNote       Kind = "note"
	KindVehicle    Kind = "vehicle"
	KindDocument   Kind = "document"
	KindMeasure    Kind = "measure"
	KindIncident   Kind = "incident"
)

// kinds are all of them, in the order in which they are listed to people.
var kinds = []Kind{
	KindAircraft, KindDelegation, KindDocument, KindIncident, KindMeasure, KindMeeting, KindNote, KindPerson, KindSite, KindSummit,
	KindTopic, KindVehicle,
}

// KindNames returns the kinds of entities.
func KindNames() []string { return kindNames() }

func kindNames() []string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	return names
}

// Entity is what a fact is about, written KIND/ID.
type Entity struct {
	Kind Kind
	ID   string
}

// String writes the entity as KIND/ID; the zero entity is "".
func (e Entity) String() string {
	if e == (Entity{}) {
		return ""
	}
	return string(e.Kind) + "/" + e.ID
}

// ParseEntity reads KIND/ID. The error reports which part is wrong.
func ParseEntity(s string) (Entity, error) {
	kind, id, found := strings.Cut(s, "/")
	if !found {
		return Entity{}, fmt.Errorf("must be KIND/ID such as aircraft/il-96-300, not %q", clip(s))
	}
	if !slices.Contains(kinds, Kind(kind)) {
		return Entity{}, fmt.Errorf("unknown kind %q%s", clip(kind), OrOneOf(kind, "kinds", kindNames()))
	}
	if !IsSlug(id) {
		return Entity{}, fmt.Errorf("id %q must be %s", clip(id), slugRule)
	}
	return Entity{Kind: Kind(kind), ID: id}, nil
}

const slugRule = "a slug: 1 to 63 of a-z, 0-9 and -, beginning with a letter or digit"

// IsSlug reports whether s may be an id: [a-z0-9][a-z0-9-]{0,62}. Such an id is
// safe as a NATS subject token, a file name and a URL path segment.
func IsSlug(s string) bool {
	if len(s) == 0 || len(s) > 63 || s[0] == '-' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// clip shortens text that is quoted back in an error.
func clip(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// checkEntity checks that a text is KIND/ID of one of some kinds.
func checkEntity(kinds []string, v string) error {
	e, err := ParseEntity(v)
	if err != nil {
		return err
	}
	if !contains(kinds, string(e.Kind)) {
		return fmt.Errorf("must be of kind %s, not %q", strings.Join(kinds, " or "), clip(v))
	}
	return nil
}
