package posting

import (
	"errors"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/summit-timeline/summit/projections/internal/keys"
	"github.com/summit-timeline/summit/store/viewdb"
)

// posted is a posting of a model: a place that counts from one sequence to another.
type posted struct {
	list     string
	place    Place
	from, to uint64
}

// lists is a model of some lists, and the views that are to hold the same.
type lists struct {
	*rapid.T
	tx    *viewdb.Tx
	model []posted
	spans map[byte]Span // of each segment, up to now
	seen  []Span        // that of the last segment at each sequence
	now   uint64
}

func (l *lists) must(err error) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
}

func (l *lists) add(list string, key int64, fact uint64) {
	l.model = append(l.model, posted{list, Place{key, fact}, l.now, math.MaxUint64})
	if fact == l.now {
		l.must(AddNew(l.tx, Posting{list, key}, fact, l.now))
	} else {
		l.must(Add(l.tx, Posting{list, key}, fact, l.now))
	}
	s := SegmentOf(l.now)
	span, has := l.spans[s]
	if !has {
		span = Span{key, key}
	}
	l.spans[s] = Span{min(span.Low, key), max(span.High, key)}
}

func (l *lists) remove(i int) {
	p := &l.model[i]
	p.to = l.now
	l.must(Remove(l.tx, Posting{p.list, p.place.Key}, p.place.Fact, l.now))
}

// standing are the postings that may leave their list.
func (l *lists) standing() (list []int) {
	for i, p := range l.model {
		if p.to == math.MaxUint64 && p.from < l.now {
			list = append(list, i)
		}
	}
	return list
}

// grow adds an event: a new fact in a list, or one that moves, leaves or comes back.
func (l *lists) grow() {
	l.now++
	list := rapid.SampledFrom([]string{"a", "ab"}).Draw(l.T, "list")
	key := rapid.Int64Range(-4, 4).Draw(l.T, "key")
	stand := l.standing()
	switch what := rapid.IntRange(0, 4).Draw(l.T, "what"); {
	case what > 2 && len(stand) > 0:
		i := rapid.SampledFrom(stand).Draw(l.T, "leaves")
		l.remove(i)
		if what == 4 {
			l.add(l.model[i].list, key, l.model[i].place.Fact)
		}
	default:
		l.add(list, key, l.now)
	}
	l.seen = append(l.seen, l.spans[SegmentOf(l.now)])
}

// as reads a list of the model as known at a position, between two places.
func (l *lists) as(w Walk) (want []Place) {
	for _, p := range l.model {
		first, last := w.From, w.To
		after := func(a, b Place) bool { return Less(a, b) != w.Desc && a != b }
		if p.list == w.List && p.from <= w.Known && w.Known < p.to && (first == nil || !after(p.place, *first)) && (last == nil || after(p.place, *last)) {
			want = append(want, p.place)
		}
	}
	slices.SortFunc(want, func(a, b Place) int { return inOrderOfPlaces(a, b) })
	if w.Desc {
		slices.Reverse(want)
	}
	return want
}

func (l *lists) walk() Walk {
	w := Walk{List: rapid.SampledFrom([]string{"a", "ab", "b"}).Draw(l.T, "of"), Known: rapid.Uint64Range(0, l.now).Draw(l.T, "known"), Desc: rapid.Bool().Draw(l.T, "desc")}
	place := rapid.Custom(func(t *rapid.T) *Place {
		return &Place{rapid.Int64Range(-5, 5).Draw(t, "key"), rapid.Uint64Range(0, l.now+1).Draw(t, "fact")}
	})
	if rapid.Bool().Draw(l.T, "begins") {
		w.From = place.Draw(l.T, "from")
	}
	if rapid.Bool().Draw(l.T, "ends") {
		w.To = place.Draw(l.T, "to")
	}
	if w.Known > 0 && rapid.Bool().Draw(l.T, "within") {
		w.Within = &l.seen[w.Known-1]
	}
	return w
}

// onLists runs fn on the lists of a story.
func onLists(t *testing.T, fn func(l *lists)) {
	db, err := viewdb.Open(filepath.Join(t.TempDir(), "views.db"), viewdb.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	rapid.Check(t, func(r *rapid.T) {
		undone := db.Update(func(tx *viewdb.Tx) error {
			l := &lists{T: r, tx: tx, spans: map[byte]Span{}}
			for range rapid.IntRange(1, 90).Draw(r, "length") {
				l.grow()
			}
			fn(l)
			return errUndo
		})
		if !errors.Is(undone, errUndo) {
			r.Fatal(undone)
		}
	})
}

// errUndo takes a story back, so that the next begins with nothing.
var errUndo = errors.New("undone")

// Whatever was added, moved and taken out since, a list reads at an old position as it
// read then: in order, from and to any place, in both directions.
func TestAListReadsAtAnyPositionAsItDidThen(t *testing.T) {
	onLists(t, func(l *lists) {
		for range 20 {
			w := l.walk()
			if got, want := slices.Collect(w.Places(l.tx)), l.as(w); !slices.Equal(got, want) {
				l.Fatalf("%+v from %v to %v\n got %v\nwant %v", w, w.From, w.To, got, want)
			}
		}
	})
}

// A union is what is in either list, once and in order.
func TestAUnionHasEachPlaceOnce(t *testing.T) {
	onLists(t, func(l *lists) {
		for range 10 {
			a, b := l.walk(), l.walk()
			b.Desc, b.Known, b.Within = a.Desc, a.Known, nil
			want := append(l.as(a), l.as(b)...)
			slices.SortFunc(want, inOrderOfPlaces)
			if want = slices.Compact(want); a.Desc {
				slices.Reverse(want)
			}
			if got := slices.Collect(Union(l.tx, a, b)); !slices.Equal(got, want) {
				l.Fatalf("%+v and %+v\n got %v\nwant %v", a, b, got, want)
			}
			for first := range Union(l.tx, a, b) {
				if first != want[0] {
					l.Fatalf("it begins with %v, want %v", first, want[0])
				}
				break
			}
		}
	})
}

// Keys are in the order of the numbers that they are made of.
func TestKeysAreInTheOrderOfNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64().Draw(t, "a"), rapid.Int64().Draw(t, "b")
		if (a < b) != (keys.Ordered(a) < keys.Ordered(b)) || keys.Signed(keys.Ordered(a)) != a {
			t.Fatalf("%d is %d, %d is %d", a, keys.Ordered(a), b, keys.Ordered(b))
		}
		m, n, o := uint64(a), uint64(b), rapid.Uint64().Draw(t, "c")
		if (m < n) != (slices.Compare(keys.Seq(m), keys.Seq(n)) < 0) || keys.Uint64(keys.Pair(m, n)) != m || keys.Uint64(keys.Pair(m, n)[8:]) != n {
			t.Fatalf("%d and %d", m, n)
		}
		if m != n && (m < n) != (slices.Compare(keys.Pair(m, o), keys.Pair(n, o)) < 0) {
			t.Fatalf("%d and %d, with %d", m, n, o)
		}
	})
	for seq, want := range map[uint64]byte{1: 0, 7: 0, 8: 1, 63: 1, 64: 2, 511: 2, 512: 3, math.MaxUint64: 21} {
		if got := SegmentOf(seq); got != want {
			t.Errorf("%d is in segment %d, want %d", seq, got, want)
		}
	}
}
