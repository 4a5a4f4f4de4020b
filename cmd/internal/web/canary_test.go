package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/events"
)

// What tries the server stands among nothing that it is for: operators see it by
// its name, and nobody sees it in a list.
func TestTheCanarysSummitIsTheOperatorsAlone(t *testing.T) {
	f, _ := guarded(t)
	opening := `{"id":"` + summits.Canary + `","title":"Canary","zone":"UTC","parties":[]}`
	f.post("/v1/summits", JSONType, opening, bearer("editor")...).problem(http.StatusForbidden)
	f.post("/v1/summits", JSONType, opening, bearer("operator")...).want(http.StatusCreated)
	f.post("/v1/summits/"+summits.Canary+"/facts", events.ContentType, noteOf("operator"), bearer("operator")...).want(http.StatusCreated)
	for _, who := range []string{"reader", "recorder", "editor", "auditor"} {
		p := f.get("/v1/summits/"+summits.Canary+"/timeline", bearer(who)...).problem(http.StatusNotFound)
		if unknown := f.get("/v1/summits/nowhere/timeline", bearer(who)...).problem(http.StatusNotFound); strings.ReplaceAll(unknown.Detail, "nowhere", summits.Canary) != p.Detail {
			t.Errorf("%s is told that it is there: %s", who, p.Detail)
		}
	}
	if a := f.get("/v1/summits/"+summits.Canary+"/timeline", bearer("reader")...); a.header.Get("Summit-Position") != "" {
		t.Error("its position is told")
	}
	f.get("/v1/summits/"+summits.Canary, bearer("operator")...).want(http.StatusOK)
	for _, path := range []string{"/v1/summits", "/"} {
		if a := f.get(path, bearer("operator")...).want(http.StatusOK); strings.Contains(a.body, summits.Canary) {
			t.Errorf("%s lists it: %s", path, a.body)
		}
	}
}
