package humanize

import (
	"fmt"
	"strings"

	"github.com/summit-timeline/summit/events"
)

// Chain describes a provenance graph from root to outlet.
func Chain(s events.Sources) string {
	names := map[string]string{}
	for _, x := range s {
		names[x.ID] = x.Name
	}
	var parts []string
	for _, x := range s {
		part := x.Name
		if x.Kind != "" {
			part += " (" + x.Kind + ")"
		}
		if len(x.Via) > 0 {
			var from []string
			for _, v := range x.Via {
				from = append(from, names[v])
			}
			part += ", from " + strings.Join(from, " and ")
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " → ")
}

// Independence describes how many pass it on, and on how many independent words it
// rests: "2 outlets, 1 root".
func Independence(s events.Sources, roots int) string {
	relays := 0
	for _, x := range s {
		if len(x.Via) > 0 {
			relays++
		}
	}
	root := Count(roots, "root", "roots")
	if relays == 0 {
		return root
	}
	return Count(relays, "outlet", "outlets") + ", " + root
}

// Count writes a number with its noun: 1 root, 2 roots, 18,000 roots.
func Count(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return Thousands(n) + " " + more
}

// Thousands groups the digits of a count: 18,000.
func Thousands(n int) string {
	s := fmt.Sprint(n)
	from := 3
	if n < 0 {
		from = 4
	}
	for i := len(s) - 3; i > from-3; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// The Admiralty scale in words (NATO AJP-2.1).
var (
	reliability = map[string]string{
		"A": "completely reliable", "B": "usually reliable", "C": "fairly reliable", "D": "not usually reliable", "E": "unreliable",
		"F": "reliability cannot be judged",
	}
	credibility = map[int]string{
		1: "confirmed by other sources", 2: "probably true", 3: "possibly true", 4: "doubtful", 5: "improbable", 6: "truth cannot be judged",
	}
)

// Grade describes a grade such as F3 in words, or "" if it is none.
func Grade(s string) string {
	g, err := events.ParseGrade(s)
	if err != nil {
		return ""
	}
	return "source " + reliability[g.Source] + ", information " + credibility[g.Info]
}
