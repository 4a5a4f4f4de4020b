package feeds

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// item is a fact in the timeline, with what feeds ask of it.
type item struct{ projections.Item }

// updated is when the last event that touches the fact was recorded.
func (it item) updated() time.Time {
	t := it.Recorded.Time
	for _, a := range it.Amendments {
		if a.Recorded.After(t) {
			t = a.Recorded.Time
		}
	}
	return t
}

// standing are the amendments that were not themselves withdrawn: a
// retraction comes after what it withdraws, so they are judged from the last.
func (it item) standing() []projections.AmendmentOf {
	withdrawn := map[string]bool{}
	var list []projections.AmendmentOf
	for i := len(it.Amendments) - 1; i >= 0; i-- {
		a := it.Amendments[i]
		if withdrawn[a.ID] {
			continue
		}
		if a.Type == events.TypeFactRetracted {
			withdrawn[a.Target] = true
		}
		list = append([]projections.AmendmentOf{a}, list...)
	}
	return list
}

// retraction is the amendment that withdrew the fact, or false if it stands.
func (it item) retraction() (projections.AmendmentOf, bool) {
	if it.Standing != projections.StandingRetracted {
		return projections.AmendmentOf{}, false
	}
	for _, a := range it.standing() {
		if a.Type == events.TypeFactRetracted && a.Target == it.Fact {
			return a, true
		}
	}
	return projections.AmendmentOf{}, false
}

// title is the headline, after what a reader must know before it.
func (it item) title() string {
	switch it.Standing {
	case projections.StandingRetracted, projections.StandingDisputed, projections.StandingSuperseded, projections.StandingOverdue, projections.StandingCorrected:
		return strings.ToUpper(it.Standing) + ": " + line(it.Headline)
	}
	return line(it.Headline)
}

// notice describes what an amendment did, in capitals what kind it is.
func (f Feed) notice(a projections.AmendmentOf) string {
	text := a.Notice
	if text == "" {
		text = a.Headline
	}
	kind := strings.ToUpper(strings.TrimPrefix(a.Type, "fact."))
	return clean(fmt.Sprintf("%s, %s: %s", kind, f.Clock.Instant(a.Recorded.Time), text))
}

// body describes a fact in plain text, a line for each thing to know.
func (f Feed) body(it item) string {
	var b strings.Builder
	say := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\n", name, clean(value))
		}
	}
	for _, a := range it.standing() {
		b.WriteString(f.notice(a) + "\n")
	}
	for _, told := range it.told() {
		b.WriteString(clean(told) + "\n")
	}
	say("When", f.Clock.Occurrence(it.When, it.Time))
	say("Where", placeName(it.Where))
	say("On whose word", it.Attribution)
	roots := "1 independent source"
	if it.Roots != 1 {
		roots = fmt.Sprintf("%d independent sources", it.Roots)
	}
	grade := ""
	if it.Grade != nil {
		grade = ", grade " + *it.Grade
	}
	say("Standing", it.Standing+", "+roots+grade)
	say("Recorded", f.Clock.Instant(it.Recorded.Time)+" at position "+it.Position)
	return b.String()
}

// sentences are those in the data of any type of fact.
type sentences struct {
	Note   string `json:"note"`
	Detail string `json:"detail"`
	Text   string `json:"text"`
	Quote  string `json:"quote"`
}

func (it item) sentences() sentences {
	var s sentences
	if err := json.Unmarshal(it.Data, &s); err != nil {
		return sentences{} // a detail of another shape is in the data, not in the text
	}
	return s
}

// told are the sentences that are more than the headline.
func (it item) told() []string {
	s := it.sentences()
	var list []string
	for _, s := range []string{s.Text, s.Detail, s.Note} {
		if s != "" && s != it.Headline {
			list = append(list, s)
		}
	}
	if s.Quote != "" {
		list = append(list, "“"+s.Quote+"”")
	}
	return list
}

func placeName(p *events.Place) string {
	switch {
	case p == nil:
		return ""
	case p.Name != "" && p.ICAO != "":
		return p.Name + " (" + p.ICAO + ")"
	case p.Name != "":
		return p.Name
	}
	return p.ICAO
}

// clean leaves out what no text of a feed may hold: control characters other
// than a line break and a tab, bidirectional embeddings and overrides that would
// show a text as another, and what is no character. Isolates stay: text of one
// direction in text of the other needs them.
func clean(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\n', c == '\t':
			return c
		case unicode.IsControl(c), c >= 0x202a && c <= 0x202e:
			return -1
		case c&0xfffe == 0xfffe, c >= 0xfdd0 && c <= 0xfdef:
			return unicode.ReplacementChar
		}
		return c
	}, strings.ToValidUTF8(s, string(unicode.ReplacementChar)))
}

// line is clean text on one line.
func line(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }
