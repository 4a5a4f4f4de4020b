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

// item is a fact in the timeline, with the answers that feeds need.
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

// standing returns the amendments that were not withdrawn themselves. It goes through
// them backwards, because a retraction comes after what it withdraws.
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

// retraction returns the amendment that withdrew the fact, or false if there is none.
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

// sentences are the free texts in the data of a fact of any type.
type sentences struct {
	Note   string `json:"note"`
	Detail string `json:"detail"`
	Text   string `json:"text"`
	Quote  string `json:"quote"`

	Headline string `json:"headline"` // given, not generated
	Lang     string `json:"lang"`     // of the fact's own words
}

// own reports whether the fact has any free text.
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

// planned reports whether the fact is about something that is still to happen.
func (it item) planned() bool {
	return it.When != nil && it.When.Phase != "" && it.When.Phase != events.PhaseActual
}

// clean removes what a text of a feed must not contain: control characters other than
// line breaks and tabs, bidirectional embeddings and overrides, which can make a text
// look like another, and bytes that are not characters. Isolates stay, because text of
// one direction within text of the other needs them.
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
