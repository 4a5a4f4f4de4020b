package cli

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode"

	"github.com/mattn/go-runewidth"
	"pgregory.net/rapid"
)

// someText draws texts of the scripts, blanks and signs that tables are shown.
func someText() *rapid.Generator[string] {
	return rapid.StringOfN(rapid.SampledFrom([]rune("aé -→新ж\u0301\u200bن\U0001f600.")), 0, 60, -1)
}

// letters returns what of a text is not blank.
func letters(text string) string { return strings.Join(strings.Fields(text), "") }

// Lines are never wider than there is room for, and no letter is lost.
func TestWrappedTextFitsAndIsWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, width := someText().Draw(t, "text"), rapid.IntRange(narrowest, 40).Draw(t, "width")
		lines := wrapped(text, width, true)
		for _, line := range lines {
			if w := runewidth.StringWidth(line); w > width {
				t.Fatalf("%q is %d cells wide, of %d", line, w, width)
			}
		}
		if got := letters(strings.Join(lines, " ")); got != letters(text) {
			t.Fatalf("%q becomes %q", text, lines)
		}
		if whole := wrapped(text, width, false); len(whole) != 1 || letters(whole[0]) != letters(text) {
			t.Fatalf("%q in a pipe becomes %q", text, whole)
		}
	})
}

// Rows fit the terminal wherever each column can have its least width; no letter is
// lost, and in a pipe each row is one line.
func TestTablesFitAndAreWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		columns := rapid.IntRange(1, 5).Draw(t, "columns")
		rows := rapid.SliceOfN(rapid.SliceOfN(someText(), 1, columns), 1, 5).Draw(t, "rows")
		width := rapid.IntRange(columns*(narrowest+between), 120).Draw(t, "width")
		for _, w := range []int{width, 0} {
			var out bytes.Buffer
			table := &Table{out: &out, width: w}
			want := map[rune]int{}
			for _, row := range rows {
				table.Row(row...)
				for _, r := range letters(strings.Join(row, "")) {
					want[r]++
				}
			}
			if err := table.Flush(); err != nil {
				t.Fatal(err)
			}
			if w == 0 && strings.Count(out.String(), "\n") != len(rows) {
				t.Fatalf("%d rows in a pipe:\n%s", len(rows), &out)
			}
			for line := range strings.Lines(out.String()) {
				if n := runewidth.StringWidth(strings.TrimSuffix(line, "\n")); w > 0 && n > w {
					t.Fatalf("%d cells in %d columns:\n%s", n, w, &out)
				}
			}
			for _, r := range letters(out.String()) {
				want[r]--
			}
			for r, n := range want {
				if n != 0 {
					t.Fatalf("%q is %d times too few in\n%s", r, n, &out)
				}
			}
		}
	})
}

// Cleaned text cannot move the cursor, set a title or reverse a line.
func TestWhatIsShownCommandsNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text") + rapid.SampledFrom([]string{"\x1b[2J", "\x9b1m", "\r", "\x07", "\u202e", "\u202a"}).Draw(t, "trick")
		got := Clean(text)
		if strings.ContainsFunc(got, func(r rune) bool { return unicode.IsControl(r) || r >= 0x202a && r <= 0x202e }) {
			t.Fatalf("%q becomes %q", text, got)
		}
		if len([]rune(got)) != len([]rune(text)) || Clean(got) != got {
			t.Fatalf("%q becomes %q", text, got)
		}
	})
	if got := plain(errors.New("a\x1b[2J\nb\u202ec")); got != "a [2J\nb c" {
		t.Errorf("an error: %q", got)
	}
}

// No text of a man page is taken for a macro or an escape.
func TestNoTextOfAPageIsAMacro(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r roff
		text := strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{".", "'", ".Sh", "\\fB", "-o", "word", "a.", "`x`", "^", "~"})).Draw(t, "words"), " ")
		r.text(text)
		for line := range strings.Lines(r.String()) {
			if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") || strings.ContainsAny(line, "`^~'") {
				t.Fatalf("%q becomes\n%s", text, &r)
			}
			if strings.Contains(strings.ReplaceAll(strings.NewReplacer(`\-`, "", `\&`, "", `\(aq`, "", `\(ga`, "", `\(ha`, "", `\(ti`, "").Replace(line), `\e`, ""), `\`) {
				t.Fatalf("%q becomes\n%s", text, &r)
			}
		}
	})
	if got := quoted(`say "x"`); got != `"say \(dqx\(dq"` {
		t.Error(got)
	}
}

func TestAnswersAreOneLineOfJSON(t *testing.T) {
	var out bytes.Buffer
	if err := PrintJSON(&out, map[string]any{"b": "x\ny", "a": 1}); err != nil || out.String() != `{"a":1,"b":"x\ny"}`+"\n" {
		t.Errorf("%q, %v", &out, err)
	}
	if err := PrintJSON(&out, func() {}); err == nil {
		t.Error("a function was printed")
	}
}
