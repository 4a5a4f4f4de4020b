package httpserver_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
)

// asking is what a path needs to be asked, where the story alone does not do.
var asking = map[string]string{"/v1/summits/{s}/changes": "?since=@2"}

// describedGets are the paths of all answers in JSON that are described, filled in with
// what the shipped story has.
func (f *fixture) describedGets() (paths []string) {
	f.Helper()
	fill := strings.NewReplacer("{s}", "alaska-2025", "{id}", "8f5bf171-7d19-5816-8a0f-183bdf13bbd9")
	for path, ops := range f.described().Paths {
		if s := ops["get"].Responses["200"].Content["application/json"].Schema; s.Ref != "" || len(s.OneOf) > 0 {
			paths = append(paths, fill.Replace(path)+asking[path])
		}
	}
	slices.Sort(paths)
	return paths
}

// Each answer is as described, and has no other members: every one that is described,
// and some that depend on how they are asked.
func TestAnswersAreAsDescribed(t *testing.T) {
	f := newFixture(t)
	f.Alaska()
	body := strings.ReplaceAll(f.Get("/openapi.json").Want(http.StatusOK).Body, `"properties":{`, `"unevaluatedProperties":false,"properties":{`)
	doc, err := libopenapi.NewDocument([]byte(body))
	f.Must(err)
	v, errs := validator.NewValidator(doc)
	f.Must(errors.Join(errs...))
	const note = `{"source":"/desks/test","type":"note.added","subject":"note/n","data":{"text":"t","sources":[{"id":"s","name":"S"}]}}`
	const opening = `{"id":"geneva","title":"Geneva","zone":"Europe/Zurich","parties":[]}`
	s := "/v1/summits/alaska-2025"
	statuses := map[int]int{}
	type request struct{ method, path, contentType, body string }
	requests := []request{
		{"GET", s + "?known=@0", "", ""},
		{"GET", s + "/timeline?limit=3", "", ""},
		{"GET", s + "/status?known=@9&at=2025-08-15T12:00:00Z", "", ""},
		{"POST", s + "/facts", "application/cloudevents+json", note},
		{"POST", s + "/facts", "application/cloudevents-batch+json", "[" + note + "]"},
		{"POST", "/v1/summits", "application/json", opening},
		{"POST", "/v1/summits", "application/json", opening},
		{"GET", s + "/timeline?limit=0", "", ""},
		{"GET", "/v1/summits/nowhere", "", ""},
		{"POST", s + "/facts", "application/cloudevents+json", `{"source":"x"}`},
	}
	gets := f.describedGets()
	for _, path := range gets {
		requests = append(requests, request{"GET", path, "", ""})
	}
	for _, c := range requests {
		req, err := http.NewRequest(c.method, f.URL+c.path, strings.NewReader(c.body))
		f.Must(err)
		if c.contentType != "" {
			req.Header.Set("Content-Type", c.contentType)
		}
		res, err := http.DefaultClient.Do(req)
		f.Must(err)
		answer, err := io.ReadAll(res.Body)
		f.Must(errors.Join(err, res.Body.Close()))
		res.Body = io.NopCloser(strings.NewReader(string(answer)))
		req.Body = io.NopCloser(strings.NewReader(c.body))
		statuses[res.StatusCode]++
		if ok, faults := v.ValidateHttpResponse(req, res); !ok {
			for _, e := range faults {
				t.Errorf("%s %s (%d): %s: %s\n%.300s", c.method, c.path, res.StatusCode, e.Message, e.Reason, answer)
				for _, s := range e.SchemaValidationErrors {
					t.Errorf("  %s: %s", s.KeywordLocation, s.Reason)
				}
			}
		}
	}
	if len(gets) < 8 || statuses[200] != len(gets)+4 || statuses[201] != 3 || statuses[400] != 1 || statuses[404] != 1 || statuses[422] != 1 {
		t.Errorf("answered %v", statuses)
	}
}

func TestEachOperationHasAnIDOfItsOwn(t *testing.T) {
	f := newFixture(t)
	var d struct {
		Paths map[string]map[string]struct{ OperationID string }
	}
	f.Must(json.Unmarshal([]byte(f.Get("/openapi.json").Want(http.StatusOK).Body), &d))
	seen := map[string]string{}
	for path, ops := range d.Paths {
		for method, op := range ops {
			if other, taken := seen[op.OperationID]; taken || op.OperationID == "" {
				t.Errorf("%s %s is %q, as is %s", method, path, op.OperationID, other)
			}
			seen[op.OperationID] = method + " " + path
		}
	}
	for id, want := range map[string]string{
		"getSummits": "get /v1/summits", "postSummits": "post /v1/summits", "getSummit": "get /v1/summits/{s}", "getSummitFact": "get /v1/summits/{s}/facts/{id}",
		"getSummitTimeline": "get /v1/summits/{s}/timeline", "postSummitFacts": "post /v1/summits/{s}/facts", "getPageSummit": "get /summits/{s}",
	} {
		if seen[id] != want {
			t.Errorf("%s is %q, want %q", id, seen[id], want)
		}
	}
}
