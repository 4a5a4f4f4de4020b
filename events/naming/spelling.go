package naming

import "strings"

// Spelling returns what the spellings of a name have in common, whatever script it is
// written in and whichever romanization it is written by: its words in Latin letters, with one
// letter for those that BGN/PCGN, ISO 9, ALA-LC and newspapers choose among ("Сергей",
// "Sergei" and "Sergey"; "Zelenskyy" and "Zelensky"; "Müller" and "Mueller"). It is
// for finding, and never shown. It is "" for a name that cannot be written in Latin letters.
func Spelling(name string) string {
	if !latin(name) {
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
	one, other := Spelling(a), Spelling(b)
	return one != "" && strings.ReplaceAll(one, " ", "") == strings.ReplaceAll(other, " ", "")
}

// romanizations has the groups of letters that are written for one letter of another script, or for
// one sound, the longest first; a point is the end of a word.
var romanizations = strings.NewReplacer(
	"shch", "sh", "sch", "sh", "tch", "ch", "yov", "ev", "gue", "ge", "gui", "gi", "der.", "dr", "ter.", "tr",
	"kh", "h", "zh", "j", "dj", "j", "ts", "c", "tz", "c", "cz", "c", "ph", "f", "ck", "k", "x", "ks", "w", "v",
	"ca", "ka", "co", "ko", "cu", "ku", "cl", "kl", "cr", "kr",
	"ae", "a", "oe", "o", "ue", "u", "ou", "u", "oo", "u",
	"aj", "ai", "ej", "ei", "ij", "i", "yj", "i", "oj", "oi", "uj", "ui",
	"iye", "ie", "iya", "ia", "ya", "ia", "ja", "ia", "yu", "iu", "ju", "iu", "yo", "io", "jo", "io", "ye", "e", "je", "e",
	"y", "i", ".", "",
)

// once writes letters that follow themselves once. Digits are kept: 44 is not 4.
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

// latin reports whether a name has no letters but those of ASCII.
func latin(name string) bool {
	for i := range len(name) {
		if name[i] >= 0x80 {
			return false
		}
	}
	return true
}

func latinLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' }
