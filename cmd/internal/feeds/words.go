package feeds

import (
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/locale"
	"github.com/summit-timeline/summit/projections"
)

// language returns the reader's language, which all words have that are not a fact's own.
func (f Feed) language() *locale.Language {
	if f.Clock.Language == nil {
		return locale.English()
	}
	return f.Clock.Language
}

func (f Feed) say(key string, args ...any) locale.Words {
	return locale.Words(f.language().Say(key, args...))
}

// word is the word for a value, such as disputed of standing.
func (f Feed) word(member, value string) locale.Words {
	if w, known := f.language().Value("", member, value); known {
		return locale.Words(w)
	}
	return locale.Words(value)
}

// headline returns the headline of a fact, after the words that a reader must see first,
// such as that it was retracted.
func (f Feed) headline(it item) string {
	switch it.Standing {
	case projections.StandingRetracted, projections.StandingDisputed, projections.StandingSuperseded, projections.StandingOverdue, projections.StandingCorrected:
		return strings.ToUpper(string(f.word("standing", it.Standing))) + f.language().Messages().Colon + line(it.Headline)
	}
	return line(it.Headline)
}

// languageOfHeadline returns the language of a headline: the fact's own if the fact gave
// the headline and names its language, else the reader's.
func (f Feed) languageOfHeadline(it item) string {
	if s := it.sentences(); s.Headline != "" && s.Lang != "" {
		return s.Lang
	}
	return f.language().Tag
}

// languageOfWords returns the language of the fact's own words, or "" if the fact names
// none or has no words.
func (it item) languageOfWords() string {
	if s := it.sentences(); s.own() {
		return s.Lang
	}
	return ""
}

// notice describes what an amendment did, in capitals what kind it is.
func (f Feed) notice(a projections.AmendmentOf) string {
	var text any = locale.Words(a.Headline)
	if a.Notice != "" {
		text = a.Notice
	}
	kind := f.say("feed.kind." + strings.TrimPrefix(a.Type, "fact."))
	return clean(string(f.say("feed.notice", "kind", kind, "time", locale.Words(f.Clock.Instant(a.Recorded.Time)), "text", text)))
}

// told returns the sentences of a fact beyond its headline.
func (f Feed) told(it item) []string {
	s := it.sentences()
	var list []string
	for _, s := range []string{s.Text, s.Detail, s.Note} {
		if s != "" && s != it.Headline {
			list = append(list, s)
		}
	}
	if s.Quote != "" {
		list = append(list, string(f.say("value.quote", "words", s.Quote)))
	}
	return list
}

// body describes a fact in plain text, a line for each thing to know.
func (f Feed) body(it item) string {
	var b strings.Builder
	for _, a := range it.standing() {
		b.WriteString(f.notice(a) + "\n")
	}
	for _, told := range f.told(it) {
		b.WriteString(clean(told) + "\n")
	}
	f.line(&b, "feed.when", locale.Words(f.Clock.Occurrence(it.When, it.Time)))
	f.line(&b, "feed.where", it.Where.Title())
	f.line(&b, "feed.word", locale.Words(it.Attribution))
	f.line(&b, "feed.standing", f.standing(it))
	recorded := locale.Words(f.Clock.Instant(it.Recorded.Time))
	f.line(&b, "feed.recorded", f.say("feed.recorded.at", "time", recorded, "position", it.Position))
	return b.String()
}

// line writes what a key names, and its value: [locale.Words], or somebody's own. It
// writes nothing where the value is empty.
func (f Feed) line(b *strings.Builder, key string, value any) {
	if value != "" && value != locale.Words("") {
		b.WriteString(clean(string(f.say("feed.line", "name", f.say(key), "value", value))) + "\n")
	}
}

// standing describes how sure a fact is.
func (f Feed) standing(it item) locale.Words {
	roots := f.say("feed.roots", "count", it.Roots)
	said := f.say("list.comma", "one", f.word("standing", it.Standing), "other", roots)
	if it.Grade == nil {
		return said
	}
	return f.say("list.comma", "one", said, "other", f.say("feed.graded", "grade", *it.Grade))
}
