package ingest

import (
	"regexp"
	"strings"
)

// elements are the elements of HTML, the obsolete ones too.
var elements = setOf(`a abbr acronym address applet area article aside audio b base basefont bdi bdo bgsound big blink blockquote body br button
	canvas caption center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em embed fieldset figcaption figure font
	footer form frame frameset g h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe image img input ins isindex kbd keygen label legend li
	link listing main map mark marquee math menu menuitem meta meter nav nobr noembed noframes noscript object ol optgroup option output p param
	path picture plaintext pre progress q rb rp rt rtc ruby s samp script search section select slot small source span strike strong style sub
	summary sup svg table tbody td template textarea tfoot th thead time title tr track tt u ul var video wbr xmp`)

// paired are the elements that end with a tag of their own and whose name is a
// letter that may as well be a variable: "a<b".
var paired = []string{"a", "b", "g", "i", "q", "s", "u"}

// foreign are the names of elements that are not of HTML and yet no text: of
// office programs (o:p), and those that sites define (x-quote).
var foreign = regexp.MustCompile(`^([a-z][a-z0-9]*:[a-z][a-z0-9]*|[a-z][a-z0-9]*(-[a-z0-9]+)+)$`)

func setOf(names string) map[string]bool {
	set := map[string]bool{}
	for _, name := range strings.Fields(names) {
		set[name] = true
	}
	return set
}

// attributed is a tag with an attribute, however it ends.
var attributed = regexp.MustCompile(`^<[A-Za-z0-9]+\s+[A-Za-z-]+\s*=`)

// isTag returns what decides, for a text, which tags in it are tags: by their
// names, and as they are written. Others stay text, such as an address in
// <press@example.org> or the y of "x<y".
func isTag(text string) func(name, raw string) bool {
	lower := strings.ToLower(text)
	never := map[string]bool{}
	for _, name := range paired {
		never[name] = !strings.Contains(lower, "</"+name)
	}
	return func(name, raw string) bool {
		return elements[name] && (!never[name] || attributed.MatchString(raw)) || foreign.MatchString(name)
	}
}
