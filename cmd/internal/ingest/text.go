package ingest

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// words are a text of a feed: HTML, or plain text that stays as it is written.
type words struct {
	text string
	html bool
}

// plain is what a reader sees of it.
func (w words) plain() string {
	if w.html {
		return plain(w.text, isTag(w.text))
	}
	return asWritten(w.text)
}

// line is what a reader sees of it, on one line.
func (w words) line() string { return line(w.plain()) }

// plain returns the text of HTML: what a reader sees, without markup. A block
// begins a line of its own. Angle brackets that hold no markup are text.
func plain(markup string, isMarkup func(name, raw string) bool) string {
	if !strings.ContainsAny(markup, "<&") {
		return line(markup)
	}
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(markup))
	hidden := 0
	for {
		kind := z.Next()
		raw := string(z.Raw())
		name, _ := z.TagName()
		switch kind {
		case html.ErrorToken:
			if literal(raw, isMarkup) {
				b.WriteString(raw)
			}
			return lines(b.String())
		case html.TextToken:
			if hidden == 0 {
				b.Write(z.Text())
			}
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			switch {
			case isMarkup(string(name), raw):
				hidden = max(0, hidden+hides(atom.Lookup(name), kind))
				b.WriteString(spacing(atom.Lookup(name)))
			case hidden == 0:
				b.WriteString(html.UnescapeString(raw))
			}
		}
	}
}

// literal reports whether what stands at the end of HTML and looks like the
// beginning of a tag is text.
func literal(raw string, isMarkup func(name, raw string) bool) bool {
	name, isTag := strings.CutPrefix(raw, "<")
	if !isTag || name == "" || name[0] == '!' || name[0] == '?' {
		return false
	}
	name = strings.TrimPrefix(name, "/")
	if i := strings.IndexAny(name, " \t\r\n\f/>"); i >= 0 {
		name = name[:i]
	}
	return !isMarkup(strings.ToLower(name), raw)
}

// hides is by how much a tag deepens what is not shown.
func hides(a atom.Atom, kind html.TokenType) int {
	switch {
	case a != atom.Script && a != atom.Style && a != atom.Template, kind == html.SelfClosingTagToken:
		return 0
	case kind == html.StartTagToken:
		return 1
	}
	return -1
}

// spacing is what a tag puts between texts: a break, a space, or nothing.
func spacing(a atom.Atom) string {
	switch a { //nolint:exhaustive // the other elements stand within a line
	case atom.Br, atom.P, atom.Div, atom.Li, atom.Ul, atom.Ol, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6,
		atom.Tr, atom.Blockquote, atom.Figure, atom.Figcaption, atom.Hr, atom.Section, atom.Article, atom.Pre, atom.Table:
		return "\x00" // no text has it
	case atom.Td, atom.Th:
		return " "
	}
	return ""
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

// line is text on one line, without what an event does not take.
func line(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

// asWritten is plain text as it was written: its lines and spaces stay, white
// space around it does not.
func asWritten(s string) string {
	s = clean(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n"))
	return strings.TrimSpace(s)
}

// key is a line by which items are told apart. Nothing in it is invisible, so that
// two that look the same are.
func key(s string) string { return visible(line(s)) }

// isolate reports whether a character puts text of one direction of writing into text
// of the other. It belongs to the text, but is not seen.
func isolate(c rune) bool { return c >= 0x2066 && c <= 0x2069 }

// visible is a text without isolates. The version before left them out of all it
// recorded: texts are compared without them.
func visible(s string) string {
	return strings.Map(func(c rune) rune {
		if isolate(c) {
			return -1
		}
		return c
	}, s)
}

// clean leaves out what an event does not take: controls, and embeddings and
// overrides of the direction of writing. Of white space, line breaks and tabs stay.
func clean(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\n', c == '\t':
			return c
		case unicode.IsSpace(c) && unicode.IsControl(c):
			return ' '
		case unicode.IsControl(c), c >= 0x202a && c <= 0x202e:
			return -1
		}
		return c
	}, strings.ToValidUTF8(s, "\uFFFD"))
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
