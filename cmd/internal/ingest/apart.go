package ingest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/summit-timeline/summit/events"
)

// setApart marks the facts that share a key, such as the lines of a ticker
// that all lead to one page, and leaves out what stands in the feed twice. In
// Atom an id that stands again with the same date is another version of the
// entry, and the latest counts (RFC 4287, section 4.1.1).
func (r *Reading) setApart(versions bool) {
	groups := map[string]sharing{}
	var kept []Fact
	for _, f := range r.Facts {
		group := groups[f.Key]
		if group == nil {
			group = sharing{}
			groups[f.Key] = group
		}
		at, again := group.find(f, versions)
		if !again {
			group.add(f, versions, len(kept))
			kept = append(kept, f)
			continue
		}
		if versions && f.Changed.After(kept[at].Changed.Time) {
			kept[at], f = f, kept[at]
		}
		r.Skipped = append(r.Skipped, Skipped{f.Key, "stands in the feed again, further down"})
	}
	for i := range kept {
		kept[i].Shared = groups[kept[i].Key].several()
	}
	r.Facts = kept
}

// sharing are the facts of one key: where each stands, by what tells it apart.
type sharing map[string]int

// The names under which a group knows one fact with a date, and one without.
const (
	someDated   = "\x00dated"
	someUndated = "\x00undated"
)

// find returns the fact of the group that another one repeats. Of two of which
// one has no date nobody can tell, and they count as one.
func (s sharing) find(f Fact, versions bool) (at int, again bool) {
	other := someUndated
	if strings.HasSuffix(f.Apart, "\n") {
		other = someDated
	}
	if at, again = s[other]; again {
		return at, true
	}
	at, again = s[f.sign(versions)]
	return at, again
}

func (s sharing) add(f Fact, versions bool, at int) {
	s[f.sign(versions)] = at
	if strings.HasSuffix(f.Apart, "\n") {
		s[someUndated] = at
	} else {
		s[someDated] = at
	}
}

// several reports whether there is more than one fact: each has a name, and the
// group has one more.
func (s sharing) several() bool { return len(s) > 2 }

// sign is what tells a fact from others of its key in one reading.
func (f Fact) sign(versions bool) string {
	if _, date, _ := strings.Cut(f.Apart, "\n"); versions {
		return date
	}
	return f.Apart
}

// bury adds what was withdrawn, but for what stands in the feed in a later
// version (RFC 6721).
func (r *Reading) bury(gone []tombstone) {
	latest := map[string]events.Instant{}
	for _, f := range r.Facts {
		if at := cmp.Or(f.Changed, f.Time); !latest[f.Key].After(at.Time) {
			latest[f.Key] = at
		}
	}
	buried := map[string]bool{}
	for _, g := range gone {
		when, _ := date(g.when)
		key := key(g.ref)
		if key == "" || buried[key] || latest[key].After(when.Time) {
			continue
		}
		buried[key] = true
		reason, _ := cut(cmp.Or(g.comment, "The source has withdrawn it"), maxReason)
		r.Gone = append(r.Gone, Gone{Key: key, When: when, Reason: reason})
	}
	r.Facts = slices.DeleteFunc(r.Facts, func(f Fact) bool { return buried[f.Key] })
}
