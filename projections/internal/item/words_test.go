package item

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
)

// What is kept of what rows tell is of its language and of what is stored, and is
// forgotten before it takes too much room.
func TestWhatIsToldIsKeptWithinABound(t *testing.T) {
	var kept Told
	one, other := foreign(t), foreign(t)
	other.Tag = "yy"
	made := 0
	saying := func(text string) func() (told, error) {
		return func() (told, error) { made++; return told{attribution: []byte(text)}, nil }
	}
	for range 3 {
		for text, in := range map[string]*Words{"x": {In: one, Told: &kept}, "y": {In: other, Told: &kept}} {
			got, err := in.Told.of(in.In, []byte("sources"), saying(text))
			if must(t, err); string(got.attribution) != text {
				t.Errorf("%s tells %s", in.In.Tag, got.attribution)
			}
		}
	}
	if made != 2 {
		t.Errorf("it was made %d times for two languages", made)
	}
	if _, err := kept.of(one, []byte("bad"), func() (told, error) { return told{}, errors.New("it cannot be read") }); err == nil {
		t.Error("an error is kept to itself")
	}
	if _, err := kept.of(one, []byte("bad"), saying("")); err != nil {
		t.Errorf("an error was kept: %v", err)
	}
	long := strings.Repeat("z", 1000)
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			for i := range 1000 {
				text := fmt.Sprintf("%d-%d-%s", g, i, long)
				got, err := kept.of(one, []byte(text), func() (told, error) { return told{attribution: []byte(text)}, nil })
				if err != nil || string(got.attribution) != text {
					t.Errorf("%.10s tells %.10s, %v", text, got.attribution, err)
				}
			}
		})
	}
	all.Wait()
	if kept.size > mostTold || len(kept.all[one.Tag]) == 0 {
		t.Errorf("%d bytes are kept, at most %d", kept.size, mostTold)
	}
}
