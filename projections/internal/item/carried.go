package item

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/projections/internal/objects"
)

// carriedMembers names the members of an object that a status carries on.
func carriedMembers(object []byte) ([]string, error) {
	names := []string{}
	err := objects.EachMember(object, func(name string, d *jsontext.Decoder) error {
		if Carried[name] {
			names = append(names, name)
		}
		return d.SkipValue()
	})
	return names, err
}

// Carried are the members of data that a status shows though an earlier fact said
// them. Headlines, notes, sources, details and the like stay with their fact.
var Carried = map[string]bool{
	"model": true, "operator": true, "registration": true, "from": true, "to": true, "watchers": true, "place": true,
	"name": true, "role": true, "party": true, "members": true, "level": true, "expected": true,
	"title": true, "kind": true, "participants": true, "when": true,
}
