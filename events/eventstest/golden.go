package eventstest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Golden compares a text with a file, and names the first line that differs. With
// update it writes the file first.
func Golden(t testing.TB, path, got string, update bool) {
	t.Helper()
	if update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v: the flag -update writes it", err)
	}
	a, b := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for n := range max(len(a), len(b)) {
		if n >= len(a) || n >= len(b) || a[n] != b[n] {
			t.Errorf("%s:%d:\n got %q\nwant %q", path, n+1, line(a, n), line(b, n))
			return
		}
	}
}

// line returns a line of a text, or "" past its end.
func line(list []string, n int) string {
	if n < len(list) {
		return list[n]
	}
	return ""
}
