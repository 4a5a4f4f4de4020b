// Package naming makes ids of names: the slug of a name in any script.
//
// The door is [Slug].
package naming

import (
	"strings"

	"github.com/gosimple/slug"

	"github.com/summit-timeline/summit/events"
)

// maxSlug is how long an id may be: see [events.IsSlug].
const maxSlug = 63

// Slug returns the id that a name is given: its words in Latin letters without accents,
// digits and hyphens. Names in other scripts are transliterated. It is "" if
// nothing of the name can be written so.
func Slug(name string) string {
	s := slug.Make(strings.ReplaceAll(name, "_", " "))
	if len(s) > maxSlug {
		s = s[:maxSlug]
		if cut := strings.LastIndexByte(s, '-'); cut > maxSlug/2 {
			s = s[:cut] // whole words
		}
	}
	s = strings.Trim(s, "-")
	if !events.IsSlug(s) {
		return ""
	}
	return s
}
