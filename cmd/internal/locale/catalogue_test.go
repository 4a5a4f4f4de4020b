package locale

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/nicksnyder/go-i18n/v2/i18n/template"
	"go.uber.org/goleak"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/message"
	_ "github.com/summit-timeline/summit/projections" // its rules define messages
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func loaded(t *testing.T) *Catalogues {
	t.Helper()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// textsOf reads a catalogue as it is written.
func textsOf(t *testing.T, tag string) map[string]*i18n.Message {
	t.Helper()
	file, err := newBundle().LoadMessageFileFS(files, "catalogue/"+tag+".toml")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]*i18n.Message{}
	for _, m := range file.Messages {
		texts[m.ID] = m
	}
	return texts
}

// pluralForms returns the forms that CLDR has for whole numbers of a language, as the
// library chooses them.
func pluralForms(t *testing.T, tag string) []string {
	t.Helper()
	b := newBundle()
	probe := i18n.Message{ID: "probe", Zero: "zero", One: "one", Two: "two", Few: "few", Many: "many", Other: "other"}
	language, err := b.ParseMessageFileBytes([]byte(`x = "x"`), tag+".toml")
	if err != nil {
		t.Fatal(err)
	}
	if err := b.AddMessages(language.Tag, &probe); err != nil {
		t.Fatal(err)
	}
	forms := map[string]bool{"other": true}
	for _, n := range append(slices.Collect(func(yield func(int) bool) {
		for n := range 1000 {
			if !yield(n) {
				return
			}
		}
	}), 1_000_000) {
		form, err := i18n.NewLocalizer(b, tag).Localize(&i18n.LocalizeConfig{MessageID: "probe", PluralCount: n, TemplateParser: template.IdentityParser{}})
		if err == nil {
			forms[form] = true
		}
	}
	return slices.Sorted(maps.Keys(forms))
}

var placePattern = regexp.MustCompile(`\{[a-z_]+\}`)

func placesOf(text string) []string {
	places := placePattern.FindAllString(text, -1)
	slices.Sort(places)
	return slices.Compact(places)
}

// wanted returns what each language must have: the English of every key, by its forms.
func wanted(t *testing.T) map[string]map[string]string {
	t.Helper()
	all := map[string]map[string]string{}
	patterns, labels := message.Defined()
	for _, defined := range []map[string]string{patterns, labels} {
		for key, text := range defined {
			all[key] = map[string]string{"other": text}
		}
	}
	for key, m := range textsOf(t, "en") {
		if all[key] != nil {
			t.Errorf("en: %q is defined in Go and stands in the catalogue too", key)
		}
		all[key] = formsOf(m)
	}
	return all
}

func TestEveryLanguageHasEveryText(t *testing.T) {
	want := wanted(t)
	for _, e := range entries {
		texts, forms := textsOf(t, e.tag), pluralForms(t, e.tag)
		if e.tag == "en" { // what is defined in Go is compared with itself alone
			for key, m := range texts {
				checkForms(t, e.tag, key, want[key], formsOf(m), forms)
			}
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(want)) {
			m, ok := texts[key]
			if !ok {
				t.Errorf("%s: %q is missing; in English it is %q", e.tag, key, want[key]["other"])
				continue
			}
			checkForms(t, e.tag, key, want[key], formsOf(m), forms)
		}
		for key := range texts {
			if want[key] == nil {
				t.Errorf("%s: %q stands for nothing", e.tag, key)
			}
		}
	}
}

// checkForms compares the places of a text with those of its English, and checks that
// a text in the plural has all forms of its language.
func checkForms(t *testing.T, tag, key string, english, got map[string]string, needed []string) {
	t.Helper()
	places := placesOf(english["other"])
	if have := placesOf(got["other"]); !slices.Equal(have, places) {
		t.Errorf("%s: %q has the places %v, and its English %v", tag, key, have, places)
	}
	if len(english) == 1 {
		if len(got) != 1 {
			t.Errorf("%s: %q has forms of the plural, and its English has none", tag, key)
		}
		return
	}
	if have := slices.Sorted(maps.Keys(got)); !slices.Equal(have, needed) {
		t.Errorf("%s: %q has the forms %v, and its language %v", tag, key, have, needed)
	}
	for form, text := range got {
		for _, place := range placesOf(text) {
			if !slices.Contains(places, place) {
				t.Errorf("%s: %q has in its form %s a place that English has not: %s", tag, key, form, place)
			}
		}
	}
}

// The forms are those of CLDR's rules, read by hand at
// https://www.unicode.org/cldr/charts/latest/supplemental/language_plural_rules.html.
func TestPluralsHaveTheFormsOfTheirLanguage(t *testing.T) {
	for tag, want := range map[string]string{
		"en": "one other", "de": "one other", "es": "many one other", "fr": "many one other",
		"ru": "few many one other", "uk": "few many one other", "ar": "few many one other two zero",
	} {
		if got := strings.Join(pluralForms(t, tag), " "); got != want {
			t.Errorf("%s has the forms %s, want %s", tag, got, want)
		}
	}
}

// TestNoTextIsLeftInEnglish finds texts that were copied and not translated: words of a
// language that is written in other letters have none of ours.
func TestNoTextIsLeftInEnglish(t *testing.T) {
	latin := regexp.MustCompile(`[A-Za-z]{2,}`)
	names := regexp.MustCompile(`\{[a-z_]+\}|<[^>]*>|UTC|Atom|CSV|NDJSON|JSON-LD|OpenAPI|API|Summit|AB-1|F3|Esc|Enter|summit open ID --title … --zone …`)
	for _, tag := range []string{"ru", "uk", "ar"} {
		for key, m := range textsOf(t, tag) {
			for _, text := range formsOf(m) {
				if word := latin.FindString(names.ReplaceAllString(text, "")); word != "" {
					t.Errorf("%s: %q has the word %q", tag, key, word)
				}
			}
		}
	}
}

func TestEveryTypeMemberAndValueIsNamed(t *testing.T) {
	english := English()
	for _, info := range events.Types() {
		if !hasLabel("type/" + info.Name) {
			t.Errorf("the type %s has no name: define the label type/%s beside it, or in events/labels.go", info.Name, info.Name)
		}
		text, err := os.ReadFile(newest(t, "schemas", info.Name))
		if err != nil {
			t.Fatal(err)
		}
		var s schema
		if err := json.Unmarshal(text, &s); err != nil {
			t.Fatal(err)
		}
		for _, name := range s.members() {
			if want := strings.ReplaceAll(name, "_", " "); english.Member(name) != want || !english.HasMember(name) {
				t.Errorf("the member %s of %s is called %q, want %q: add member.%s to catalogue/en.toml", name, info.Name, english.Member(name), want, name)
			}
		}
		for name, values := range s.values() {
			for _, v := range values {
				v = events.MeetingKind(v) // a dinner is shown as a meal
				lists := append([]string{string(info.Kind), name}, labelled[name]...)
				named := english.has("value."+v) || slices.ContainsFunc(lists, func(list string) bool { return hasLabel(list + "/" + v) })
				if !named && name != "class" && name != "source" { // of a correction; of a grade, which is a letter
					t.Errorf("the value %s of the member %s of %s has no name: define the label %s/%s beside the type", v, name, info.Name, name, v)
				}
			}
		}
	}
}

func (s schema) members() (names []string) {
	if s.Items != nil {
		names = s.Items.members()
	}
	for name, p := range s.Properties {
		names = append(append(names, name), p.members()...)
	}
	return names
}

// newest returns the file of the newest version of a type, below the test data of events.
func newest(t *testing.T, of, typ string) string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join("..", "..", "..", "events", "testdata", of, typ, "*.json"))
	if err != nil || len(list) == 0 {
		t.Fatalf("%s has no %s: %v", typ, of, err)
	}
	return slices.MaxFunc(list, func(a, b string) int { return len(a) - len(b) + strings.Compare(a, b) })
}
