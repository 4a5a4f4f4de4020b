package ingest

import (
	"regexp"
	"strings"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/go-json-experiment/json/jsontext"
)

var (
	// bracketed is a count in brackets, with all that they hold: "(3 comments)".
	bracketed = regexp.MustCompile(`\s*[(\[][^()\[\]]*\d[^()\[\]]*[)\]]`)
	// figure is a number, with what divides it.
	figure = regexp.MustCompile(`\d+(?:[.,:'’\x{a0}]\d+)*`)
	// plural is the word that a number counts.
	plural = regexp.MustCompile(`# (\p{L}+?)s\b`)
)

// alike reports whether two titles differ at most in their numbers.
func alike(a, b string) bool { return a == b || withoutCounts(a) == withoutCounts(b) }

func withoutCounts(title string) string {
	title = bracketed.ReplaceAllString(strings.ToLower(title), "")
	return plural.ReplaceAllString(figure.ReplaceAllString(title, "#"), "# $1")
}

// counts reports whether two differ in the numbers of the title alone. The text
// of an item that has none is its title.
func (s saying) counts(other saying) bool {
	s, other = s.seen(), other.seen()
	sameText := s.Text == other.Text || s.Text == s.Headline && other.Text == other.Headline
	return s.Headline != other.Headline && alike(s.Headline, other.Headline) && sameText && s.Note == other.Note
}

// counted reports whether the source has a counter in the title of a fact, and
// a change of it was told: one correction says so, more would say nothing.
func (k known) counted(now saying) bool {
	if !now.counts(sayingOf(k.said())) {
		return false
	}
	for i := 1; i < len(k.states); i++ {
		if sayingOf(k.states[i]).counts(sayingOf(k.states[i-1])) {
			return true
		}
	}
	return false
}

// notice describes a change. If it is the first of a counter, it says that
// others are not told, so that nobody takes the number for the latest.
func (k known) notice(patch jsontext.Value) string {
	now, err := jsonpatch.MergePatch(k.said(), patch)
	if err == nil && sayingOf(now).counts(sayingOf(k.said())) {
		return "The source has changed a number in the title; further changes of that number alone are not told"
	}
	return "The source has changed it"
}
