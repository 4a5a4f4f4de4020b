// Package pages shows a summit to people: what stands, what changed, what
// happened and on whose word, as HTML that is whole without script.
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

	"github.com/summit-timeline/summit/cmd/internal/humanize"
	"github.com/summit-timeline/summit/projections"
)

//go:embed assets
var assets embed.FS

// Templates are the pages, parsed.
type Templates struct{ index, summit, drawing, signin, docs *template.Template }

// New parses the templates.
func New() (*Templates, error) {
	funcs := template.FuncMap{
		"join": strings.Join, "label": humanize.Label, "link": safeLink, "count": humanize.Count, "thousands": humanize.Thousands,
		"sub": func(a, b int) int { return a - b }, "add": func(a, b int) int { return a + b },
	}
	parse := func(name string) (*template.Template, error) {
		t, err := template.New(name).Funcs(funcs).ParseFS(assets, "assets/*.html")
		if err != nil {
			return nil, fmt.Errorf("parse the pages: %w", err)
		}
		return t, nil
	}
	p := &Templates{}
	for name, to := range map[string]**template.Template{"index.html": &p.index, "summit.html": &p.summit, "drawing.html": &p.drawing, "signin.html": &p.signin, "docs.html": &p.docs} {
		t, err := parse(name)
		if err != nil {
			return nil, err
		}
		*to = t
	}
	return p, nil
}

// Asset is a file that the pages need; false where there is none of that name.
func Asset(name string) ([]byte, bool) {
	if strings.HasSuffix(name, ".html") || !fs.ValidPath(name) {
		return nil, false
	}
	b, err := assets.ReadFile("assets/" + name)
	return b, err == nil
}

// Index writes the list of summits.
func (p *Templates) Index(w io.Writer, list []projections.Summary, next string, v Visitor) error {
	return execute(p.index, w, indexView{list, next, v})
}

// Summit writes the page of a summit.
func (p *Templates) Summit(w io.Writer, s Story) error {
	v, err := newView(s)
	if err != nil {
		return err
	}
	return execute(p.summit, w, v)
}

// Map writes the map of a summit as an SVG file of its own; false where there
// is nothing to draw.
func (p *Templates) Map(w io.Writer, s Story) (bool, error) {
	v, err := newView(s)
	if err != nil || v.Chart == nil {
		return false, err
	}
	return true, execute(p.drawing, w, v)
}

func execute(t *template.Template, w io.Writer, data any) error {
	if err := t.Execute(w, data); err != nil {
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
