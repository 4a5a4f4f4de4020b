package httpserver_test

import (
	"encoding/json"
	"errors"
	commandline "flag"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	httpserver "github.com/summit-timeline/summit/cmd/internal/http"
	"github.com/summit-timeline/summit/cmd/internal/http/describe"
	"github.com/summit-timeline/summit/cmd/internal/http/middleware"
	"github.com/summit-timeline/summit/cmd/internal/http/site"
	"github.com/summit-timeline/summit/cmd/internal/manual"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/eventstest"
)

var update = commandline.Bool("update", false, "write the chapter of the manual that is made from /openapi.json")

// reference names a schema that is described elsewhere.
type reference struct {
	Ref string `json:"$ref"`
}

// description is the part of /openapi.json that people read.
type description struct {
	Paths map[string]map[string]struct {
		Summary, Description string
		Tags                 []string
		Parameters           []struct {
			Name, In, Description string
			Required              bool
		}
		RequestBody struct {
			Content map[string]any
		}
		Responses map[string]struct {
			Content map[string]struct {
				Schema struct {
					reference
					OneOf []reference
				}
			}
		}
	}
	Components struct{ Schemas map[string]any }
}

func (f *fixture) described() (d description) {
	f.Helper()
	f.Must(json.Unmarshal([]byte(f.Get("/openapi.json").Want(http.StatusOK).Body), &d))
	return d
}

// Every operation and every parameter is described.
func TestEveryOperationAndParameterIsDescribed(t *testing.T) {
	f := newFixture(t)
	for path, ops := range f.described().Paths {
		for method, op := range ops {
			if op.Summary == "" || op.Description == "" || len(op.Tags) != 1 || op.Tags[0] == "" {
				t.Errorf("%s %s is not described: %+v", method, path, op)
			}
			for _, p := range op.Parameters {
				if p.Description == "" {
					t.Errorf("%s %s does not describe %s", method, path, p.Name)
				}
			}
		}
	}
	for _, path := range describe.ParamDocs() {
		if path, param, alone := strings.Cut(path, " "); alone && !slices.ContainsFunc(httpserver.Routes(), func(rt middleware.Route) bool {
			return rt.Path == path && (slices.Contains(rt.Params, param) || strings.Contains(path, "{"+param+"}"))
		}) {
			t.Errorf("%s %s is described, and no parameter", path, param)
		}
	}
}

// The chapter for people is made from the description for programs.
func TestTheManualHasTheDescribedAPI(t *testing.T) {
	f := newFixture(t)
	eventstest.Golden(t, filepath.Join("..", "manual", "api.md"), chapter(f.described()), *update)
}

const chapterHead = `# The API

Every operation and parameter over HTTP, and every type of fact.

This chapter is made from the same definitions as ` + "`/openapi.json`" + ` (OpenAPI 3.1), which makes clients too.
[From your own program](programs.md) has examples in three languages.

- Errors are ` + "`application/problem+json`" + ` (RFC 9457). For bad input, ` + "`errors`" + ` names every fault.
- Every answer of a summit carries its position in the header ` + "`Summit-Position`" + `.
- Send a token as ` + "`Authorization: Bearer TOKEN`" + `. [Access](access.md) says who needs one.
- An unknown parameter, or one that is given twice, is refused (400).
- Derived answers have an ` + "`ETag`" + `, and ` + "`If-None-Match`" + ` gets 304. With ` + "`known`" + ` as a whole position they may be kept for an hour.
  The log itself, tiles, and proofs of a given size never change and may be kept for ever.
- A read on a server always has what that server has acknowledged.
`

// chapter writes the description as a topic of the manual.
func chapter(d description) string {
	var b strings.Builder
	b.WriteString(chapterHead)
	for _, group := range describe.Groups() {
		fmt.Fprintf(&b, "\n## %s\n", group)
		for _, path := range namesOf(d.Paths) {
			for _, method := range namesOf(d.Paths[path]) {
				if op := d.Paths[path][method]; op.Tags[0] == string(group) {
					fmt.Fprintf(&b, "\n### `%s %s`\n\n%s. %s\n", strings.ToUpper(method), path, op.Summary, op.Description)
					if media := namesOf(op.RequestBody.Content); len(media) > 0 {
						fmt.Fprintf(&b, "\nTakes `%s`.\n", strings.Join(media, "`, `"))
					}
					s := op.Responses["200"].Content["application/json"].Schema
					if names := answersIn(append(s.OneOf, s.reference)); names != "" {
						fmt.Fprintf(&b, "\nReturns %s.\n", names)
					}
					if len(op.Parameters) > 0 {
						b.WriteString("\n| parameter | what it does |\n|---|---|\n")
					}
					for _, p := range op.Parameters {
						fmt.Fprintf(&b, "| `%s`%s | %s |\n", p.Name, map[string]string{"path": " (in the path)"}[p.In], strings.ReplaceAll(p.Description, "|", `\|`))
					}
				}
			}
		}
	}
	b.WriteString("\n## Objects\n\nThe members of what is returned. A `?` marks one that may be left out, `or null` one that may be empty.\n")
	for _, name := range namesOf(d.Components.Schemas) {
		if name == "Event" || name == "Opening" {
			continue // the types of facts, below
		}
		fmt.Fprintf(&b, "\n### %s\n\n| member | type |\n|---|---|\n%s", name, members(d.Components.Schemas[name], false))
	}
	b.WriteString("\n## Types of facts\n\nThe members of an event's `data`, by its `type`. A `?` marks one that may be left out. Times are RFC 3339 with an offset.\n")
	for _, typ := range events.Types() {
		if typ.Server { // no server makes one so far
			continue
		}
		schema, _ := events.Schema(typ.Name, typ.Version)
		var s any
		_ = json.Unmarshal(schema, &s) // the schemas are tested elsewhere
		fmt.Fprintf(&b, "\n### `%s`\n\n%s Schema: `/schemas/%s/%d`.\n\n| member | what it is |\n|---|---|\n%s", typ.Name, typ.Doc, typ.Name, typ.Version, members(s, true))
	}
	return b.String()
}

// answersIn links to the schemas of an answer.
func answersIn(list []reference) string {
	var names []string
	for _, r := range list {
		if name := filepath.Base(r.Ref); r.Ref != "" {
			names = append(names, fmt.Sprintf("[%s](#%s)", name, strings.ToLower(name)))
		}
	}
	return strings.Join(names, " or ")
}

// members lists the members of the schema of an object.
func members(schema any, told bool) string {
	o, _ := schema.(map[string]any)
	properties, _ := o["properties"].(map[string]any)
	required, _ := o["required"].([]any)
	var b strings.Builder
	for _, name := range namesOf(properties) {
		if name == "sealed" || name == "unseal_at" { // no server seals anything so far
			continue
		}
		p, _ := properties[name].(map[string]any)
		mark := "?"
		if slices.Contains(required, any(name)) {
			mark = ""
		}
		says := typeOf(p)
		if doc, _ := p["description"].(string); told && doc != "" {
			says = strings.TrimSuffix(doc, ".") + " (" + says + ")"
		}
		fmt.Fprintf(&b, "| `%s`%s | %s |\n", name, mark, strings.ReplaceAll(says, "|", `\|`))
	}
	return b.String()
}

// typeOf describes in words what a schema accepts.
func typeOf(p map[string]any) string {
	if ref, _ := p["$ref"].(string); ref != "" {
		name := filepath.Base(ref)
		return fmt.Sprintf("[%s](#%s)", name, strings.ToLower(name))
	}
	if list, _ := p["enum"].([]any); list != nil {
		var words []string
		for _, w := range list {
			if w != nil {
				words = append(words, fmt.Sprintf("`%v`", w))
			}
		}
		return strings.Join(words, ", ")
	}
	var kinds []string
	switch t := p["type"].(type) {
	case string:
		kinds = []string{t}
	case []any:
		for _, k := range t {
			if k != "object" || !mayBeSealed(p) {
				kinds = append(kinds, fmt.Sprint(k))
			}
		}
	}
	for _, other := range []string{"anyOf", "oneOf"} {
		list, _ := p[other].([]any)
		for _, o := range list {
			kinds = append(kinds, typeOf(o.(map[string]any)))
		}
	}
	for i, k := range kinds {
		items, _ := p["items"].(map[string]any)
		switch format, _ := p["format"].(string); {
		case k == "array" && items != nil:
			kinds[i] = "list of " + typeOf(items)
		case k == "string" && format == "date-time":
			kinds[i] = "instant"
		}
	}
	if len(kinds) == 0 {
		return "any value"
	}
	return strings.Join(kinds, " or ")
}

// mayBeSealed reports whether a commitment may stand in the place of a value.
func mayBeSealed(p map[string]any) bool {
	properties, _ := p["properties"].(map[string]any)
	_, may := properties["sealed"]
	return may && len(properties) == 1
}

func namesOf[V any](m map[string]V) []string {
	list := make([]string, 0, len(m))
	for name := range m {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// Each topic is a page of the site, whose links lead to what is there.
func TestTheManualIsServed(t *testing.T) {
	f := newFixture(t)
	topics, err := manual.Topics()
	f.Must(err)
	list := f.Get("/docs").Want(http.StatusOK)
	ids, pagesOf := map[string][]string{}, map[string]string{"/docs": list.Body}
	for _, topic := range topics {
		path := "/docs/" + topic.Name
		page := f.Get(path).Want(http.StatusOK)
		pagesOf[path] = page.Body
		if page.Header.Get("Content-Type") != site.HTMLType || !strings.Contains(page.Header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: %v", path, page.Header)
		}
		if !strings.Contains(list.Body, `href="`+path+`"`) || !strings.Contains(page.Body, `<h1 lang="en" dir="ltr">`+html.EscapeString(topic.Title)+"</h1>") {
			t.Errorf("%s is not listed, or lacks its title", path)
		}
		if found := regexp.MustCompile(`(?i)<script|<style| style=| on[a-z]+=|<img|<iframe|<!-- raw`).FindString(page.Body); found != "" {
			t.Errorf("%s has %s", path, found)
		}
		for _, m := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(page.Body, -1) {
			ids[path] = append(ids[path], m[1])
		}
		if again := f.Get(path, "If-None-Match", page.Header.Get("Etag")); again.Status != http.StatusNotModified {
			t.Errorf("%s again: %d", path, again.Status)
		}
	}
	for from, body := range pagesOf {
		for _, link := range linksOf(t, body) {
			path, fragment, _ := strings.Cut(link, "#")
			switch {
			case strings.HasPrefix(link, "https://"):
			case path != "" && f.Get(path).Status != http.StatusOK:
				t.Errorf("%s leads to %s, which is not there", from, link)
			case fragment != "" && fragment != "main" && !slices.Contains(ids[or(path, from)], fragment):
				t.Errorf("%s leads to %s, which is no heading", from, link)
			}
		}
	}
	f.Get("/docs/nothing").Problem(http.StatusNotFound)
	for _, page := range []string{"/", "/signin", "/docs"} {
		if !strings.Contains(f.Get(page).Want(http.StatusOK).Body, `<a href="/docs">`) {
			t.Errorf("%s does not lead to the manual", page)
		}
	}
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func linksOf(t *testing.T, page string) (list []string) {
	t.Helper()
	for z := html.NewTokenizer(strings.NewReader(page)); ; {
		if z.Next() == html.ErrorToken {
			if !errors.Is(z.Err(), io.EOF) {
				t.Fatal(z.Err())
			}
			return list
		}
		for _, a := range z.Token().Attr {
			if a.Key == "href" {
				list = append(list, a.Val)
			}
		}
	}
}
