package ingest

import (
	"slices"
	"strings"
)

// setApart marks the facts that share a key, such as the lines of a ticker
// that all lead to one page, and leaves out what stands in the feed twice. In
// Atom an id that stands again with the same date is another version of the
// entry, and the latest counts (RFC 4287, section 4.1.1).
func (r *Reading) setApart(versions bool) {
	byKey := map[string][]int{}
	var kept []Fact
	for _, f := range r.Facts {
		same := slices.IndexFunc(byKey[f.Key], func(i int) bool { return repeats(kept[i], f, versions) })
		if same < 0 {
			byKey[f.Key] = append(byKey[f.Key], len(kept))
			kept = append(kept, f)
			continue
		}
		if at := byKey[f.Key][same]; versions && f.Changed.After(kept[at].Changed.Time) {
			kept[at], f = f, kept[at]
		}
		r.Skipped = append(r.Skipped, Skipped{f.Key, "stands in the feed again, further down"})
	}
	for _, list := range byKey {
		for _, i := range list {
			kept[i].Shared = len(list) > 1
		}
	}
	r.Facts = kept
}

// repeats reports whether two facts of one key are one. Of two of which one
// has no date, nobody can tell.
func repeats(a, b Fact, versions bool) bool {
	aTitle, aDate, _ := strings.Cut(a.Apart, "\n")
	bTitle, bDate, _ := strings.Cut(b.Apart, "\n")
	if (aDate == "") != (bDate == "") {
		return true
	}
	return aDate == bDate && (versions || aTitle == bTitle)
}
