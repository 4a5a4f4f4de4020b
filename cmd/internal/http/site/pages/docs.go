package pages

import (
	"html/template"
	"io"
)

// Chapter is a topic of the manual, in a list of them.
type Chapter struct{ Name, Title, Short string }

// Docs is what a page of the manual shows.
type Docs struct {
	Chapters []Chapter
	// Name, Title and Short of the topic; "" for the list of all.
	Chapter
	// Body is the topic as HTML, rendered from the manual of this program.
	Body    template.HTML
	Visitor Visitor
}

// Next returns the topic that follows; nil after the last.
func (d Docs) Next() *Chapter {
	for i, c := range d.Chapters {
		if c.Name == d.Name && i+1 < len(d.Chapters) {
			return &d.Chapters[i+1]
		}
	}
	return nil
}

// Docs writes a page of the manual.
func (p *Templates) Docs(w io.Writer, d Docs) error { return p.execute("docs.html", w, d.Visitor, d) }
