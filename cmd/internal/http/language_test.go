package httpserver_test

import (
	"strings"
	"testing"
)

const arrival = `{"source":"/desks/x","type":"delegate.arrived","subject":"person/anna","time":"2025-08-14T10:00:00Z","data":{"name":"Anna Berg","place":{"name":"Genève"},"sources":[{"id":"s","name":"S"}]}}`

func TestGeneratedHeadlinesAreToldInTheLanguageThatIsAskedFor(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	f.Record("geneva", arrival)
	tags := map[string]string{}
	for _, c := range []struct{ query, accept, tag, headline string }{
		{"", "", "en", "Anna Berg arrives at Genève"},
		{"?lang=ru", "", "ru", "Прибытие: Anna Berg · Genève"},
		{"", "fr-CH, de;q=0.5", "fr", "Anna Berg"},
		{"?lang=xx", "de", "en", "Anna Berg arrives at Genève"},
		{"?lang=ar", "", "ar", "\u2068Anna Berg\u2069"},
	} {
		for _, path := range []string{"/v1/summits/geneva/timeline", "/v1/summits/geneva/timeline.ndjson"} {
			r := f.Get(path+c.query, "Accept-Language", c.accept)
			if r.Header.Get("Content-Language") != c.tag || !strings.Contains(r.Header.Get("Vary"), "Accept-Language") {
				t.Errorf("%s%s with %q: Content-Language %q, Vary %q", path, c.query, c.accept, r.Header.Get("Content-Language"), r.Header.Get("Vary"))
			}
			if !strings.Contains(r.Body, c.headline) {
				t.Errorf("%s%s with %q: no %q in %s", path, c.query, c.accept, c.headline, r.Body)
			}
		}
		tags[f.Get("/v1/summits/geneva/timeline", "Accept-Language", c.tag).Header.Get("Etag")] = c.tag
	}
	if len(tags) != 4 {
		t.Errorf("the entity tags of four languages are %v", tags)
	}
}

// On whose word a fact and an amendment are is told in the reader's language, in every
// answer that has them.
func TestAttributionsAreToldInTheLanguageThatIsAskedFor(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	relayed := `"sources":[{"id":"s","name":"S"},{"id":"r","name":"R","via":["s"]},{"id":"q","name":"Q","via":["r"]}]`
	landed := f.Record("geneva", strings.Replace(arrival, `"sources":[{"id":"s","name":"S"}]`, relayed, 1))
	f.Record("geneva", `{"source":"/desks/x","type":"fact.disputed","subject":"person/anna","data":{"target":"`+landed.ID+`",`+strings.ReplaceAll(relayed, `"S"`, `"T"`)+`}}`)
	f.Record("geneva", `{"source":"/desks/x","type":"fact.graded","subject":"person/anna","data":{"target":"`+landed.ID+`","grade":{"source":"B","info":2}}}`)
	for tag, want := range map[string][3]string{
		"en": {"S, via R and Q", "T, via R and Q", "Disputed by T, via R and Q"},
		"de": {"S, über R und Q", "T, über R und Q", "Bestritten: T, über R und Q"},
		"ru": {"S, через R и Q", "T, через R и Q", "Возражение: T, через R и Q"},
	} {
		for _, path := range []string{"/timeline?lang=" + tag, "/timeline.ndjson?lang=" + tag, "/facts/" + landed.ID + "?lang=" + tag, "/changes?since=@1&lang=" + tag} {
			body := f.Get("/v1/summits/geneva" + path).Want(200).Body
			for _, told := range []string{`"attribution":"` + want[0] + `"`, `"attribution":"` + want[1] + `"`, `"headline":"` + want[2] + `"`, `"attribution":"/desks/x"`} {
				if !strings.Contains(body, told) {
					t.Errorf("%s lacks %s: %s", path, told, body)
				}
			}
		}
	}
}

func TestAnUnknownTypeOrKindIsRefusedWithTheNearest(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	for from, want := range map[string]string{
		`"delegate.arrived"`: "", `"delegate.arived"`: "did you mean delegate.arrived?", `"vehicle.arived"`: "did you mean vehicle.arrived?",
	} {
		r := f.Post("/v1/summits/geneva/facts", "application/cloudevents+json", strings.Replace(arrival, `"delegate.arrived"`, from, 1))
		if want != "" && (r.Status != 422 || !strings.Contains(r.Body, want)) {
			t.Errorf("%s: %d %s", from, r.Status, r.Body)
		}
	}
	for from, want := range map[string]string{`person/anna`: "", `persn/anna`: "did you mean person?"} {
		r := f.Post("/v1/summits/geneva/facts", "application/cloudevents+json", strings.Replace(arrival, `person/anna`, from, 1))
		if want != "" && (r.Status != 422 || !strings.Contains(r.Body, want)) {
			t.Errorf("%s: %d %s", from, r.Status, r.Body)
		}
	}
	r := f.Post("/v1/summits/geneva/facts", "application/cloudevents+json", strings.Replace(arrival, `"place"`, `"plase":1,"place"`, 1))
	if r.Status != 422 || !strings.Contains(r.Body, "did you mean place?") {
		t.Errorf("an unknown field: %d %s", r.Status, r.Body)
	}
}

func TestEntitiesAreListedForCompletion(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	f.Record("geneva", arrival)
	for query, want := range map[string]string{
		"?q=ber": `"entity":"person/anna","name":"Anna Berg","names":["Anna Berg","anna"],"facts":1`, "?kind=person": `"person/anna"`, "?kind=aircraft": `"entities":[]`,
	} {
		if r := f.Get("/v1/summits/geneva/entities" + query); r.Status != 200 || !strings.Contains(r.Body, want) {
			t.Errorf("%s: %d %s", query, r.Status, r.Body)
		}
	}
	if r := f.Get("/v1/summits/geneva/entities?kind=persn"); r.Status != 400 || !strings.Contains(r.Body, "did you mean person?") {
		t.Errorf("an unknown kind: %d %s", r.Status, r.Body)
	}
}
