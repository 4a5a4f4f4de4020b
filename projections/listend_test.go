package projections

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// What the end of a list says stands beside a place is what the whole list says.
func TestTheEndOfAListIsThatOfTheList(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	reached, beyond := 0, 0
	for range 200 {
		var list []place
		end := &listEnd{whole: true}
		for fact := range uint64(120) {
			p := place{key: dice.Int64N(40) + int64(fact)/3, fact: fact}
			at, _ := slices.BinarySearchFunc(list, p, inOrderOfPlaces)
			list = slices.Insert(list, at, p)
			end.enter(p)
			if dice.IntN(4) == 0 {
				gone := dice.IntN(len(list))
				end.leave(list[gone])
				list = slices.Delete(list, gone, gone+1)
			}
			from := place{key: dice.Int64N(60), fact: dice.Uint64N(120)}
			if dice.IntN(3) > 0 {
				from = p
			}
			for _, desc := range []bool{true, false} {
				got, reaches := end.beside(from, desc)
				if !reaches {
					beyond++
					continue
				}
				reached++
				if want := besideIn(list, from, desc); !slices.Equal(got, want) {
					t.Fatalf("beside %v (down: %t): %v, the list has %v", from, desc, got, want)
				}
			}
		}
	}
	if reached == 0 || beyond == 0 {
		t.Errorf("%d within, %d beyond", reached, beyond)
	}
}

func inOrderOfPlaces(a, b place) int {
	switch {
	case less(a, b):
		return -1
	case less(b, a):
		return 1
	}
	return 0
}

// besideIn goes through a whole list.
func besideIn(list []place, from place, desc bool) (near []place) {
	list = slices.Clone(list)
	if desc {
		slices.Reverse(list)
	}
	for _, p := range list {
		if before := less(p, from); p.fact != from.fact && before == desc && len(near) < neighbourhood {
			near = append(near, p)
		}
	}
	return near
}
