package httpserver_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
)

// However a name is spelled (composed or not, with a soft hyphen, in capitals), a filter
// finds what another spelling of it was recorded with.
func TestFiltersFindANameInEverySpelling(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	const composed = "Zoë Müller"
	spellings := []string{composed, "Zoe\u0308 Mu\u0308ller", "Zo\u00adë Müller", "ZOË MÜLLER"}
	for i, name := range spellings {
		f.Record("geneva", servertest.Event("statement.made", "person/zoe-"+string(rune('a'+i)),
			`{"speaker":"`+name+`","text":"On the record.","sources":[{"id":"s","name":"`+name+` News"}]}`))
	}
	for _, filter := range []string{"q", "actor", "source"} {
		for _, name := range spellings {
			asked := name
			if filter == "source" {
				asked += " News"
			}
			var page struct{ Items []struct{ Fact string } }
			f.Get("/v1/summits/geneva/timeline?" + url.Values{filter: {asked}}.Encode()).Want(http.StatusOK).Into(&page)
			if len(page.Items) != len(spellings) {
				t.Errorf("%s=%q finds %d of %d", filter, asked, len(page.Items), len(spellings))
			}
		}
	}
}
