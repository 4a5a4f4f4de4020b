package feeds

import (
	"fmt"
	"regexp"
	"strings"
)

// What a spreadsheet takes for the beginning of a formula, after quotes and what
// is not seen; the wide forms count if it is set to East Asian text.
const formula = `([\s\p{Z}\p{Cf}"]*)([=+\-@＝＋－＠])`

// Cells begin where the text does. For a spreadsheet that is set to another
// separator they also begin within it: at a semicolon, a tab or a line break.
var (
	atStart = regexp.MustCompile(`^` + formula)
	within  = regexp.MustCompile(`([;\t\n])` + formula)
)

// cell keeps a text from being taken for a formula: what begins like one is
// given a leading apostrophe. Numbers have columns of their own, in which -149.8
// stays a number.
func cell(s string) string {
	s = clean(s)
	if strings.HasPrefix(s, "\t") || atStart.MatchString(s) {
		s = "'" + s
	}
	return within.ReplaceAllString(s, "$1$2'$3")
}

// jsonCell does the same for JSON, and keeps it JSON of the same value: it
// begins with a brace, and what follows a separator is in a string, where the
// character can be escaped.
func jsonCell(b []byte) string {
	return within.ReplaceAllStringFunc(string(b), func(s string) string {
		r := []rune(s)
		last := len(r) - 1
		return string(r[:last]) + fmt.Sprintf(`\u%04x`, r[last])
	})
}
