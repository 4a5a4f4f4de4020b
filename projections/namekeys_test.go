package projections

import (
	"fmt"
	"strings"
	"testing"
)

// What is kept of names is bounded, and what was let go of is made again.
func TestWhatIsKeptOfNamesIsBounded(t *testing.T) {
	var n nameKeys
	for i := range 4000 {
		name := fmt.Sprintf("Сергей %d %s", i, strings.Repeat("x", 1000))
		if got, want := n.of(name), keyOf(name); got != want {
			t.Fatalf("%q is compared by %q, want %q", name, got, want)
		}
		if n.size > mostNameKeys || len(n.all) == 0 {
			t.Fatalf("%d bytes of %d names are kept after %d", n.size, len(n.all), i+1)
		}
	}
	if len(n.all) == 4000 {
		t.Error("all are kept")
	}
	if n.of(" Sergei ") != n.of("Sergei") {
		t.Error("blanks around a name count")
	}
}
