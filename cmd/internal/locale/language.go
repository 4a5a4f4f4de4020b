package locale

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/go-playground/locales"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/nicksnyder/go-i18n/v2/i18n/template"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/summit-timeline/summit/events/message"
)

// Language tells things in one language. It is safe for use by several goroutines.
type Language struct {
	Tag       string // BCP 47
	Direction string // ltr or rtl, as HTML has it

	entry     entry
	data      locales.Translator
	forms     map[string]map[string]string // the texts of the catalogue, by key and form of the plural
	localizer *i18n.Localizer
	messages  *message.Language
	english   *Language // nil for English itself
}

// compile makes of the catalogue what package message needs: the patterns of headlines
// and the labels.
func (l *Language) compile() error {
	english := message.English()
	m := &message.Language{
		Tag: l.Tag, Patterns: map[string]message.Pattern{}, Labels: map[string]string{}, Colon: l.entry.colon, Isolate: l.isRTL(), Number: l.Number,
	}
	if l.Tag == english.Tag {
		m.Patterns, m.Labels = english.Patterns, english.Labels
	}
	patterns, labels := message.Defined()
	for key, forms := range l.forms {
		text := forms[other]
		if _, ok := labels[key]; ok {
			m.Labels[key] = text
		}
		if _, ok := patterns[key]; !ok {
			continue
		}
		p, unknown := message.Parse(text, append([]string{}, english.Patterns[key].Names()...))
		if len(unknown) > 0 {
			return fmt.Errorf("read the catalogue of %s: %s has no {%s}", l.Tag, key, unknown[0])
		}
		m.Patterns[key] = p
	}
	l.messages = m
	return nil
}

func (l *Language) isRTL() bool { return l.Direction == "rtl" }

// Messages returns how headlines and labels are put in words. Its intervals are those of
// ISO 8601: [github.com/summit-timeline/summit/cmd/internal/humanize.Clock] has
// the ones of a reader's zone.
func (l *Language) Messages() *message.Language { return l.messages }

// Name returns what the language calls itself, such as Deutsch.
func (l *Language) Name() string {
	name := []rune(display.Self.Name(language.Make(l.Tag)))
	return strings.ToUpper(string(name[:1])) + string(name[1:])
}

// Number writes a whole number with its digits in groups.
func (l *Language) Number(n int64) string {
	if -l.entry.grouped < n && n < l.entry.grouped || n == math.MinInt64 {
		return strconv.FormatInt(n, 10)
	}
	s := l.data.FmtNumber(float64(n), 0)
	if l.entry.group != "" {
		s = strings.ReplaceAll(s, "٬", l.entry.group)
	}
	return s
}

// Decimal writes a number with some digits after its decimal separator.
func (l *Language) Decimal(x float64, digits uint64) string {
	s := l.data.FmtNumber(x, digits)
	if l.entry.group != "" {
		s = strings.NewReplacer("٬", l.entry.group, "٫", ".").Replace(s)
	}
	return s
}

// other is the form of the plural that every text has.
const other = "other"

// Words is text in the language itself, such as a time that was put in words. Where
// it fills a place, it needs no isolation from the sentence round it.
type Words string

// Say returns the text of a key with its places filled. Arguments are names of places
// and values by turns; a value is a text, Words, or a whole number, and the one
// named count chooses the form of the plural. Where a language lacks the key,
// the text is English, and where that lacks it too, the key itself.
//
// Text is somebody's own: in languages from right to left it is isolated.
func (l *Language) Say(key string, args ...any) string {
	var b strings.Builder
	l.Compose(key, func(text string) { b.WriteString(text) }, func(v any) { b.WriteString(l.Fill(v)) }, args...)
	return b.String()
}

// Compose puts the text of a key together, as Say does: it calls literal with what the
// text itself says, and value with what fills a place.
func (l *Language) Compose(key string, literal func(text string), value func(v any), args ...any) {
	forms, ok := l.forms[key]
	switch {
	case !ok && l.english != nil:
		l.english.Compose(key, literal, value, args...)
		return
	case !ok:
		literal(key)
		return
	}
	text := forms[other]
	if len(forms) > 1 {
		text = l.form(key, text, args)
	}
	for text != "" {
		before, rest, open := strings.Cut(text, "{")
		name, after, closed := strings.Cut(rest, "}")
		if !open || !closed {
			literal(text)
			return
		}
		literal(before)
		if v, given := argument(args, name); given {
			value(v)
		} else {
			literal("{" + name + "}")
		}
		text = after
	}
}

// argument returns the argument of a name.
func argument(args []any, name string) (any, bool) {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == name {
			return args[i+1], true
		}
	}
	return nil, false
}

// has reports whether the catalogue has a text of the key.
func (l *Language) has(key string) bool {
	return l.forms[key] != nil
}

// form returns the form of the plural that the argument count needs.
func (l *Language) form(key, otherwise string, args []any) string {
	count, _ := argument(args, "count")
	n, whole := wholeNumber(count)
	if !whole {
		return otherwise
	}
	s, err := l.localizer.Localize(&i18n.LocalizeConfig{MessageID: key, PluralCount: n, TemplateParser: template.IdentityParser{}})
	if err != nil {
		return otherwise
	}
	return s
}

func wholeNumber(v any) (int64, bool) {
	switch v := v.(type) {
	case int:
		return int64(v), true
	case int64:
		return v, true
	case uint64:
		return int64(min(v, math.MaxInt64)), true
	}
	return 0, false
}

// Fill writes a value as it fills a place: a number by CLDR, Words as they are, and any
// other text as somebody's own.
func (l *Language) Fill(v any) string {
	if n, whole := wholeNumber(v); whole {
		return l.Number(n)
	}
	if w, ok := v.(Words); ok {
		return string(w)
	}
	return l.Isolate(fmt.Sprint(v))
}

// Isolate keeps a text of any direction apart from the sentence that it stands in
// (Unicode FSI and PDI), where the language needs it.
func (l *Language) Isolate(s string) string {
	if !l.isRTL() || s == "" {
		return s
	}
	return "\u2068" + s + "\u2069"
}

// Texts returns the texts whose keys begin with a prefix, without it, each by the forms
// of its plural; one without a plural has the form other alone.
func (l *Language) Texts(prefix string) map[string]map[string]string {
	texts := map[string]map[string]string{}
	for key, forms := range l.forms {
		if name, ok := strings.CutPrefix(key, prefix); ok {
			texts[name] = forms
		}
	}
	return texts
}
