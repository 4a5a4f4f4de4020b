package events

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// NameKey returns the key by which names are compared: two names are the same
// if their keys are equal. It is the canonical caseless match of Unicode (NFC
// and full case folding) without default-ignorable code points (UTS 39) and
// with every run of white space as one space. Names themselves are kept as they
// came.
func NameKey(name string) string {
	if plain(name) {
		return strings.ToLower(strings.Join(strings.Fields(name), " "))
	}
	visible := strings.Map(func(r rune) rune {
		if ignorable(r) {
			return -1
		}
		return r
	}, name)
	folded := strings.Map(cherokee, cases.Fold().String(norm.NFD.String(visible)))
	return strings.Join(strings.Fields(norm.NFC.String(folded)), " ")
}

// cherokee folds the small letters of Cherokee to the capitals, as
// CaseFolding.txt says; package cases swaps the two.
func cherokee(r rune) rune {
	switch {
	case r >= 0xab70 && r <= 0xabbf:
		return r - 0xab70 + 0x13a0
	case r >= 0x13f8 && r <= 0x13fd:
		return r - 8
	}
	return r
}

// SameName reports whether two names are compared as equal.
func SameName(a, b string) bool { return a == b || NameKey(a) == NameKey(b) }

// plain reports whether text is ASCII, for which lower case is the fold.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// ignorable reports whether a code point has the property
// Default_Ignorable_Code_Point, derived as DerivedCoreProperties.txt says.
func ignorable(r rune) bool {
	switch {
	case r < 0xad:
		return false
	case unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r), unicode.Is(unicode.Variation_Selector, r):
		return true
	case r >= 0xfff9 && r <= 0xfffb, r >= 0x13430 && r <= 0x1343f, unicode.Is(unicode.Prepended_Concatenation_Mark, r):
		return false // format characters that show
	}
	return unicode.Is(unicode.Cf, r)
}
