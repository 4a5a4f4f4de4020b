package feeds

import (
	"slices"
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

// sentences are those in the data of any type of fact.
type sentences struct {
	Note   string `json:"note"`
	Detail string `json:"detail"`
	Text   string `json:"text"`
	Quote  string `json:"quote"`

	Headline string `json:"headline"` // given, not generated
	Lang     string `json:"lang"`     // of the fact's own words
}

// own reports whether there is anything in somebody's own words.
func (s sentences) own() bool {
	return s.Note+s.Detail+s.Text+s.Quote+s.Headline != ""
}

func (it item) sentences() sentences {
	var s sentences
	if err := json.Unmarshal(it.Data, &s); err != nil {
		return sentences{} // a detail of another shape is in the data, not in the text
	}
	return s
}

// stoodBefore reports whether the fact had not been retracted when an event was
// recorded.
func (it item) stoodBefore(seq uint64) bool {
	it.Amendments = slices.DeleteFunc(slices.Clone(it.Amendments), func(a projections.AmendmentOf) bool { return a.Seq >= seq })
	return !slices.ContainsFunc(it.standing(), func(a projections.AmendmentOf) bool {
		return a.Type == events.TypeFactRetracted && a.Target == it.Fact
	})
}

// planned reports whether the fact says what is to be.
func (it item) planned() bool {
	return it.When != nil && it.When.Phase != "" && it.When.Phase != events.PhaseActual
}

// clean leaves out what no text of a feed may hold: control characters other
// than a line break and a tab, bidirectional embeddings and overrides that would
// show a text as another, and what is not a character. Isolates stay: text of one
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
