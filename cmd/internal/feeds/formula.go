package feeds

import (
	"fmt"
	"regexp"
	"strings"
)

// The beginning of a formula for a spreadsheet, after quotes and invisible characters.
// The wide forms count in spreadsheets that are set to East Asian text.
const formula = `([\s\p{Z}\p{Cf}"]*)([=+\-@＝＋－＠])`

// A cell begins where its text does. In a spreadsheet that is set to another separator,
// cells also begin within the text: at a semicolon, a tab or a line break.
var (
	atStart = regexp.MustCompile(`^` + formula)
	within  = regexp.MustCompile(`([;\t\n])` + formula)
)

// cell keeps a text from being taken for a formula: it puts an apostrophe before a text
// that begins like one. Numbers have their own columns, where -149.8 stays a number.
func cell(s string) string {
	s = clean(s)
	if strings.HasPrefix(s, "\t") || atStart.MatchString(s) {
		s = "'" + s
	}
	return within.ReplaceAllString(s, "$1$2'$3")
}

// jsonCell does the same for JSON, whose value stays the same: JSON begins with a
// brace, and whatever follows a separator is in a string, where it can be escaped.
func jsonCell(b []byte) string {
	return within.ReplaceAllStringFunc(string(b), func(s string) string {
		r := []rune(s)
		last := len(r) - 1
		return string(r[:last]) + fmt.Sprintf(`\u%04x`, r[last])
	})
}
