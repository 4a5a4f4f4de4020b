package web

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/cmd/internal/host"
	"github.com/summit-timeline/summit/cmd/internal/words"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

//go:embed assets
var assets embed.FS

// pages are the templates.
type pages struct{ index, summit *template.Template }

func parsePages() (*pages, error) {
	parse := func(name string) (*template.Template, error) {
		t, err := template.New(name).Funcs(template.FuncMap{
			"join": strings.Join, "label": words.Label, "link": safeLink,
		}).ParseFS(assets, "assets/"+name, "assets/parts.html")
		if err != nil {
			return nil, fmt.Errorf("parse page %s: %w", name, err)
		}
		return t, nil
	}
	index, err := parse("index.html")
	if err != nil {
		return nil, err
	}
	summit, err := parse("summit.html")
	return &pages{index, summit}, err
}

// safeLink lets only http and https through: a fact's URL is untrusted.
func safeLink(u string) string {
	p, err := url.Parse(u)
	if err != nil || (p.Scheme != "https" && p.Scheme != "http") {
		return ""
	}
	return u
}

func (x *Handler) asset(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	if info, err := fs.Stat(assets, "assets/"+name); err != nil || info.IsDir() || strings.HasSuffix(name, ".html") {
		return &Problem{Status: http.StatusNotFound, Detail: "there is nothing at " + r.URL.Path}
	}
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeFileFS(w, r, assets, "assets/"+name)
	return nil
}

func (x *Handler) indexPage(w http.ResponseWriter, r *http.Request) error {
	var list []projections.Summary
	for _, s := range x.host.Summits() {
		sum, err := s.Views.Summary(r.Context(), s.Views.Latest())
		if err != nil {
			return err
		}
		list = append(list, sum)
	}
	return render(w, x.pages.index, map[string]any{"Summits": list})
}

func render(w http.ResponseWriter, t *template.Template, data any) error {
	var b strings.Builder
	if err := t.Execute(&b, data); err != nil {
		return fmt.Errorf("render the page: %w", err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(b.String())) // the reader may be gone
	return nil
}

// view is what the page of a summit shows.
type view struct {
	Summary  projections.Summary
	Status   projections.Status
	Items    []itemView
	Zones    []zoneView
	Zone     string
	Query    map[string]string
	Frozen   bool
	Known    string
	KnownAt  string
	More     string // where the next page is, "" at the end
	Steps    []stepView
	Base     string
	Position string
	clock    words.Clock
}

type zoneView struct {
	Name   string
	Chosen bool
}

type stepView struct {
	Position, Time string
	Chosen         bool
}

type itemView struct {
	projections.Item
	WhenText     string
	RecordedText string
}

// When says a moment in words, in the zone chosen.
func (v view) When(m *events.Moment) string { return v.clock.Moment(m) }

// Chain tells the provenance from root to outlet.
func (i itemView) Chain() string { return words.Chain(i.Sources) }

func (x *Handler) summitPage(w http.ResponseWriter, r *http.Request, s *host.Summit) error {
	q, err := x.query(r, s)
	if err != nil {
		return err
	}
	sum, err := s.Views.Summary(r.Context(), q.Reading)
	if err != nil {
		return err
	}
	zone, err := zoneParam(r, sum.Zone)
	if err != nil {
		return err
	}
	v := view{Summary: sum, Zone: zone.String(), Query: map[string]string{}, clock: words.Clock{Zone: zone}, Base: "/summits/" + s.ID, Position: sum.Position.String()}
	for name := range r.URL.Query() {
		v.Query[name] = r.FormValue(name)
	}
	if err := x.fillStatus(r, s, q, &v); err != nil {
		return err
	}
	if err := x.fillItems(r, s, q, &v); err != nil {
		return err
	}
	if err := x.fillControls(r, s, q, &v); err != nil {
		return err
	}
	return render(w, x.pages.summit, v)
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

func (x *Handler) fillStatus(r *http.Request, s *host.Summit, q projections.Query, v *view) error {
	when, err := instantParam(r, "at")
	if err != nil {
		return err
	}
	answer, err := s.Views.Status(r.Context(), q.Reading, when)
	if err != nil {
		return err
	}
	return json.Unmarshal(answer.JSON, &v.Status)
}

func (x *Handler) fillItems(r *http.Request, s *host.Summit, q projections.Query, v *view) error {
	page, err := s.Views.Timeline(r.Context(), q, x.o.Clock())
	if err != nil {
		return err
	}
	if page.Next != "" {
		more := r.URL.Query() // a cursor goes with the query it was given for
		more.Set("cursor", page.Next)
		v.More = v.Base + "?" + more.Encode()
	}
	for _, raw := range page.Items {
		var item itemView
		if err := json.Unmarshal(raw, &item.Item); err != nil {
			return fmt.Errorf("read an item: %w", err)
		}
		item.WhenText, item.RecordedText = v.clock.Moment(item.When), v.clock.Instant(item.Recorded.Time)
		v.Items = append(v.Items, item)
	}
	return nil
}

// stepsShown is how many moments of knowledge the page offers.
const stepsShown = 200

func (x *Handler) fillControls(r *http.Request, s *host.Summit, q projections.Query, v *view) error {
	for _, name := range append([]string{v.Summary.Zone}, append(v.Summary.Zones, "UTC")...) {
		v.Zones = append(v.Zones, zoneView{name, name == v.Zone})
	}
	steps, err := s.Views.Steps(r.Context(), stepsShown)
	if err != nil {
		return err
	}
	epoch := s.Views.Head().Epoch
	for _, step := range steps {
		v.Steps = append(v.Steps, stepView{
			Position: events.Position{Epoch: epoch, Seq: step.Seq}.String(), Time: v.clock.Instant(step.Known),
			Chosen: q.Reading.Pinned && step.Seq == q.Reading.Seq,
		})
	}
	v.Frozen = q.Reading.Pinned
	v.Known = v.Summary.Known.String()
	if q.Reading.Pinned {
		t, err := s.Views.KnowledgeTime(q.Reading.Seq)
		if err != nil {
			return err
		}
		v.KnownAt = v.clock.Instant(t)
	}
	return nil
}

// Stamp tells when an amendment was recorded.
func (v view) Stamp(t events.Instant) string { return v.clock.Instant(t.Time) }

// Value shows a JSON value for people.
func (view) Value(b jsontext.Value) string { return words.Value(b) }
