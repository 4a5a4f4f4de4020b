package posting

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
		var list []Place
		end := &Tail{Whole: true}
		for fact := range uint64(120) {
			p := Place{Key: dice.Int64N(40) + int64(fact)/3, Fact: fact}
			at, _ := slices.BinarySearchFunc(list, p, inOrderOfPlaces)
			list = slices.Insert(list, at, p)
			end.Add(p)
			if dice.IntN(4) == 0 {
				gone := dice.IntN(len(list))
				end.Remove(list[gone])
				list = slices.Delete(list, gone, gone+1)
			}
			from := Place{Key: dice.Int64N(60), Fact: dice.Uint64N(120)}
			if dice.IntN(3) > 0 {
				from = p
			}
			for _, desc := range []bool{true, false} {
				got, reaches := end.Beside(from, desc)
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

func inOrderOfPlaces(a, b Place) int {
	switch {
	case Less(a, b):
		return -1
	case Less(b, a):
		return 1
	}
	return 0
}

// besideIn goes through a whole list.
func besideIn(list []Place, from Place, desc bool) (near []Place) {
	list = slices.Clone(list)
	if desc {
		slices.Reverse(list)
	}
	for _, p := range list {
		if before := Less(p, from); p.Fact != from.Fact && before == desc && len(near) < Neighbours {
			near = append(near, p)
		}
	}
	return near
}
