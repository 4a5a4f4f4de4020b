package eventstest

import (
	"os"
	"testing"
)

// Lacking skips a test that the machine lacks something for. If CI is set, the test
// fails: where everything is checked, nothing is left out.
func Lacking(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("%s: CI must not leave this out", why)
	}
	t.Skipf("%s: this is not tried", why)
}
