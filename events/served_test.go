package events

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// A schema that was served never changes: clients keep it under its path.
func TestServedSchemasNeverChange(t *testing.T) {
	for name, e := range registry {
		for version := 1; version <= e.version(); version++ {
			t.Run(fmt.Sprintf("%s/%d", name, version), func(t *testing.T) {
				got, _ := Schema(name, version)
				path := filepath.Join("testdata", "schemas", name, itoa(version)+".json")
				want, err := os.ReadFile(path)
				if errors.Is(err, os.ErrNotExist) && *update {
					writeGolden(t, path, got)
					return
				}
				if err != nil {
					t.Fatalf("%v: a new type or version needs its schema kept: go test ./events -run Served -update", err)
				}
				if string(got) != string(want) {
					t.Errorf("the schema has changed: give the type a new version and write the old one out\n got %s\nwant %s", got, want)
				}
			})
		}
	}
}

func writeGolden(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}
