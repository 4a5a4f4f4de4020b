package pages

import (
	"encoding/json"
	"fmt"
	"html/template"
	"strings"

	"golang.org/x/text/language"

	"github.com/summit-timeline/summit/cmd/internal/locale"
)

// words are the functions of the templates that speak the reader's language.
type words struct{ *locale.Language }

func (w words) functions() template.FuncMap {
	return template.FuncMap{
		"say": w.Say, "tell": w.tell, "label": w.label, "role": w.role,
		"comma": w.comma, "colon": func() string { return w.Messages().Colon }, "list": w.list, "texts": w.scriptTexts, "own": w.own,
	}
}

// tell returns a text with its places filled, as markup: somebody's own words are kept
// apart from the sentence (bdi), and markup stands as it is.
func (w words) tell(key string, args ...any) template.HTML {
	var b strings.Builder
	w.Compose(key, func(text string) { b.WriteString(template.HTMLEscapeString(text)) }, func(v any) {
		switch v := v.(type) {
		case template.HTML:
			b.WriteString(string(v))
		case string:
			b.WriteString(string(w.own(v)))
		default:
			b.WriteString(template.HTMLEscapeString(w.Fill(v)))
		}
	}, args...)
	return template.HTML(b.String()) // all text in it was escaped
}

// own marks somebody's own words: they have a direction, and perhaps a language, of
// their own. A sentence of the page's language that begins with a name has the
// direction of the page: it is known by the isolation of the name.
func (w words) own(text string, lang ...string) template.HTML {
	if text == "" {
		return ""
	}
	attr := ""
	if len(lang) > 0 && lang[0] != "" {
		attr = ` lang="` + template.HTMLEscapeString(lang[0]) + `"`
	}
	if w.Direction == "rtl" && strings.HasPrefix(text, "\u2068") {
		attr += ` dir="rtl"`
	}
	return template.HTML("<bdi" + attr + ">" + template.HTMLEscapeString(text) + "</bdi>") // it was escaped
}

// rightToLeft are the scripts that are written from right to left (ISO 15924).
const rightToLeft = " Adlm Arab Hebr Mand Mend Nkoo Rohg Samr Syrc Thaa "

// direction returns the direction of somebody's own words in a language; where it is not
// known, their first letter decides.
func direction(lang string) string {
	tag, err := language.Parse(lang)
	if err != nil {
		return "auto"
	}
	if script, _ := tag.Script(); strings.Contains(rightToLeft, " "+script.String()+" ") {
		return "rtl"
	}
	return "ltr"
}

// code marks what programs read.
func code(v any) template.HTML {
	return template.HTML("<code>" + template.HTMLEscapeString(fmt.Sprint(v)) + "</code>") // it was escaped
}

// strong marks a number that matters.
func (w words) strong(n int) template.HTML {
	return template.HTML("<b>" + template.HTMLEscapeString(w.Number(int64(n))) + "</b>") // it was escaped
}

// anchor makes a link within a sentence.
func anchor(href, text string) template.HTML {
	return template.HTML(`<a href="` + template.HTMLEscapeString(href) + `">` + template.HTMLEscapeString(text) + "</a>") // it was escaped
}

// label returns the word for a value of the wire, of a list such as state.
func (w words) label(list, value string) string {
	if value == "" {
		return ""
	}
	if word, ok := w.Value(list, list, value); ok {
		return word
	}
	return w.Messages().Label(list + "/" + value)
}

// role names what a token lets its bearer do.
func (w words) role(name string) string { return w.Say("role." + name) }

// comma is what stands between the parts of a list.
func (w words) comma() string {
	return w.Say("list.comma", "one", locale.Words(""), "other", locale.Words(""))
}

// list lists somebody's words, or markup.
func (w words) list(parts ...template.HTML) template.HTML {
	var told template.HTML
	for _, p := range parts {
		switch {
		case p == "":
		case told == "":
			told = p
		default:
			told = w.tell("list.comma", "one", told, "other", p)
		}
	}
	return told
}

// names lists names.
func (w words) names(names []string) template.HTML {
	parts := make([]template.HTML, len(names))
	for i, n := range names {
		parts[i] = w.own(n)
	}
	return w.list(parts...)
}

// degrees writes a latitude or longitude, whose sides have the keys of texts.
func (w words) degrees(value float64, digits uint64, positive, negative string) string {
	key := positive
	if value < 0 {
		key, value = negative, -value
	}
	return w.Say(key, "degrees", locale.Words(w.Decimal(value, digits)+"°"))
}

// scriptTexts returns the texts of the script as JSON.
func (w words) scriptTexts() (string, error) {
	texts := w.Texts("script.")
	for _, key := range []string{"live.frozen", "list.comma"} {
		texts[key] = map[string]string{"other": w.Say(key)}
	}
	b, err := json.Marshal(texts)
	if err != nil {
		return "", fmt.Errorf("write the texts of the script: %w", err)
	}
	return string(b), nil
}
