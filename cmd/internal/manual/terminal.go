package manual

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	tables "github.com/yuin/goldmark/extension/ast"
)

// The styles of a terminal.
const (
	bold  = "\x1b[1m"
	faint = "\x1b[2m"
	reset = "\x1b[0m"
)

// The widths that text is wrapped to: longer lines are hard to read, and
// narrower ones have no room for a word.
const (
	widest    = 100
	narrowest = 24
	codeShift = "    "
)

// Terminal renders the topic for a terminal of that width. Commands and what
// they print are left as they are. With styled, headings and strong words are
// bold; without, the text is plain and code keeps its backquotes.
func (t Topic) Terminal(width int, styled bool) string {
	w := &terminal{source: t.text, styled: styled}
	width = min(max(width, narrowest), widest)
	w.heading(1, t.Title)
	w.paragraph("", "", t.Short, width)
	w.blocks(t.parse(), "", width)
	return w.String()
}

// terminal writes blocks, with an empty line between them.
type terminal struct {
	bytes.Buffer
	source []byte
	styled bool
}

// style makes each word of a text bold or faint, so that it can be wrapped.
func (w *terminal) style(with, text string) string {
	if !w.styled || strings.TrimSpace(text) == "" {
		return text
	}
	words := strings.Split(text, " ")
	for i, word := range words {
		if word != "" {
			words[i] = with + word + reset
		}
	}
	return strings.Join(words, " ")
}

func (w *terminal) heading(level int, text string) {
	if level > 1 {
		w.WriteByte('\n')
	}
	w.WriteString(w.style(bold, text) + "\n")
	if marks := map[int]string{1: "=", 2: "-"}; !w.styled && marks[level] != "" {
		w.WriteString(strings.Repeat(marks[level], utf8.RuneCountInString(text)) + "\n")
	}
	w.WriteByte('\n')
}

// paragraph wraps a text: first begins its first line, rest the others.
func (w *terminal) paragraph(first, rest, text string, width int) {
	for i, line := range wrap(text, width-utf8.RuneCountInString(rest)) {
		if i == 0 {
			w.WriteString(first + line + "\n")
		} else {
			w.WriteString(rest + line + "\n")
		}
	}
	w.WriteByte('\n')
}

func (w *terminal) blocks(parent ast.Node, indent string, width int) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		w.block(n, indent, width)
	}
}

func (w *terminal) block(n ast.Node, indent string, width int) {
	switch x := n.(type) {
	case *ast.Heading:
		w.heading(x.Level, w.inline(x))
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		for line := range strings.Lines(code(n, w.source)) {
			w.WriteString(strings.TrimRight(indent+codeShift+line, " \n") + "\n")
		}
		w.WriteByte('\n')
	case *ast.List:
		w.list(x, indent, width)
	case *tables.Table:
		w.table(x, indent, width)
	case *ast.ThematicBreak:
		w.WriteString(indent + strings.Repeat("-", width-len(indent)) + "\n\n")
	default:
		if x.Type() == ast.TypeBlock && x.FirstChild() != nil && x.FirstChild().Type() == ast.TypeBlock {
			w.blocks(x, indent+"  ", width)
			return
		}
		w.paragraph(indent, indent, w.inline(x), width)
	}
}

func (w *terminal) list(list *ast.List, indent string, width int) {
	number := list.Start
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		mark := "- "
		if list.IsOrdered() {
			mark = fmt.Sprintf("%d. ", number)
			number++
		}
		rest := indent + strings.Repeat(" ", len(mark))
		for n := item.FirstChild(); n != nil; n = n.NextSibling() {
			if n == item.FirstChild() {
				w.paragraph(indent+mark, rest, w.inline(n), width)
			} else {
				w.block(n, rest, width)
			}
		}
		w.close(list.IsTight && item.NextSibling() != nil)
	}
}

// close takes the empty line after a block back where the next one follows
// without.
func (w *terminal) close(tight bool) {
	if tight && bytes.HasSuffix(w.Bytes(), []byte("\n\n")) {
		w.Truncate(w.Len() - 1)
	}
}

// inline returns the words below a node, with their marks.
func (w *terminal) inline(n ast.Node) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch x := c.(type) {
		case *ast.Text:
			b.Write(x.Segment.Value(w.source))
			if x.SoftLineBreak() || x.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.CodeSpan:
			b.WriteString(w.codeSpan(plain(x, w.source)))
		case *ast.Emphasis:
			if x.Level == 2 {
				b.WriteString(w.style(bold, w.inline(x)))
			} else {
				b.WriteString(w.inline(x))
			}
		case *ast.Link:
			b.WriteString(w.link(x))
		case *ast.Image:
			b.WriteString("Picture: " + w.inline(x) + " (" + placeOf(string(x.Destination)).source + ")")
		default:
			b.WriteString(plain(c, w.source))
		}
	}
	return b.String()
}

func (w *terminal) codeSpan(text string) string {
	if w.styled {
		return w.style(bold, text)
	}
	return "`" + text + "`"
}

// link returns the words of a link and how its place is reached from here.
func (w *terminal) link(x *ast.Link) string {
	words, way := w.inline(x), ""
	switch to := placeOf(string(x.Destination)); {
	case to.source != "":
		way = to.source
	case to.web != "":
		way = to.web
	case to.topic == strings.TrimSuffix(index, ending):
		way = "summit help"
	case to.topic != "":
		way = "summit help " + to.topic
	}
	if way == "" || way == strings.Trim(plain(x, w.source), "`") {
		return words
	}
	return words + " " + w.style(faint, "("+way+")")
}
