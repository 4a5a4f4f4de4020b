package live

import (
	"strings"

	"github.com/summit-timeline/summit/projections"
)

// Filter chooses among the facts. What is told of the summit itself, and of
// events that cannot be read, every reader is sent: nobody can say that it was
// not meant.
type Filter struct {
	types  []string
	entity string
	key    string // filters with the same key want the same; "" wants all
}

// NewFilter makes a filter of types, names or patterns such as aircraft.*, and
// of an entity; empty ones let everything pass.
func NewFilter(types []string, entity string) Filter {
	f := Filter{types: types, entity: entity}
	if len(types) > 0 || entity != "" {
		f.key = entity + "?" + strings.Join(types, ",")
	}
	return f
}

func (f *Filter) all() bool { return f.key == "" }

// wants takes an amendment where its own type fits, or that of the fact it
// amends.
func (f *Filter) wants(m *mark) bool {
	if m.event != projections.FrameFact {
		return true
	}
	if f.entity != "" && f.entity != m.entity {
		return false
	}
	if len(f.types) == 0 {
		return true
	}
	for _, t := range f.types {
		if prefix, wild := strings.CutSuffix(t, "*"); wild {
			if strings.HasPrefix(m.itemType, prefix) || strings.HasPrefix(m.typ, prefix) {
				return true
			}
		} else if t == m.itemType || t == m.typ {
			return true
		}
	}
	return false
}
