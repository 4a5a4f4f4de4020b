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
	texts     map[string]string // of the catalogue, by key; the form "other" of those in the plural
	plurals   map[string]bool   // the keys of texts that have several forms
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
	for key, text := range l.texts {
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
	text, ok := l.texts[key]
	switch {
	case !ok && l.english != nil:
		return l.english.Say(key, args...)
	case !ok:
		return key
	case l.plurals[key]:
		text = l.form(key, text, args)
	}
	if !strings.Contains(text, "{") {
		return text
	}
	var b strings.Builder
	for {
		before, rest, open := strings.Cut(text, "{")
		name, after, closed := strings.Cut(rest, "}")
		if !open || !closed {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(before)
		l.fill(&b, name, args)
		text = after
	}
}

// has reports whether the catalogue has a text of the key.
func (l *Language) has(key string) bool {
	_, ok := l.texts[key]
	return ok
}

// form returns the form of the plural that the argument count needs.
func (l *Language) form(key, other string, args []any) string {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] != "count" {
			continue
		}
		s, err := l.localizer.Localize(&i18n.LocalizeConfig{MessageID: key, PluralCount: args[i+1], TemplateParser: template.IdentityParser{}})
		if err == nil {
			return s
		}
	}
	return other
}

// fill writes the value of a place; a place without one stays as it is written.
func (l *Language) fill(b *strings.Builder, name string, args []any) {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] != name {
			continue
		}
		switch v := args[i+1].(type) {
		case Words:
			b.WriteString(string(v))
		case int:
			b.WriteString(l.Number(int64(v)))
		case int64:
			b.WriteString(l.Number(v))
		case uint64:
			b.WriteString(l.Number(int64(min(v, math.MaxInt64))))
		default:
			b.WriteString(l.Isolate(fmt.Sprint(v)))
		}
		return
	}
	b.WriteString("{" + name + "}")
}

// Isolate keeps a text of any direction apart from the sentence that it stands in
// (Unicode FSI and PDI), where the language needs it.
func (l *Language) Isolate(s string) string {
	if !l.isRTL() || s == "" {
		return s
	}
	return "\u2068" + s + "\u2069"
}
