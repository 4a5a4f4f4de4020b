package httpserver_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/events"
)

// The summit of the canary is in no list. Operators see it by its id, and nobody else
// does.
func TestTheCanarysSummitIsTheOperatorsAlone(t *testing.T) {
	f, _ := guarded(t)
	opening := `{"id":"` + summits.Canary + `","title":"Canary","zone":"UTC","parties":[]}`
	f.Post("/v1/summits", respond.JSONType, opening, bearer("editor")...).Problem(http.StatusForbidden)
	f.Post("/v1/summits", respond.JSONType, opening, bearer("operator")...).Want(http.StatusCreated)
	f.Post("/v1/summits/"+summits.Canary+"/facts", events.ContentType, noteOf("operator"), bearer("operator")...).Want(http.StatusCreated)
	for _, who := range []string{"reader", "recorder", "editor", "auditor"} {
		p := f.Get("/v1/summits/"+summits.Canary+"/timeline", bearer(who)...).Problem(http.StatusNotFound)
		if unknown := f.Get("/v1/summits/nowhere/timeline", bearer(who)...).Problem(http.StatusNotFound); strings.ReplaceAll(unknown.Detail, "nowhere", summits.Canary) != p.Detail {
			t.Errorf("%s is told that it is there: %s", who, p.Detail)
		}
	}
	if a := f.Get("/v1/summits/"+summits.Canary+"/timeline", bearer("reader")...); a.Header.Get("Summit-Position") != "" {
		t.Error("its position is told")
	}
	f.Get("/v1/summits/"+summits.Canary, bearer("operator")...).Want(http.StatusOK)
	for _, path := range []string{"/v1/summits", "/"} {
		if a := f.Get(path, bearer("operator")...).Want(http.StatusOK); strings.Contains(a.Body, summits.Canary) {
			t.Errorf("%s lists it: %s", path, a.Body)
		}
	}
}
