package naming

import (
	"strings"
	"unicode/utf8"
)

// Spelling returns a key under which the spellings of a name are found, in any script: its
// words in Latin letters, with one letter for each group of letters among which the
// romanizations of BGN/PCGN, ALA-LC and newspapers differ ("Сергей", "Sergei", "Sergey";
// "Zelenskyy", "Zelensky"; "Müller", "Mueller"). It is never shown. It is "" for a
// name that cannot be written in Latin letters.
func Spelling(name string) string {
	if strings.IndexFunc(name, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
		name = transliterated(name)
	}
	words := strings.FieldsFunc(strings.ToLower(strings.ReplaceAll(name, "'", "")), func(r rune) bool { return !latinLetter(r) })
	for i, w := range words {
		words[i] = once(romanizations.Replace(w + "."))
	}
	return strings.Join(words, " ")
}

// SameSpelling reports whether two names are spellings of one. Words may be written together
// ("Xi Jinping" and "Xi Jin Ping").
func SameSpelling(a, b string) bool {
	one := Joined(Spelling(a))
	return one != "" && one == Joined(Spelling(b))
}

// Joined returns the words of a spelling written as one.
func Joined(spelling string) string { return strings.ReplaceAll(spelling, " ", "") }

// romanizations has the groups of letters that are written for one letter of another script, or for
// one sound. Longer groups stand before shorter ones; a full stop is the end of a word.
var romanizations = strings.NewReplacer(
	"shch", "sh", "sch", "sh", "tch", "ch", "yov", "ev", "gue", "ge", "gui", "gi", "der.", "dr", "ter.", "tr",
	"kh", "h", "zh", "j", "dj", "j", "ts", "c", "tz", "c", "cz", "c", "ph", "f", "ck", "k", "x", "ks", "w", "v",
	"ca", "ka", "co", "ko", "cu", "ku", "cl", "kl", "cr", "kr",
	"ae", "a", "oe", "o", "ue", "u", "ou", "u", "oo", "u",
	"aj", "ai", "ej", "ei", "ij", "i", "yj", "i", "oj", "oi", "uj", "ui",
	"iye", "ie", "iya", "ia", "ya", "ia", "ja", "ia", "yu", "iu", "ju", "iu", "yo", "io", "jo", "io", "ye", "e", "je", "e",
	"y", "i", ".", "",
)

// once writes doubled letters once. Digits are kept: 44 is not 4.
func once(word string) string {
	var b strings.Builder
	var last rune
	for _, r := range word {
		if r != last || r < 'a' {
			b.WriteRune(r)
		}
		last = r
	}
	return b.String()
}

func latinLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' }
