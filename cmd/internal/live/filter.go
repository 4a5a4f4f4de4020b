package live

import (
	"strings"

	"github.com/summit-timeline/summit/projections"
)

// Filter selects facts. Frames about the summit itself, and about events that
// cannot be read, pass every filter.
type Filter struct {
	types  []string
	entity string
	key    string // filters with the same key pass the same; "" passes everything
}

// NewFilter makes a filter of types (names, or patterns such as aircraft.*) and an
// entity. Empty ones pass everything.
func NewFilter(types []string, entity string) Filter {
	f := Filter{types: types, entity: entity}
	if len(types) > 0 || entity != "" {
		f.key = entity + "?" + strings.Join(types, ",")
	}
	return f
}

func (f *Filter) all() bool { return f.key == "" }

// wants reports whether a frame passes. An amendment passes if its own type fits,
// or that of the fact that it amends.
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
