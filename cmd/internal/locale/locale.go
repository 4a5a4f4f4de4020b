// Package locale tells things in the reader's language: headlines, labels, the texts
// of pages, times and numbers.
//
// The door is [Load]. There is one catalogue a language, in the folder catalogue.
// The English of headlines and labels is defined in Go beside what they tell of
// (see package message); the catalogues of the other languages have every such
// key, and all of them have the keys of the English catalogue.
package locale

import (
	"embed"
	"fmt"
	"maps"
	"sync"

	"github.com/BurntSushi/toml"
	"github.com/go-playground/locales"
	"github.com/go-playground/locales/ar"
	"github.com/go-playground/locales/de"
	"github.com/go-playground/locales/en"
	"github.com/go-playground/locales/es"
	"github.com/go-playground/locales/fr"
	"github.com/go-playground/locales/ru"
	"github.com/go-playground/locales/uk"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed catalogue/*.toml
var files embed.FS

// entry is what a language is beside its catalogue.
type entry struct {
	tag       string
	direction string
	colon     string
	data      func() locales.Translator // of CLDR
	// grouped is from which number on digits are in groups, and group stands
	// between them where it is not what the data says.
	grouped int64
	group   string
}

// entries lists the languages. English is the first: what nobody chose is told in it.
var entries = []entry{
	{tag: "en", direction: "ltr", colon: ": ", data: en.New},
	{tag: "de", direction: "ltr", colon: ": ", data: de.New},
	// CLDR, minimumGroupingDigits: Spanish writes 1000 and 10.000.
	{tag: "es", direction: "ltr", colon: ": ", data: es.New, grouped: 10_000},
	{tag: "fr", direction: "ltr", colon: "\u202f: ", data: fr.New},
	{tag: "ru", direction: "ltr", colon: ": ", data: ru.New},
	{tag: "uk", direction: "ltr", colon: ": ", data: uk.New},
	// Digits are Latin, as times and newsrooms have them (ar-u-nu-latn); the data
	// has the separator of the Arabic ones.
	{tag: "ar", direction: "rtl", colon: ": ", data: ar.New, group: ","},
}

// Catalogues are the languages in which things can be told.
type Catalogues struct {
	list   []*Language
	chosen *lru.Cache[choice, *Language] // what was asked for last
}

// choice is what a reader asks for.
type choice struct{ lang, acceptLanguage string }

// keptChoices is how many choices are kept: browsers send much the same headers.
const keptChoices = 512

// Load reads the catalogues. It returns an error where one cannot be read, or where a
// headline has a place that its English has not.
func Load() (*Catalogues, error) {
	bundle := newBundle()
	chosen, err := lru.New[choice, *Language](keptChoices)
	if err != nil {
		return nil, fmt.Errorf("keep the choices of languages: %w", err)
	}
	c := &Catalogues{chosen: chosen}
	for _, e := range entries {
		l, err := load(bundle, e)
		if err != nil {
			return nil, err
		}
		if len(c.list) > 0 {
			l.english = c.list[0]
		}
		c.list = append(c.list, l)
	}
	return c, nil
}

func newBundle() *i18n.Bundle {
	b := i18n.NewBundle(language.English)
	b.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	return b
}

// load reads the catalogue of a language.
func load(bundle *i18n.Bundle, e entry) (*Language, error) {
	file, err := bundle.LoadMessageFileFS(files, "catalogue/"+e.tag+".toml")
	if err != nil {
		return nil, fmt.Errorf("read the catalogue of %s: %w", e.tag, err)
	}
	l := &Language{Tag: e.tag, Direction: e.direction, entry: e, data: e.data(), forms: map[string]map[string]string{}}
	for _, m := range file.Messages {
		l.forms[m.ID] = formsOf(m)
	}
	l.localizer = i18n.NewLocalizer(bundle, e.tag)
	return l, l.compile()
}

// formsOf returns the texts of a message by the form of the plural.
func formsOf(m *i18n.Message) map[string]string {
	forms := map[string]string{"zero": m.Zero, "one": m.One, "two": m.Two, "few": m.Few, "many": m.Many, other: m.Other}
	maps.DeleteFunc(forms, func(_, text string) bool { return text == "" })
	return forms
}

// English returns the language of whoever chose none.
var English = sync.OnceValue(func() *Language {
	l, err := load(newBundle(), entries[0])
	if err != nil {
		panic("locale: " + err.Error()) // the catalogue is in the program, and a test reads it
	}
	return l
})

// Languages returns the languages, English first.
func (c *Catalogues) Languages() []*Language { return c.list }

// Choose returns the language that a reader asked for by its tag, else the first of an
// Accept-Language header that is there, else English. A tag of no language that is
// there falls back to English, whatever the header says.
func (c *Catalogues) Choose(lang, acceptLanguage string) *Language {
	if lang == "" && acceptLanguage == "" {
		return c.list[0]
	}
	asked := choice{lang, acceptLanguage}
	if l, kept := c.chosen.Get(asked); kept {
		return l
	}
	l := c.choose(asked)
	if len(lang)+len(acceptLanguage) < 256 { // a longer one is nobody's habit
		c.chosen.Add(asked, l)
	}
	return l
}

func (c *Catalogues) choose(asked choice) *Language {
	if asked.lang != "" {
		if tag, err := language.Parse(asked.lang); err == nil {
			if l := c.match(tag); l != nil {
				return l
			}
		}
		return c.list[0]
	}
	accepted, _, err := language.ParseAcceptLanguage(asked.acceptLanguage)
	if err != nil {
		return c.list[0]
	}
	for _, tag := range accepted { // the best first
		if l := c.match(tag); l != nil {
			return l
		}
	}
	return c.list[0]
}

// match returns the language of a tag, whatever its region; nil where there is none. A
// language that its speakers often understand is no match: who reads Belarusian
// is not taken for a reader of Russian.
func (c *Catalogues) match(tag language.Tag) *Language {
	base, _ := tag.Base()
	for _, l := range c.list {
		if l.Tag == base.String() && tag != language.Und {
			return l
		}
	}
	return nil
}
