package manual

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// licences are told by a sentence of each.
var licences = []struct{ name, says string }{
	{"Apache-2.0", "Apache License"},
	{"MPL-2.0", "Mozilla Public License"},
	{"MIT", "Permission is hereby granted, free of charge"},
	{"BSD-3-Clause", "Redistribution and use in source and binary forms"},
	{"ISC", "Permission to use, copy, modify, and"},
}

// licencesOf reads the licence files of a module.
func licencesOf(t *testing.T, dir string) string {
	t.Helper()
	var names []string
	for _, pattern := range []string{"LICENSE*", "COPYING*"} {
		some, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, some...)
	}
	if len(names) == 0 {
		t.Errorf("%s has no licence", dir)
	}
	var text strings.Builder
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(b)
	}
	all := strings.Join(strings.Fields(text.String()), " ")
	var found []string
	for _, l := range licences {
		if strings.Contains(all, l.says) {
			found = append(found, l.name)
		}
	}
	return strings.Join(found, ", ")
}

// rowsOf reads the tables of modules: those that are imported with their reason
// and licence, the others with their licence.
func rowsOf(t *testing.T, text string) map[string][]string {
	t.Helper()
	rows := map[string][]string{}
	for _, m := range regexp.MustCompile(`(?m)^\| ([a-z0-9.]+\.[a-z]+/\S+) \| (.+) \|$`).FindAllStringSubmatch(text, -1) {
		if rows[m[1]] != nil {
			t.Errorf("%s stands there twice", m[1])
		}
		rows[m[1]] = strings.Split(m[2], " | ")
	}
	return rows
}

func TestEachLibraryIsNamedWithItsLicence(t *testing.T) {
	topic, err := read("libraries")
	if err != nil {
		t.Fatal(err)
	}
	rows := rowsOf(t, string(topic.Markdown()))
	var mod struct {
		Require []struct {
			Path, Version string
			Indirect      bool
		}
	}
	goSays(t, func(d *json.Decoder) error { return d.Decode(&mod) }, "mod", "edit", "-json")
	var wanted []string
	for _, r := range mod.Require {
		row := rows[r.Path]
		if columns := map[bool]int{true: 1, false: 2}[r.Indirect]; len(row) != columns || slices.Contains(row, "") {
			t.Errorf("%s is not in its table: %v", r.Path, row)
		}
		wanted = append(wanted, r.Path+"@"+r.Version)
	}
	if len(rows) != len(wanted) {
		t.Errorf("%d modules are named, and go.mod has %d", len(rows), len(wanted))
	}
	goSays(t, func(d *json.Decoder) error {
		for {
			var m struct{ Path, Dir, Error string }
			if err := d.Decode(&m); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return err
			}
			row := rows[m.Path]
			if got := licencesOf(t, m.Dir); len(row) > 0 && row[len(row)-1] != got {
				t.Errorf("the licence of %s is %s, and not %s", m.Path, got, row[len(row)-1])
			}
		}
	}, append([]string{"mod", "download", "-json"}, wanted...)...)
}

// goSays reads what the go command prints about the module.
func goSays(t *testing.T, read func(*json.Decoder) error, args ...string) {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = top
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", args[1], err, out)
	}
	if err := read(json.NewDecoder(strings.NewReader(string(out)))); err != nil {
		t.Fatal(err)
	}
}
