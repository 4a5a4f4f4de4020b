// Package naming makes ids of names, and finds the spellings of one name.
//
// The doors are [Slug] and [Spelling].
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
	s := transliterated(name)
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

// transliterated returns a name in Latin letters, digits and hyphens. Soft signs and apostrophes are
// left out, since they would cut a word in two. Newspapers print ё without its dots, and so it
// is read.
func transliterated(name string) string { return slug.Make(signs.Replace(name)) }

var signs = strings.NewReplacer("_", " ", "ь", "", "Ь", "", "ъ", "", "Ъ", "", "’", "", "ʼ", "", "ʹ", "", "ʺ", "", "ё", "е", "Ё", "Е")
