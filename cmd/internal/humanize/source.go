package humanize

import (
	"slices"
	"strconv"

	"github.com/summit-timeline/summit/cmd/internal/locale"
	"github.com/summit-timeline/summit/events"
)

// Chain describes a provenance graph from root to outlet.
func (c Clock) Chain(s events.Sources) string {
	names := map[string]string{}
	for _, x := range s {
		names[x.ID] = x.Name
	}
	var told locale.Words
	for _, x := range slices.Backward(s) {
		part := locale.Words(c.language().Isolate(x.Name))
		if x.Kind != "" {
			part += locale.Words(" (" + c.word("source", "kind", x.Kind) + ")")
		}
		if len(x.Via) > 0 {
			var from []string
			for _, v := range x.Via {
				from = append(from, names[v])
			}
			part = c.say("sources.from", "name", part, "sources", locale.Words(c.language().Messages().Names(from)))
		}
		if told != "" {
			part = c.say("sources.then", "name", part, "rest", told)
		}
		told = part
	}
	return string(told)
}

// Independence describes how many pass it on, and on how many independent words it
// rests: "2 outlets, 1 root".
func (c Clock) Independence(s events.Sources, roots int) string {
	relays := 0
	for _, x := range s {
		if len(x.Via) > 0 {
			relays++
		}
	}
	root := c.say("sources.roots", "count", roots)
	if relays == 0 {
		return string(root)
	}
	return string(c.say("sources.passed", "outlets", c.say("sources.outlets", "count", relays), "roots", root))
}

// Count writes a number with its noun, in English: 1 root, 2 roots, 18,000 roots.
func Count(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return Thousands(n) + " " + more
}

// Thousands groups the digits of a count, as English does: 18,000.
func Thousands(n int) string { return locale.English().Number(int64(n)) }

// Grade describes a grade of the Admiralty scale (NATO AJP-2.1), such as F3, in words,
// or "" if it is none.
func (c Clock) Grade(s string) string {
	g, err := events.ParseGrade(s)
	if err != nil {
		return ""
	}
	return string(c.say("grade", "reliability", c.say("grade."+g.Source), "credibility", c.say("grade."+strconv.Itoa(g.Info))))
}
