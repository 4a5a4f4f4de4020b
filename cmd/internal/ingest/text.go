package ingest

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// plain is the text of HTML: what a reader sees, without markup. A block
// begins a line of its own.
func plain(markup string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(markup))
	hidden := 0
	for {
		kind := z.Next()
		name, _ := z.TagName()
		a := atom.Lookup(name)
		switch kind {
		case html.ErrorToken:
			return lines(b.String())
		case html.TextToken:
			if hidden == 0 {
				b.Write(z.Text())
			}
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			switch a { //nolint:exhaustive // the other elements stand within a line
			case atom.Script, atom.Style, atom.Template:
				if kind == html.StartTagToken {
					hidden++
				} else if kind == html.EndTagToken && hidden > 0 {
					hidden--
				}
			case atom.Br, atom.P, atom.Div, atom.Li, atom.Ul, atom.Ol, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6,
				atom.Tr, atom.Blockquote, atom.Figure, atom.Figcaption, atom.Hr, atom.Section, atom.Article, atom.Pre, atom.Table:
				b.WriteByte('\x00') // a break; no text has it
			case atom.Td, atom.Th:
				b.WriteByte(' ')
			}
		}
	}
}

// lines folds white space, as a browser does, between breaks.
func lines(s string) string {
	var out []string
	for l := range strings.SplitSeq(s, "\x00") {
		if l = line(l); l != "" {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}

// line is text on one line, without what an event does not take: controls, and
// overrides of the direction of writing.
func line(s string) string {
	s = strings.Map(func(c rune) rune {
		switch {
		case unicode.IsSpace(c):
			return ' '
		case unicode.IsControl(c), c >= 0x202a && c <= 0x202e, c >= 0x2066 && c <= 0x2069:
			return -1
		}
		return c
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Join(strings.Fields(s), " ")
}

// cutMark ends a text that is cut.
const cutMark = " […]"

// cut shortens a text to at most some characters, at the end of a word, with a
// mark.
func cut(s string, most int) (short string, wasCut bool) {
	if utf8.RuneCountInString(s) <= most {
		return s, false
	}
	room := most - utf8.RuneCountInString(cutMark)
	short = string([]rune(s)[:room])
	if i := strings.LastIndexAny(short, " \n"); i > len(short)/2 {
		short = short[:i]
	}
	return strings.TrimRightFunc(short, unicode.IsSpace) + cutMark, true
}

// slug is text as an entity's id: its letters and digits of ASCII, at most some.
func slug(s string, most int) string {
	var b strings.Builder
	for _, c := range strings.ToLower(s) {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			b.WriteRune(c)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() == most {
			break
		}
	}
	return strings.Trim(b.String(), "-")
}
