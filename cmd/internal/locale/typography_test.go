package locale

import (
	"regexp"
	"strings"
	"testing"
)

// quotes are the quotation marks of each language.
var quotes = map[string]string{"en": "“”", "de": "„“", "es": "«»", "fr": "«»", "ru": "«»", "uk": "«»", "ar": "«»"}

// unfit are what the typography of a language does not allow.
var unfit = map[string]map[string]*regexp.Regexp{
	"fr": {
		"no narrow no-break space before a sign of two parts": regexp.MustCompile(`(^|[^\x{202f}])[:;!?]`),
		"no no-break space inside the quotation marks":        regexp.MustCompile(`«[^\x{a0}]|[^\x{a0}]»`),
	},
	"ar": {"a comma, semicolon or question mark of another script": regexp.MustCompile(`[,;?]`)},
}

// faultsOf names what is wrong with how a text is set.
func faultsOf(tag, text string) (faults []string) {
	for _, c := range text {
		if strings.ContainsRune("“”„‟«»\"'`", c) && !strings.ContainsRune(quotes[tag], c) {
			faults = append(faults, "the quotation mark "+string(c))
		}
	}
	if strings.Contains(text, "  ") || strings.TrimSpace(text) != text {
		faults = append(faults, "a blank too many")
	}
	for what, pattern := range unfit[tag] {
		if pattern.MatchString(text) {
			faults = append(faults, what)
		}
	}
	return faults
}

func TestTextsAreSetAsTheirLanguageIs(t *testing.T) {
	for _, e := range entries {
		for key, m := range textsOf(t, e.tag) {
			for _, text := range formsOf(m) {
				for _, fault := range faultsOf(e.tag, text) {
					t.Errorf("%s: %q has %s: %q", e.tag, key, fault, text)
				}
			}
		}
	}
}

func TestFaultsOfTypographyAreFound(t *testing.T) {
	for text, want := range map[[2]string]int{
		{"en", "“{id}” isn’t"}: 0, {"en", `"{id}"`}: 2, {"en", "isn't"}: 1, {"en", "two  blanks"}: 1, {"en", "end "}: 1,
		{"de", "„{id}“"}: 0, {"de", "“{id}”"}: 1,
		{"fr", "Oui\u202f: «\u00a0{id}\u00a0»"}: 0, {"fr", "Oui : non"}: 1, {"fr", "Oui; non"}: 1, {"fr", "« {id} »"}: 1,
		{"ar", "نعم، لا"}: 0, {"ar", "نعم, لا"}: 1,
	} {
		if got := faultsOf(text[0], text[1]); len(got) != want {
			t.Errorf("%s: %q has the faults %q, want %d", text[0], text[1], got, want)
		}
	}
}
