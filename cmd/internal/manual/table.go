package manual

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	tables "github.com/yuin/goldmark/extension/ast"
)

var styles = regexp.MustCompile("\x1b\\[[0-9;]*m")

// wide returns how many columns of a terminal a text takes.
func wide(s string) int { return utf8.RuneCountInString(styles.ReplaceAllString(s, "")) }

// wrap breaks a text into lines of at most so many columns; a longer word has a
// line of its own.
func wrap(text string, width int) []string {
	lines, line := []string{}, ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = word
		case wide(line)+1+wide(word) <= width:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
	}
	return append(lines, line)
}

// gap stands between two columns.
const gap = "  "

// table writes columns that fit the width; where they cannot, each row becomes a
// list of its cells.
func (w *terminal) table(t *tables.Table, indent string, width int) {
	var rows [][]string
	for row := t.FirstChild(); row != nil; row = row.NextSibling() {
		var list []string
		for c := row.FirstChild(); c != nil; c = c.NextSibling() {
			list = append(list, w.inline(c))
		}
		rows = append(rows, list)
	}
	columns, fit := fitted(rows, width-wide(indent))
	if !fit {
		w.stack(rows, indent, width)
		return
	}
	apart := tall(rows, columns)
	for i, row := range rows {
		if i == 0 {
			row = w.heads(row)
		} else if i > 1 && apart {
			w.WriteByte('\n')
		}
		w.row(row, columns, indent)
		if i == 0 {
			var rule []string
			for _, n := range columns {
				rule = append(rule, strings.Repeat("─", n))
			}
			w.WriteString(indent + strings.Join(rule, gap) + "\n")
		}
	}
	w.WriteByte('\n')
}

// tall reports whether a row takes more than one line: an empty one then keeps
// the rows apart.
func tall(rows [][]string, columns []int) bool {
	for _, row := range rows {
		for i, cell := range row {
			if wide(cell) > columns[i] {
				return true
			}
		}
	}
	return false
}

func (w *terminal) heads(row []string) []string {
	list := slices.Clone(row)
	for i, cell := range list {
		list[i] = w.style(bold, cell)
	}
	return list
}

// row writes the cells of a row beside each other, each wrapped to its column.
func (w *terminal) row(cells []string, columns []int, indent string) {
	lines, height := make([][]string, len(cells)), 0
	for i, cell := range cells {
		lines[i] = wrap(cell, columns[i])
		height = max(height, len(lines[i]))
	}
	for n := range height {
		line := indent
		for i := range cells {
			text := ""
			if n < len(lines[i]) {
				text = lines[i][n]
			}
			line += text + strings.Repeat(" ", max(0, columns[i]-wide(text))) + gap
		}
		w.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

// stack writes a row as a list: its first cell, and the others below with the
// heads of their columns.
func (w *terminal) stack(rows [][]string, indent string, width int) {
	for _, row := range rows[1:] {
		w.paragraph(indent, indent, row[0], width)
		w.close(true)
		for i, cell := range row[1:] {
			if cell != "" {
				w.paragraph(indent+"  ", indent+"    ", rows[0][i+1]+": "+cell, width)
				w.close(true)
			}
		}
		w.WriteByte('\n')
	}
}

// fitted returns how wide each column is so that a table fits: the widest are
// narrowed first, none below its longest word. It returns false if that is too
// wide, or leaves a column of text hardly wider than a word.
func fitted(rows [][]string, width int) ([]int, bool) {
	columns, least := make([]int, len(rows[0])), make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			columns[i] = max(columns[i], wide(cell))
			for word := range strings.FieldsSeq(cell) {
				least[i] = max(least[i], wide(word))
			}
		}
	}
	total := len(gap) * (len(columns) - 1)
	for i, n := range columns {
		total += n
		least[i] = min(n, max(least[i], legible))
	}
	for total > width {
		at := -1
		for i, n := range columns {
			if n > least[i] && (at < 0 || n > columns[at]) {
				at = i
			}
		}
		if at < 0 {
			return nil, false
		}
		columns[at]--
		total--
	}
	return columns, true
}

// legible is the width below which no column of text is narrowed.
const legible = 14
