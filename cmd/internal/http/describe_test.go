package httpserver_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/pb33f/jsonschema/v6"
	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/seeds"
)

// compile reads a schema as a JSON Schema document of its own draft.
func (f *fixture) compile(path string) *jsonschema.Schema {
	f.Helper()
	r := f.Get(path).Want(http.StatusOK)
	if r.Header.Get("Content-Type") != "application/schema+json" {
		f.Errorf("%s: %s", path, r.Header.Get("Content-Type"))
	}
	var head struct {
		ID     string `json:"$id"`
		Schema string `json:"$schema"`
		Title  string `json:"title"`
	}
	r.Into(&head)
	if head.ID != path || head.Schema != "https://json-schema.org/draft/2020-12/schema" || !strings.Contains(path, "/"+head.Title+"/") {
		f.Errorf("%s: head %+v", path, head)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(r.Body))
	f.Must(err)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	f.Must(c.AddResource("https://example.org"+path, doc))
	s, err := c.Compile("https://example.org" + path)
	if err != nil {
		f.Fatalf("%s: %v", path, err)
	}
	return s
}

func TestEverySchemaIsServedAndSound(t *testing.T) {
	f := newFixture(t)
	newest := map[string]*jsonschema.Schema{}
	for _, typ := range events.Types() {
		for v := 1; v <= typ.Version; v++ {
			newest[typ.Name] = f.compile(fmt.Sprintf("/schemas/%s/%d", typ.Name, v))
		}
		f.Get(fmt.Sprintf("/schemas/%s/%d", typ.Name, typ.Version+1)).Problem(http.StatusNotFound)
	}
	if len(newest) < 24 {
		t.Errorf("%d types", len(newest))
	}
	names, err := seeds.Names()
	f.Must(err)
	for _, name := range names {
		story, err := seeds.Load(name)
		f.Must(err)
		for _, e := range story {
			data, err := events.EncodeData(e.Data)
			f.Must(err)
			v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
			f.Must(err)
			if err := newest[e.Type].Validate(v); err != nil {
				t.Errorf("%s of %s: %v", e.Type, name, err)
			}
		}
	}
	for typ, data := range map[string]string{"note.added": `{"text":"a","extra":1}`, "aircraft.landed": `{"model":"x"}`, "summit.opened": `{"title":"T","zone":"UTC"}`, "meeting.scheduled": `{"title":"T","kind":"lunch"}`} {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(data))
		f.Must(err)
		if newest[typ].Validate(v) == nil {
			t.Errorf("the schema of %s takes %s", typ, data)
		}
	}
}

func TestAStoredEventNamesASchemaThatIsServed(t *testing.T) {
	f := newFixture(t)
	f.Alaska()
	for _, line := range f.log("alaska-2025", "") {
		var e struct {
			DataSchema string `json:"dataschema"`
			Data       any    `json:"data"`
		}
		f.Must(json.Unmarshal([]byte(line), &e))
		if err := f.compile(e.DataSchema).Validate(e.Data); err != nil {
			t.Errorf("%s: %v", e.DataSchema, err)
		}
	}
}

func TestTheDescriptionIsSoundAndWhole(t *testing.T) {
	f := newFixture(t)
	f.Alaska()
	body := f.Get("/openapi.json").Want(http.StatusOK).Body
	doc, err := libopenapi.NewDocument([]byte(body))
	f.Must(err)
	v, errs := validator.NewValidator(doc)
	f.Must(errors.Join(errs...))
	if ok, faults := v.ValidateDocument(); !ok {
		for _, e := range faults {
			t.Errorf("%s: %s", e.Message, e.Reason)
			for _, s := range e.SchemaValidationErrors {
				t.Errorf("  %s: %s", s.KeywordLocation, s.Reason)
			}
		}
	}
	var d struct {
		OpenAPI string `json:"openapi"`
		Paths   map[string]map[string]struct {
			Parameters []struct{ Name, In string }
		}
	}
	f.Must(json.Unmarshal([]byte(body), &d))
	if d.OpenAPI != "3.1.0" {
		t.Errorf("OpenAPI %s", d.OpenAPI)
	}
	filters := "from to known min type entity actor party place source standing min_grade q order dir limit cursor lang"
	for path, query := range map[string]string{
		"get /v1/summits": "q limit cursor", "post /v1/summits": "", "get /v1/summits/{s}": "known min", "post /v1/summits/{s}/facts": "",
		"get /v1/summits/{s}/timeline": filters, "get /v1/summits/{s}/status": "at known min kind limit cursor lang", "get /v1/summits/{s}/changes": "since until min limit cursor lang",
		"get /v1/summits/{s}/conflicts": "known min lang", "get /v1/summits/{s}/entities": "q kind limit min", "get /v1/summits/{s}/facts/{id}": "known min lang", "get /v1/summits/{s}/log": "from to",
		"get /v1/summits/{s}/timeline.atom": filters, "get /v1/summits/{s}/timeline.ics": filters, "get /v1/summits/{s}/timeline.csv": "bom " + filters,
		"get /v1/summits/{s}/timeline.jsonld": filters, "get /v1/summits/{s}/timeline.ndjson": filters,
		"get /v1/summits/{s}/live": "types entity since last_event_id lang", "get /schemas/{type}/{version}": "", "get /openapi.json": "",
		"get /healthz": "", "get /readyz": "", "get /metrics": "name[]", "get /": "cursor lang", "get /summits/{s}": "zone at since fact " + filters,
		"get /summits/{s}/map.svg": "zone at since fact " + filters,
	} {
		method, path, _ := strings.Cut(path, " ")
		op, ok := d.Paths[path][method]
		if !ok {
			t.Errorf("%s %s is not described", method, path)
			continue
		}
		var want, got []string
		for _, name := range strings.Fields(query) {
			want = append(want, "query "+name)
		}
		for part := range strings.SplitSeq(path, "/") {
			if strings.HasPrefix(part, "{") {
				want = append(want, "path "+strings.Trim(part, "{}"))
			}
		}
		for _, p := range op.Parameters {
			got = append(got, p.In+" "+p.Name)
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s %s takes %v, want %v", method, path, got, want)
		}
	}
	for path, ops := range d.Paths {
		for method := range ops {
			r := f.Do(strings.ToUpper(method), strings.NewReplacer("{s}", "nowhere", "{id}", "x", "{type}", "x", "{version}", "1", "{name}", "x").Replace(path), "")
			if r.Status == http.StatusMethodNotAllowed || strings.Contains(r.Body, "there is nothing at /v1") {
				t.Errorf("%s %s is described and not served: %s", method, path, r.Body)
			}
		}
	}
	for _, path := range []string{"/v1/summits/alaska-2025/timeline?type=aircraft.*&limit=2", "/v1/summits/alaska-2025/status?known=@4", "/v1/summits/alaska-2025/changes?since=@3", "/healthz"} {
		r, err := http.NewRequest(http.MethodGet, f.URL+path, http.NoBody)
		f.Must(err)
		if ok, faults := v.ValidateHttpRequestSync(r); !ok {
			t.Errorf("%s is served, but not as described: %v", path, faults)
		}
	}
}

func TestHealthReadinessAndFigures(t *testing.T) {
	f := newFixture(t)
	f.Alaska()
	if a := f.Get("/healthz").Want(http.StatusOK); a.Body != `{"status":"ok","version":"test"}` {
		t.Errorf("health %s", a.Body)
	}
	type ready struct {
		Status, Durability string
		Reasons            []string
		Summits            map[string]struct {
			Position         string
			Lag, Quarantined int
		}
	}
	var a ready
	f.Get("/readyz").Want(http.StatusOK).Into(&a)
	if s := a.Summits["alaska-2025"]; a.Status != "ready" || len(a.Reasons) != 0 || a.Durability != "always" || s.Position != f.At("alaska-2025", 26) || s.Lag != 0 {
		t.Errorf("ready %+v", a)
	}
	broken := errors.New("the disk is full")
	f.Health.Store(&broken)
	f.Get("/readyz").Want(http.StatusServiceUnavailable).Into(&a)
	if a.Status != "not ready" || !slices.Equal(a.Reasons, []string{"nats: the disk is full"}) {
		t.Errorf("not ready %+v", a)
	}
	whole, yet := error(nil), "the demo is being recorded"
	f.Health.Store(&whole)
	f.Yet.Store(&yet)
	f.Get("/readyz").Want(http.StatusServiceUnavailable).Into(&a)
	if !slices.Equal(a.Reasons, []string{yet}) {
		t.Errorf("not ready %+v", a)
	}
	f.Get("/healthz").Want(http.StatusOK)
	figures := f.Get("/metrics").Want(http.StatusOK)
	if !strings.HasPrefix(figures.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("metrics: %s", figures.Header.Get("Content-Type"))
	}
	for _, line := range []string{
		`summit_position{summit="alaska-2025"} 26`, `summit_lag_events{summit="alaska-2025"} 0`, `summit_quarantined_events{summit="alaska-2025"} 0`,
		`summit_in_doubt{summit="alaska-2025"} 0`, `summit_live_clients{summit="alaska-2025"} 0`, "# HELP summit_position ", "# TYPE summit_position gauge",
	} {
		if !strings.Contains(figures.Body, line+"\n") && !strings.Contains(figures.Body, "\n"+line) && !strings.HasPrefix(figures.Body, line) {
			t.Errorf("metrics lack %s:\n%s", line, figures.Body)
		}
	}
}
