package pages

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template/parse"
	"unicode"

	"golang.org/x/net/html"
)

// named are the words that are the same in every language: names, and what is typed.
var named = []string{"Summit", "API", "OpenAPI", "Atom", "CSV", "NDJSON", "JSON-LD", "summit open ID --title … --zone …"}

// read are the attributes that people read or hear.
var read = []string{"title", "alt", "label", "placeholder", "content", "aria-label", "aria-description", "aria-roledescription", "aria-valuetext"}

// literals returns the words that a template says itself, in no language of its reader.
func literals(t *testing.T, name, text string) (found []string) {
	t.Helper()
	p := &parse.Tree{Name: name, Mode: parse.SkipFuncCheck}
	trees := map[string]*parse.Tree{}
	if _, err := p.Parse(text, "", "", trees); err != nil {
		t.Fatal(err)
	}
	for _, tree := range trees {
		w := &literalWalk{}
		w.list(tree.Root)
		found = append(append(found, w.found...), wordsOfMarkup(t, w.markup.String())...)
	}
	return found
}

// literalWalk gathers the markup of a template without its actions, and the words in
// those.
type literalWalk struct {
	markup strings.Builder
	found  []string
}

func (w *literalWalk) list(l *parse.ListNode) {
	if l == nil {
		return
	}
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.TextNode:
			w.markup.Write(n.Text)
		case *parse.ActionNode:
			w.pipe(n.Pipe)
		case *parse.TemplateNode:
			w.pipe(n.Pipe)
		case *parse.IfNode:
			w.branch(&n.BranchNode)
		case *parse.RangeNode:
			w.branch(&n.BranchNode)
		case *parse.WithNode:
			w.branch(&n.BranchNode)
		}
	}
}

func (w *literalWalk) branch(n *parse.BranchNode) {
	w.pipe(n.Pipe)
	w.list(n.List)
	w.list(n.ElseList)
}

// pipe finds texts in an action: one alone, one that a link or somebody's words are made
// of, and any with a capital letter, which no key, path or parameter has.
func (w *literalWalk) pipe(p *parse.PipeNode) {
	if p == nil {
		return
	}
	for _, c := range p.Cmds {
		function, _ := c.Args[0].(*parse.IdentifierNode)
		for n, arg := range c.Args {
			switch arg := arg.(type) {
			case *parse.PipeNode:
				w.pipe(arg)
			case *parse.StringNode:
				shown := n == 0 || function != nil && (function.Ident == "own" || function.Ident == "anchor" && n == 2)
				if (shown || strings.ContainsFunc(arg.Text, unicode.IsUpper)) && !slices.Contains(named, arg.Text) {
					w.found = append(w.found, arg.Text)
				}
			}
		}
	}
}

// wordsOfMarkup returns the words in the text of markup, and in the attributes that are
// read.
func wordsOfMarkup(t *testing.T, markup string) (found []string) {
	t.Helper()
	keep := func(text string) {
		if text = strings.TrimSpace(html.UnescapeString(text)); strings.ContainsFunc(text, unicode.IsLetter) && !slices.Contains(named, text) {
			found = append(found, text)
		}
	}
	z := html.NewTokenizer(strings.NewReader(markup))
	for {
		switch z.Next() {
		case html.ErrorToken:
			if err := z.Err(); !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
			return found
		case html.TextToken:
			keep(string(z.Text()))
		case html.StartTagToken, html.SelfClosingTagToken:
			token := z.Token()
			for _, a := range token.Attr {
				if slices.Contains(read, a.Key) && !inHead(token, a) {
					keep(a.Val)
				}
			}
		}
	}
}

// inHead reports whether an attribute is for browsers.
func inHead(of html.Token, a html.Attribute) bool {
	return of.Data == "meta" && a.Key == "content"
}

var shownByScript = regexp.MustCompile("\\.(textContent|innerText|innerHTML|title|placeholder|ariaLabel|ariaValueText) = [^;]*?([\"'`])([^\"'`]*)([\"'`])")

func TestTemplatesHaveNoWordsOfTheirOwn(t *testing.T) {
	files, err := assets.ReadDir("assets")
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, f := range files {
		b, err := assets.ReadFile("assets/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case strings.HasSuffix(f.Name(), ".html"):
			read++
			for _, text := range literals(t, f.Name(), string(b)) {
				t.Errorf("%s says %q itself: put it into the catalogues", f.Name(), text)
			}
		case strings.HasSuffix(f.Name(), ".js"):
			for _, m := range shownByScript.FindAllStringSubmatch(string(b), -1) {
				if !strings.HasSuffix(m[0][:len(m[0])-len(m[3])-2], "words(") {
					t.Errorf("%s says %q itself: put it into the catalogues", f.Name(), m[3])
				}
			}
		}
	}
	if read < 10 {
		t.Errorf("%d templates were read", read)
	}
}

func TestWordsOfATemplateAreFound(t *testing.T) {
	for text, want := range map[string]string{
		`<p>{{say "story.skip"}} · {{.Name}}: #{{.Seq}} 12 &amp; <b>×</b></p>`:            "[]",
		`<p class="word" id="x" data-zone="y">{{if .A}}<b lang="en">{{.}}</b>{{end}}</p>`: "[]",
		`<a href="/docs">API</a> {{anchor (print .API "/timeline.csv") "CSV"}}`:           "[]",
		`<p>{{if .A}}{{.A}}{{else}}none{{end}}</p>`:                                       "[none]",
		`<p {{if .A}}class="x"{{end}} title="Read {{.A}}">{{.A}}</p>`:                     "[Read]",
		`{{define "x"}}<label>Zone</label>{{end}}`:                                        "[Zone]",
		`<img alt="A map">`:                         "[A map]",
		`{{anchor .Href "here"}}`:                   "[here]",
		`{{own "somebody"}}{{"plain"}}`:             "[somebody plain]",
		`{{tell "index.none" "command" "Opening"}}`: "[Opening]",
	} {
		if got := fmt.Sprint(literals(t, "test", text)); got != want {
			t.Errorf("%s has the words %s, want %s", text, got, want)
		}
	}
}
