package projections

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/summit-timeline/summit/projections/internal/item"
)

// A page that is written into one text has the items of one that is read item by item,
// after what stands before them.
func TestAPageIsTheSameInOneText(t *testing.T) {
	for seed := range uint64(10) {
		m := randomStory(t, seed, 80)
		e := openStory(t, m, m.records, 9)
		for name, q := range queries {
			q.Reading, q.Limit = AsOf{Seq: e.Head().Seq - seed, Pinned: seed%2 == 0}, 1+int(seed)*4
			want, err := e.Timeline(t.Context(), q, opening)
			if err != nil {
				t.Fatal(err)
			}
			var stamp Stamp
			page, text, err := e.AppendTimeline(t.Context(), q, opening, func(s Stamp) ([]byte, error) { stamp = s; return []byte("items: "), nil })
			if err != nil {
				t.Fatal(err)
			}
			var items [][]byte
			for _, i := range want.Items {
				items = append(items, i)
			}
			if got := "items: " + string(bytes.Join(items, []byte{','})); string(text) != got {
				t.Errorf("story %d, %s:\n%s\nwant\n%s", seed, name, text, got)
			}
			if want.Items = nil; !reflect.DeepEqual(page, want) || !reflect.DeepEqual(stamp, want.Stamp) {
				t.Errorf("story %d, %s: %+v after %+v, want %+v", seed, name, page, stamp, want)
			}
		}
	}
}

// Rows that are read with one cursor, in any order, are those that are looked up one by
// one.
func TestRowsAreReadInAnyOrder(t *testing.T) {
	dice, missing := rand.New(rand.NewPCG(3, 4)), 0
	for seed := range uint64(10) {
		m := randomStory(t, seed, 150)
		e := openStory(t, m, m.records, 20)
		if err := e.view(func(r *reader) error {
			for range 50 {
				known, fact := 1+dice.Uint64N(r.Head.Seq), dice.Uint64N(r.Head.Seq)
				rows := item.RowsAt(r.Tx, known)
				for range 40 {
					got, err := rows.Read(fact)
					want, missed := item.ReadRow(r.Tx, fact, known)
					if (err == nil) != (missed == nil) || !reflect.DeepEqual(got, want) {
						t.Fatalf("story %d, fact %d at %d: %s %v, want %s %v", seed, fact, known, got.Core, err, want.Core, missed)
					}
					if missed != nil {
						missing++
					}
					if fact += dice.Uint64N(9) - 4; fact > r.Head.Seq {
						fact = dice.Uint64N(r.Head.Seq)
					}
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	if missing == 0 {
		t.Error("every fact was there at every position")
	}
}
