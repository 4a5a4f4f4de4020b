// Package pages shows a summit to people: what stands, what changed, what
// happened and who says so, as HTML that is complete without script.
//
// The door is [New]. It is handed what was read, a [Story], and reads nothing
// itself. All text of facts goes through html/template, which escapes it.
package pages

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net/url"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/locale"
	"github.com/summit-timeline/summit/projections"
)

//go:embed assets
var assets embed.FS

// Templates are the pages, parsed, in each language.
type Templates struct{ by map[string]*template.Template }

// New parses the templates, for the languages given and for English.
func New(languages ...*locale.Language) (*Templates, error) {
	english := words{locale.English()}
	t, err := template.New("").Funcs(template.FuncMap{
		"link": safeLink, "code": code, "anchor": anchor, "direction": direction, "sub": func(a, b int) int { return a - b }, "add": func(a, b int) int { return a + b },
	}).Funcs(english.functions()).ParseFS(assets, "assets/*.html")
	if err != nil {
		return nil, fmt.Errorf("parse the pages: %w", err)
	}
	p := &Templates{map[string]*template.Template{}}
	for _, l := range append([]*locale.Language{english.Language}, languages...) {
		of, err := t.Clone()
		if err != nil {
			return nil, fmt.Errorf("parse the pages: %w", err)
		}
		p.by[l.Tag] = of.Funcs(words{l}.functions())
	}
	return p, nil
}

// Asset is a file that the pages need, or false if there is none of that name.
func Asset(name string) ([]byte, bool) {
	if strings.HasSuffix(name, ".html") || !fs.ValidPath(name) {
		return nil, false
	}
	b, err := assets.ReadFile("assets/" + name)
	return b, err == nil
}

// Index writes the list of summits.
func (p *Templates) Index(w io.Writer, list []projections.Summary, next string, v Visitor) error {
	return p.execute("index.html", w, v, indexView{list, next, v})
}

// Summit writes the page of a summit.
func (p *Templates) Summit(w io.Writer, s Story) error {
	v, err := newView(s)
	if err != nil {
		return err
	}
	return p.execute("summit.html", w, s.Visitor, v)
}

// Map writes the map of a summit as an SVG file of its own, or false if there
// is nothing to draw.
func (p *Templates) Map(w io.Writer, s Story) (bool, error) {
	v, err := newView(s)
	if err != nil || v.Chart == nil {
		return false, err
	}
	return true, p.execute("drawing.html", w, s.Visitor, v)
}

// execute writes a page in the language of its visitor.
func (p *Templates) execute(name string, w io.Writer, v Visitor, data any) error {
	t, ok := p.by[v.Tag()]
	if !ok {
		return fmt.Errorf("write the page: there is no template for %s", v.Tag())
	}
	if err := t.ExecuteTemplate(w, name, data); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}

// safeLink lets only http and https through: a fact's URL is untrusted.
func safeLink(u string) string {
	p, err := url.Parse(u)
	if err != nil || (p.Scheme != "https" && p.Scheme != "http") {
		return ""
	}
	return u
}
