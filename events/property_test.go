package events

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// What is written as a position, a grade or an entity is read back as the same, and what
// is read was written so.
func TestWhatIsReadIsWrittenTheSameWay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Position{rapid.StringMatching(`[0-9a-f]{8}`).Draw(t, "epoch"), rapid.Uint64Max(1<<63-1).Draw(t, "seq")}
		if got, err := ParsePosition(p.String()); err != nil || got != p {
			t.Fatalf("%s is %v, %v", p, got, err)
		}
		g := Grade{string(rapid.SampledFrom([]byte("ABCDEF")).Draw(t, "source")), rapid.IntRange(1, 6).Draw(t, "info")}
		if got, err := ParseGrade(g.String()); err != nil || got != g {
			t.Fatalf("%s is %v, %v", g, got, err)
		}
		e := Entity{rapid.SampledFrom(kinds).Draw(t, "kind"), rapid.StringMatching(`[a-z0-9][a-z0-9-]{0,62}`).Draw(t, "id")}
		if got, err := ParseEntity(e.String()); err != nil || got != e {
			t.Fatalf("%s is %v, %v", e, got, err)
		}
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[0-9a-f]{7,9}-[0-9+ ]{0,4}`), rapid.StringMatching(`[A-G][0-9]{1,2}`), rapid.StringMatching(`(note|person|x)/[a-zA-Z -]{0,4}`)).Draw(t, "text")
		if p, err := ParsePosition(text); err == nil && p.String() != text {
			t.Fatalf("%q was taken for %s", text, p)
		}
		if g, err := ParseGrade(text); err == nil && g.String() != text {
			t.Fatalf("%q was taken for %s", text, g)
		}
		if e, err := ParseEntity(text); err == nil && e.String() != text {
			t.Fatalf("%q was taken for %s", text, e)
		}
	})
}

// A grade is as good as itself; what is as good as a second grade is as good as all
// that the second is as good as. F and 6 are not the worst, but no judgement.
func TestGradesAreComparedInBothHalves(t *testing.T) {
	grade := rapid.Custom(func(t *rapid.T) Grade {
		return Grade{string(rapid.SampledFrom([]byte("ABCDEF")).Draw(t, "source")), rapid.IntRange(1, 6).Draw(t, "info")}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := grade.Draw(t, "a"), grade.Draw(t, "b"), grade.Draw(t, "c")
		switch {
		case !a.AtLeast(a):
			t.Fatalf("%s is not as good as itself", a)
		case a.AtLeast(b) && b.AtLeast(a) && a != b:
			t.Fatalf("%s and %s are as good as each other", a, b)
		case a.AtLeast(b) && b.AtLeast(c) && !a.AtLeast(c):
			t.Fatalf("%s, %s, %s", a, b, c)
		case a.AtLeast(b) && (a.Source == "F" && b.Source != "F" || a.Info == 6 && b.Info != 6):
			t.Fatalf("%s cannot be judged, and is as good as %s", a, b)
		}
	})
}

// someSources draws a list of sources whose via points anywhere, or nowhere.
func someSources() *rapid.Generator[Sources] {
	return rapid.Custom(func(t *rapid.T) Sources {
		n := rapid.IntRange(1, 6).Draw(t, "sources")
		list := make(Sources, n)
		for i := range list {
			list[i] = Source{ID: fmt.Sprint("s", i), Name: fmt.Sprint("Name ", rapid.IntRange(0, 3).Draw(t, "name"))}
			for _, v := range rapid.SliceOfNDistinct(rapid.IntRange(0, n), 0, 2, rapid.ID).Draw(t, "via") {
				list[i].Via = append(list[i].Via, fmt.Sprint("s", v)) // sN is nobody
			}
		}
		return list
	})
}

// leads reports whether a source has it from another, over however many.
func (s Sources) leads(from, to string, seen map[string]bool) bool {
	for _, x := range s {
		if x.ID != from || seen[from] {
			continue
		}
		seen[from] = true
		for _, v := range x.Via {
			if v == to || s.leads(v, to, seen) {
				return true
			}
		}
	}
	return false
}

// Sources are refused where one of them refers to nobody, or has it from itself in the
// end, and else every chain ends at a root.
func TestChainsOfSourcesEndAtRoots(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := someSources().Draw(t, "list")
		var faults Faults
		s.validate("/sources", &faults)
		dangling := slices.ContainsFunc(s, func(x Source) bool { return slices.Contains(x.Via, fmt.Sprint("s", len(s))) })
		circle := slices.ContainsFunc(s, func(x Source) bool { return s.leads(x.ID, x.ID, map[string]bool{}) })
		if (faults != nil) != (dangling || circle) {
			t.Fatalf("%+v: %v; refers to nobody: %v, in a circle: %v", s, faults, dangling, circle)
		}
		if faults != nil {
			return
		}
		roots := s.Roots()
		for _, x := range s {
			isRoot := slices.ContainsFunc(roots, func(r Source) bool { return r.ID == x.ID })
			fromRoot := slices.ContainsFunc(roots, func(r Source) bool { return s.leads(x.ID, r.ID, map[string]bool{}) })
			if isRoot != (len(x.Via) == 0) || !isRoot && !fromRoot {
				t.Fatalf("%s of %+v: root %v, from a root %v", x.ID, s, isRoot, fromRoot)
			}
		}
		names := s.RootNames()
		if len(names) == 0 || len(names) > len(roots) {
			t.Fatalf("%+v has the roots %q", s, names)
		}
		for _, r := range roots { // each who has it from a root in the end passes it on
			relays := s.relays(r.ID)
			for _, x := range s {
				if x.ID != r.ID && s.leads(x.ID, r.ID, map[string]bool{}) {
					relays = slices.Delete(relays, slices.Index(relays, x.Name), slices.Index(relays, x.Name)+1)
				}
			}
			if len(relays) > 0 {
				t.Fatalf("%+v: %q pass on what %s has", s, relays, r.ID)
			}
		}
	})
}

// A moment that was taken lies between its ends, is put in order within them, and is
// past no sooner than it is over.
func TestAMomentLiesBetweenItsEnds(t *testing.T) {
	instant := rapid.Custom(func(t *rapid.T) Instant {
		if rapid.Bool().Draw(t, "open") {
			return Instant{}
		}
		return Instant{Time: time.Unix(rapid.Int64Range(-1<<33, 1<<34).Draw(t, "second"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanos")).UTC()}
	})
	rapid.Check(t, func(t *rapid.T) {
		m := Moment{Earliest: instant.Draw(t, "earliest"), Best: instant.Draw(t, "best"), Latest: instant.Draw(t, "latest")}
		var faults Faults
		m.validate("/when", &faults)
		ordered := func(a, b Instant) bool { return a.IsZero() || b.IsZero() || !b.Before(a.Time) }
		if sound := ordered(m.Earliest, m.Best) && ordered(m.Best, m.Latest) && ordered(m.Earliest, m.Latest); sound != (faults == nil) {
			t.Fatalf("%+v: %v", m, faults)
		}
		if faults != nil {
			return
		}
		key, timed := m.Key()
		low, high, hasLow, hasHigh := m.Bounds()
		if hasLow && key.Before(low) || hasHigh && key.After(high) || hasLow && hasHigh && high.Before(low) {
			t.Fatalf("%+v stands at %v, between %v and %v", m, key, low, high)
		}
		past, ends := m.Passed()
		if ends != timed || hasHigh && past.Before(high) || !m.Best.IsZero() && past.Before(m.Best.Time) {
			t.Fatalf("%+v is past at %v", m, past)
		}
	})
}

// The nearest word is one of those there are, and none is nearer.
func TestNoWordIsNearerThanTheNearest(t *testing.T) {
	word := rapid.StringMatching(`[abcé]{0,6}`)
	rapid.Check(t, func(t *rapid.T) {
		given, known := word.Draw(t, "given"), rapid.SliceOf(word).Draw(t, "known")
		near := Nearest(given, known)
		apart := func(k string) int { return distance([]rune(given), []rune(k)) }
		for _, k := range known {
			if d := apart(k); d != distance([]rune(k), []rune(given)) || (d == 0) != (k == given) || d > max(len([]rune(k)), len([]rune(given))) {
				t.Fatalf("%q and %q are %d apart", given, k, d)
			}
			if near != "" && apart(k) < apart(near) {
				t.Fatalf("%q is nearer to %q than %q", k, given, near)
			}
		}
		if near != "" && !slices.Contains(known, near) {
			t.Fatalf("%q is none of %q", near, known)
		}
		if slices.Contains(known, given) && near != given {
			t.Fatalf("%q is nearest to %q", near, given)
		}
	})
}

// Whatever a member is called, its pointer leads to it and to nothing else.
func TestAPointerLeadsToOneMember(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfN(rapid.StringMatching(`[a~/0é]{1,4}`), 1, 3).Draw(t, "names")
		pointer := ""
		for _, n := range names {
			pointer += "/" + pointerEscaper.Replace(n)
		}
		tree := map[string]any{"kept": 1}
		at := tree
		for _, n := range names[:len(names)-1] {
			below := map[string]any{"kept": 1}
			at[n] = below
			at = below
		}
		at[names[len(names)-1]] = 1
		before := fmt.Sprint(tree)
		prune(tree, strings.Split(pointer[1:], "/"))
		if _, there := at[names[len(names)-1]]; there {
			t.Fatalf("%s leads nowhere in %s", pointer, before)
		}
		if n := strings.Count(fmt.Sprint(tree), "kept"); n != len(names) {
			t.Fatalf("%s took more than one member of %s: %v", pointer, before, tree)
		}
	})
}
