package site

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"time"

	"github.com/klauspost/compress/gzhttp"

	"github.com/summit-timeline/summit/cmd/internal/http/reading"
	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/cmd/internal/http/site/pages"
	"github.com/summit-timeline/summit/events/class"
	"github.com/summit-timeline/summit/projections"
)

// PageParams are the parameters of the page of a summit.
var PageParams = append([]string{"zone", "at", "since", "fact"}, reading.Filters...)

// Asset serves a file that the pages need.
func (x *Site) Asset(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	b, ok := pages.Asset(name)
	if !ok {
		return class.New(class.Absent, "there is nothing at "+r.URL.Path)
	}
	kind := mime.TypeByExtension(path.Ext(name))
	if path.Ext(name) == ".js" {
		kind = "text/javascript; charset=utf-8"
	}
	return x.show(w, r, kind, b)
}

// Index serves the list of summits.
func (x *Site) Index(w http.ResponseWriter, r *http.Request) error {
	all, err := x.ByActivity(r, x.Summits())
	if err != nil {
		return err
	}
	next := ""
	if len(all) > reading.DefaultSummits {
		all = all[:reading.DefaultSummits]
		if next, err = all[len(all)-1].Cursor(); err != nil {
			return err
		}
	}
	list := make([]projections.Summary, len(all))
	for i, a := range all {
		if list[i], err = a.Views.Summary(r.Context(), a.Views.Latest()); err != nil {
			return err
		}
	}
	var b bytes.Buffer
	visitor := x.visitor(r)
	if err := x.templates.Index(&b, list, next, visitor); err != nil {
		return err
	}
	w.Header().Set("Content-Language", visitor.Tag())
	return x.show(w, r, HTMLType, b.Bytes())
}

// Summit serves the page of a summit.
func (x *Site) Summit(w http.ResponseWriter, r *http.Request, s StoryViews) error {
	return x.showStory(w, r, s, HTMLType, x.templates.Summit)
}

// showStory serves what is made of the story of a summit.
func (x *Site) showStory(w http.ResponseWriter, r *http.Request, s StoryViews, kind string, write func(io.Writer, pages.Story) error) error {
	b, err := x.room.Make(r.Context(), func() ([]byte, error) {
		story, err := x.story(w, r, s)
		if err != nil {
			return nil, err
		}
		w.Header().Set("Content-Language", story.Visitor.Tag())
		var b bytes.Buffer
		err = write(&b, story)
		return b.Bytes(), err
	})
	if err != nil {
		return err
	}
	return x.show(w, r, kind, b)
}

// Map serves the map of the page of a summit as a drawing.
func (x *Site) Map(w http.ResponseWriter, r *http.Request, s StoryViews) error {
	return x.showStory(w, r, s, "image/svg+xml", func(w io.Writer, story pages.Story) error {
		drawn, err := x.templates.Map(w, story)
		if err == nil && !drawn {
			err = class.New(class.Absent, "there is no map: no place of this summit has coordinates")
		}
		return err
	})
}

// HTMLType is the media type of pages.
const HTMLType = "text/html; charset=utf-8"

// zipped compresses responses that are worth it, for clients that accept it.
var zipped = gzhttp.GzipHandler

// show answers with a page or a file that pages need. A page names who has signed
// in, and has another entity tag when it is compressed.
func (x *Site) show(w http.ResponseWriter, r *http.Request, kind string, b []byte) error {
	release, err := x.room.Hold(len(b))
	if err != nil {
		return err
	}
	defer release()
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "no-cache")
	h.Add("Vary", respond.VariesBy+", Cookie")
	if respond.Unchanged(w, r, string(b)+r.Header.Get("Accept-Encoding")) {
		return nil
	}
	zipped(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(b) // the reader may be gone
	})).ServeHTTP(w, r)
	return nil
}

func zoneParam(r *http.Request, otherwise string) (*time.Location, error) {
	name := r.FormValue("zone")
	if name == "" {
		name = otherwise
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, respond.BadParams(respond.Fault{Pointer: "zone", Detail: fmt.Sprintf("%q is not an IANA time zone: expected a name such as America/Anchorage", name)})
	}
	return zone, nil
}
