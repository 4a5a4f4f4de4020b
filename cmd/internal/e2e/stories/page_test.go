package stories

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// TestThePageIsInTheReadersLanguage reads the page with another's parser: it says in
// which language and direction it is, and holds every headline of the timeline.
func TestThePageIsInTheReadersLanguage(t *testing.T) {
	each(t, func(t *testing.T, s story) {
		for lang, dir := range map[string]string{"en": "ltr", "ru": "ltr", "ar": "rtl"} {
			r := s.Get("/summits/"+s.id+"?limit=500&lang="+lang, "Accept", "text/html").Want(http.StatusOK)
			page, err := html.Parse(strings.NewReader(r.Body))
			s.Must(err)
			root := page.FirstChild
			for root.Type != html.ElementNode {
				root = root.NextSibling
			}
			if attribute(root, "lang") != lang || dir == "rtl" && attribute(root, "dir") != dir || attribute(root, "dir") != dir && attribute(root, "dir") != "" {
				t.Errorf("%s: the page is in %q, to be read %q", lang, attribute(root, "lang"), attribute(root, "dir"))
			}
			if got := r.Header.Get("Content-Language"); got != lang {
				t.Errorf("%s: Content-Language %q", lang, got)
			}
			text := words(page)
			for _, it := range s.Timeline(s.id, "?limit=500&lang="+lang).Items {
				if !strings.Contains(text, strings.Join(strings.Fields(it.Headline), " ")) {
					t.Errorf("%s: the page lacks %q", lang, it.Headline)
				}
			}
		}
	})
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
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
