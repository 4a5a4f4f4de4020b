package naming

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/summit-timeline/summit/events"
)

func TestSlugIsAnIDOfANameInAnyScript(t *testing.T) {
	for name, want := range map[string]string{
		"Il-96-300": "il-96-300", "Мария Захарова": "mariia-zakharova", "Zoë Müller": "zoe-muller", "Володимир Зеленський": "volodimir-zelenskii",
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

// The slug of any name is an id or empty, and the slug of an id is that id.
func TestASlugIsAnIDOrNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(rapid.String(), rapid.StringMatching(`[A-Za-zÀ-ÿА-я一-龥0-9 _'’.-]{0,90}`)).Draw(t, "name")
		got := Slug(name)
		if got != "" && !events.IsSlug(got) {
			t.Fatalf("Slug(%q) is %q, which is no id", name, got)
		}
		if again := Slug(got); again != got {
			t.Fatalf("Slug(%q) is %q, and its slug %q", name, got, again)
		}
		if upper := Slug("  " + name + "\n"); upper != got {
			t.Fatalf("Slug(%q) is %q, with blanks around it %q", name, got, upper)
		}
		id := rapid.StringMatching(`[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?`).Draw(t, "id")
		if got := Slug(id); got != id && !strings.Contains(id, "--") {
			t.Fatalf("Slug(%q) is %q", id, got)
		}
	})
}
