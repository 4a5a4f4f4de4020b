package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/mattn/go-runewidth"
)

func sample(t *testing.T, columns string) string {
	t.Helper()
	t.Setenv("COLUMNS", columns)
	var out bytes.Buffer
	table := NewTable(&out, "SEQ", "WHEN", "WHAT", "ON WHOSE WORD")
	table.Row("1", "Thu 14 Aug 2025 23:00 CEST", "The aircraft lands at Joint Base Elmendorf-Richardson, and is met by a motorcade", "Spotters, via An outlet")
	table.Row("2", "Fri 15 Aug 2025 10:00 CEST", "领导人会晤的时间和地点已经确定，代表团将于明天上午抵达日内瓦机场", "新华社")
	table.Row("", "", "    place · name: Geneva → Zurich, as the tower says it was all the time", "Tower\x1b[2J")
	if err := table.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// Every line fits in the terminal, whatever its width, and no word is lost.
func TestTablesFitTheTerminal(t *testing.T) {
	whole := strings.Join(strings.Fields(sample(t, "")), "")
	for columns, width := range map[string]int{"80": 80, "120": 120, "200": 200} {
		text := sample(t, columns)
		for line := range strings.Lines(text) {
			if n := runewidth.StringWidth(strings.TrimSuffix(line, "\n")); n > width {
				t.Errorf("%d cells in %s columns: %s", n, columns, line)
			}
		}
		for _, word := range []string{"Elmendorf-Richardson", "motorcade", "→", "Zurich", "新华社"} {
			if !strings.Contains(text, word) {
				t.Errorf("%s columns lack %s:\n%s", columns, word, text)
			}
		}
		if got := strings.Join(strings.Fields(text), ""); len(got) != len(whole) {
			t.Errorf("%s columns: %d bytes of text, and without a bound %d:\n%s", columns, len(got), len(whole), text)
		}
	}
}

// In a pipe, a table has one line for each row.
func TestTablesInPipesHaveALineForEachRow(t *testing.T) {
	text := sample(t, "")
	if n := strings.Count(text, "\n"); n != 4 {
		t.Errorf("%d lines:\n%s", n, text)
	}
	if strings.ContainsAny(text, "\x1b") || strings.Contains(text, " \n") {
		t.Errorf("controls or blanks at the end: %q", text)
	}
}
