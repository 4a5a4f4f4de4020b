package site

import (
	"bytes"
	"html/template"
	"net/http"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/http/site/pages"
	"github.com/summit-timeline/summit/cmd/internal/manual"
	"github.com/summit-timeline/summit/events/class"
)

// docs is the manual, rendered once.
type docs struct {
	list   []pages.Chapter
	bodies map[string]template.HTML
}

func newDocs() (docs, error) {
	topics, err := manual.Topics()
	if err != nil {
		return docs{}, err
	}
	d := docs{bodies: map[string]template.HTML{}}
	for _, t := range topics {
		body, err := t.HTML()
		if err != nil {
			return docs{}, err
		}
		d.list = append(d.list, pages.Chapter{Name: t.Name, Title: t.Title, Short: t.Short})
		d.bodies[t.Name] = template.HTML(body) // the text is the program's own, and raw HTML in it is left out
	}
	return d, nil
}

// Docs serves a topic of the manual, or the list of topics. It needs no right.
func (x *Site) Docs(w http.ResponseWriter, r *http.Request) error {
	page := pages.Docs{Chapters: x.docs.list, Visitor: x.visitor(r)}
	if name := r.PathValue("topic"); name != "" {
		page.Body = x.docs.bodies[name]
		var names []string
		for _, c := range x.docs.list {
			if names = append(names, c.Name); c.Name == name {
				page.Chapter = c
			}
		}
		if page.Body == "" {
			return class.New(class.Absent, "there is no such topic; the topics are "+strings.Join(names, ", "))
		}
	}
	var b bytes.Buffer
	if err := x.templates.Docs(&b, page); err != nil {
		return err
	}
	w.Header().Set("Content-Language", page.Visitor.Tag())
	return x.show(w, r, HTMLType, b.Bytes())
}
