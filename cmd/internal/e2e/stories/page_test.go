package stories

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// TestThePageHasTheHeadlinesInTheReadersLanguage reads the page with another's parser: it
// holds every headline of the timeline.
func TestThePageHasTheHeadlinesInTheReadersLanguage(t *testing.T) {
	each(t, func(t *testing.T, s story) {
		for _, lang := range []string{"en", "ru", "ar"} {
			r := s.Get("/summits/"+s.id+"?limit=500&lang="+lang, "Accept", "text/html").Want(http.StatusOK)
			page, err := html.Parse(strings.NewReader(r.Body))
			s.Must(err)
			text := words(page)
			for _, it := range s.Timeline(s.id, "?limit=500&lang="+lang).Items {
				if !strings.Contains(text, strings.Join(strings.Fields(it.Headline), " ")) {
					t.Errorf("%s: the page lacks %q", lang, it.Headline)
				}
			}
		}
	})
}

// words is the text of a page, with one space between words.
func words(page *html.Node) string {
	var b strings.Builder
	for n := range page.Descendants() {
		if n.Type == html.TextNode && n.Parent.Data != "script" && n.Parent.Data != "style" {
			b.WriteString(n.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
