package naming

import (
	"strings"
	"testing"

	"github.com/summit-timeline/summit/events"
)

func TestSlugIsAnIDOfANameInAnyScript(t *testing.T) {
	for name, want := range map[string]string{
		"Il-96-300": "il-96-300", "Мария Захарова": "mariia-zakharova", "Zoë Müller": "zoe-muller", "Володимир Зеленський": "volodimir-zelens-kii",
		"محمد": "mhmd", "Höfði House": "hofdi-house", "  ": "", "–": "",
	} {
		if got := Slug(name); got != want {
			t.Errorf("Slug(%q) is %q, want %q", name, got, want)
		}
	}
	for _, name := range []string{strings.Repeat("word ", 40), strings.Repeat("習近平", 40), "習近平"} {
		if got := Slug(name); !events.IsSlug(got) {
			t.Errorf("Slug(%q) is %q, which is no id", name, got)
		}
	}
}
