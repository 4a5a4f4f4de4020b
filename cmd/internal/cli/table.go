package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/mattn/go-runewidth"
)

// Cell is a cell of a table.
type Cell struct {
	Text   string
	Colour Colour
}

// Table lays out rows of cells in columns that fit the terminal: the widest
// columns give way first, and their text wraps. Widths count terminal cells, of
// which a wide character takes two.
type Table struct {
	out     io.Writer
	width   int // 0 does not wrap
	colours bool
	rows    [][]Cell
	headed  bool
}

// NewTable returns a table for w with a row of headings, which may be left out.
func NewTable(w io.Writer, heads ...string) *Table {
	t := &Table{out: w, width: Width(w), colours: Coloured(w)}
	if len(heads) > 0 {
		t.headed = true
		row := make([]Cell, len(heads))
		for i, h := range heads {
			row[i] = Cell{h, Faint}
		}
		t.rows = append(t.rows, row)
	}
	return t
}

// Row adds a row of plain cells.
func (t *Table) Row(texts ...string) {
	row := make([]Cell, len(texts))
	for i, text := range texts {
		row[i] = Cell{Text: text}
	}
	t.Cells(row...)
}

// Cells adds a row.
func (t *Table) Cells(row ...Cell) {
	for i := range row {
		row[i].Text = Clean(row[i].Text)
	}
	t.rows = append(t.rows, row)
}

// Empty reports whether no row was added besides the headings.
func (t *Table) Empty() bool { return len(t.rows) == 0 || len(t.rows) == 1 && t.headed }

// between are the blanks between two columns.
const between = 2

// narrowest is what a column keeps however little room there is.
const narrowest = 8

// Flush writes the rows.
func (t *Table) Flush() error {
	widths := t.fit(t.natural())
	var text strings.Builder
	for _, row := range t.rows {
		t.write(&text, row, widths)
	}
	t.rows, t.headed = nil, false
	if _, err := io.WriteString(t.out, text.String()); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// natural returns how wide each column would be without a bound.
func (t *Table) natural() []int {
	var widths []int
	for _, row := range t.rows {
		for i, c := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], runewidth.StringWidth(c.Text))
		}
	}
	return widths
}

// fit narrows the widest columns until the row fits: first those whose longest
// word stays whole, then any.
func (t *Table) fit(widths []int) []int {
	if t.width == 0 || len(widths) == 0 {
		return widths
	}
	excess := between*(len(widths)-1) - t.width
	for _, w := range widths {
		excess += w
	}
	excess = narrow(widths, t.longestWords(len(widths)), excess)
	narrow(widths, make([]int, len(widths)), excess)
	return widths
}

// narrow takes cells from the widest columns that are wider than their floor, and
// returns how many are still too many.
func narrow(widths, floors []int, excess int) int {
	for ; excess > 0; excess-- {
		widest := -1
		for i, w := range widths {
			if w > max(floors[i], narrowest) && (widest < 0 || w > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			return excess
		}
		widths[widest]--
	}
	return 0
}

// longestWords returns how wide the longest word of each column is.
func (t *Table) longestWords(columns int) []int {
	longest := make([]int, columns)
	for _, row := range t.rows {
		for i, c := range row {
			for word := range strings.FieldsSeq(c.Text) {
				longest[i] = max(longest[i], runewidth.StringWidth(word))
			}
		}
	}
	return longest
}

// write adds a row to text, in as many lines as its longest cell takes.
func (t *Table) write(text *strings.Builder, row []Cell, widths []int) {
	lines, most := make([][]string, len(row)), 1
	for i, c := range row {
		lines[i] = wrapped(c.Text, widths[i], t.width > 0)
		most = max(most, len(lines[i]))
	}
	for n := range most {
		var line strings.Builder
		blanks := 0
		for i, c := range row {
			part := ""
			if n < len(lines[i]) {
				part = lines[i][n]
			}
			if part != "" {
				line.WriteString(strings.Repeat(" ", blanks) + Paint(t.colours, c.Colour, part))
				blanks = 0
			}
			blanks += widths[i] - runewidth.StringWidth(part) + between
		}
		text.WriteString(line.String() + "\n")
	}
}

// wrapped breaks text into lines of at most width cells, between words where
// that is possible. Further lines begin with the indentation of the first.
func wrapped(text string, width int, breaks bool) []string {
	text = strings.TrimRight(text, " ")
	if !breaks || runewidth.StringWidth(text) <= width {
		return []string{text}
	}
	indent := text[:len(text)-len(strings.TrimLeft(text, " "))]
	if len(indent) >= width {
		indent = ""
	}
	var lines []string
	line := indent
	for word := range strings.FieldsSeq(text) {
		if line != indent && runewidth.StringWidth(line)+1+runewidth.StringWidth(word) > width {
			lines, line = append(lines, line), indent
		}
		if line != indent {
			line += " "
		}
		line += word
		for runewidth.StringWidth(line) > width {
			head := runewidth.Truncate(line, width, "")
			if head == "" || head == indent {
				break // not even one character fits
			}
			lines, line = append(lines, head), indent+line[len(head):]
		}
	}
	return append(lines, line)
}

// Wrap breaks a line of running text to fit w, with further lines indented.
func Wrap(w io.Writer, text string, indent int) string {
	width := Width(w)
	if width == 0 {
		return text
	}
	lines := wrapped(text, max(width-indent, narrowest), true)
	return strings.Join(lines, "\n"+strings.Repeat(" ", indent))
}
