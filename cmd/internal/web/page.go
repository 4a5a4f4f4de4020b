package web

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"path"
	"slices"
	"time"

	"github.com/klauspost/compress/gzhttp"

	"github.com/summit-timeline/summit/cmd/internal/pages"
	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/projections"
)

// pageParams are the parameters of the page of a summit.
var pageParams = append([]string{"zone", "at", "since", "fact"}, filterParams...)

func (x *Handler) asset(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	b, ok := pages.Asset(name)
	if !ok {
		return &Problem{Status: http.StatusNotFound, Detail: "there is nothing at " + r.URL.Path}
	}
	kind := mime.TypeByExtension(path.Ext(name))
	if path.Ext(name) == ".js" {
		kind = "text/javascript; charset=utf-8"
	}
	show(w, r, kind, b)
	return nil
}

func (x *Handler) indexPage(w http.ResponseWriter, r *http.Request) error {
	after, err := activeAfter(r.FormValue("cursor"))
	if err != nil {
		return err
	}
	all, err := x.byActivity(r)
	if err != nil {
		return err
	}
	if after != nil {
		all = slices.DeleteFunc(all, func(a active) bool { return a.compare(*after) <= 0 })
	}
	next := ""
	if len(all) > defaultSummits {
		all = all[:defaultSummits]
		if next, err = all[len(all)-1].cursor(); err != nil {
			return err
		}
	}
	list := make([]projections.Summary, len(all))
	for i, a := range all {
		if list[i], err = a.s.Views.Summary(r.Context(), a.s.Views.Latest()); err != nil {
			return err
		}
	}
	var b bytes.Buffer
	if err := x.pages.Index(&b, list, next, x.visitor(r)); err != nil {
		return err
	}
	show(w, r, htmlType, b.Bytes())
	return nil
}

func (x *Handler) summitPage(w http.ResponseWriter, r *http.Request, s *summits.Summit) error {
	story, err := x.story(w, r, s)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := x.pages.Summit(&b, story); err != nil {
		return err
	}
	show(w, r, htmlType, b.Bytes())
	return nil
}

// mapPage serves the map of the page as a drawing of its own.
func (x *Handler) mapPage(w http.ResponseWriter, r *http.Request, s *summits.Summit) error {
	story, err := x.story(w, r, s)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	drawn, err := x.pages.Map(&b, story)
	if err != nil {
		return err
	}
	if !drawn {
		return &Problem{Status: http.StatusNotFound, Detail: "no coordinates are known of any place of this summit: there is no map"}
	}
	show(w, r, "image/svg+xml", b.Bytes())
	return nil
}

const htmlType = "text/html; charset=utf-8"

// zipped compresses what is worth it, for readers who take that.
var zipped = gzhttp.GzipHandler

// show answers with a page or what it needs. A page names who has signed in, and
// is another where it is compressed.
func show(w http.ResponseWriter, r *http.Request, kind string, b []byte) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "no-cache")
	h.Add("Vary", variesBy+", Cookie")
	if unchanged(w, r, string(b)+r.Header.Get("Accept-Encoding")) {
		return
	}
	zipped(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(b) // the reader may be gone
	})).ServeHTTP(w, r)
}

func zoneParam(r *http.Request, otherwise string) (*time.Location, error) {
	name := r.FormValue("zone")
	if name == "" {
		name = otherwise
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, badParams(Fault{Pointer: "zone", Detail: fmt.Sprintf("%q is no IANA time zone, such as America/Anchorage", name)})
	}
	return zone, nil
}
