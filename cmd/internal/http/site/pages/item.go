package pages

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/cmd/internal/locale"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// entry is a fact in the timeline.
type entry struct {
	projections.Item
	Kind   string // of its entity
	When   moment
	Known  moment // when it became known
	Was    string // its headline before it was corrected
	Detail string
	Note   string
	Mark   mark // what changed since
	// Lang is the language that the fact's own words are in, and HeadlineLang that
	// of its headline, or "" if they are not known.
	Lang, HeadlineLang string
	Amends             []amends
	Drawer             drawer
}

// amends is an amendment, as shown in the fact that it amends.
type amends struct {
	Good, Bad bool   // it speaks for the fact, or takes it back
	Word      string // CORRECTED, RETRACTED
	Withdrawn bool   // it was itself retracted
	Seq       uint64
	When      locale.Words
	Notice    string
	By        string
	Changes   []difference
}

// said is what data says besides the headline.
type said struct {
	Text   string `json:"text"`
	Detail string `json:"detail"`
	Note   string `json:"note"`
	Quote  string `json:"quote"`
	// Headline and Lang say whose words the headline is in.
	Headline string `json:"headline"`
	Lang     string `json:"lang"`
}

func (v *view) entry(i projections.Item) (entry, error) {
	var data said
	if err := json.Unmarshal(i.Data, &data); err != nil {
		return entry{}, fmt.Errorf("read fact %s: %w", i.Fact, err)
	}
	e := entry{Item: i, Kind: kindOf(i.Entity), When: v.occurrence(i), Note: data.Note, Detail: data.Text, Lang: data.Lang}
	if data.Headline != "" || e.Kind == string(events.KindNote) {
		e.HeadlineLang = data.Lang
	}
	if e.Detail == "" {
		e.Detail = data.Detail
	}
	if data.Quote != "" {
		e.Detail = strings.TrimSpace(e.Detail + " " + v.words.Say("value.quote", "words", data.Quote))
	}
	if e.Detail == i.Headline {
		e.Detail = ""
	}
	e.Known = moment{Bounds: v.Stamp(i.Recorded), ISO: i.Recorded.String()}
	if v.Changed != nil {
		e.Mark = v.Changed.marks[i.Fact]
	}
	e.amend(v)
	e.Drawer = v.drawer(i)
	return e, nil
}

// amendWords are the amendments by type.
var amendWords = map[string]string{
	events.TypeFactCorrected: "stamp.corrected", events.TypeFactRetracted: "stamp.retracted", events.TypeFactCorroborated: "stamp.corroborated",
	events.TypeFactDisputed: "stamp.disputed", events.TypeFactGraded: "stamp.graded",
	events.TypeFactUnsealed: "stamp.unsealed", events.TypeFactWithheld: "stamp.withheld",
}

// withdrawals are the amendments that were retracted, by id. A retraction that
// was itself retracted withdraws nothing.
func withdrawals(list []projections.AmendmentOf) map[string]bool {
	out := map[string]bool{}
	for n := len(list) - 1; n >= 0; n-- { // what withdraws comes after what it withdraws
		if a := list[n]; a.Type == events.TypeFactRetracted && !out[a.ID] {
			out[a.Target] = true
		}
	}
	return out
}

func (e *entry) amend(v *view) {
	withdrawn := withdrawals(e.Amendments)
	for _, a := range e.Amendments {
		x := amends{Good: a.Type == events.TypeFactCorroborated, Word: v.words.Say(amendWords[a.Type]), Withdrawn: withdrawn[a.ID], Seq: a.Seq, When: v.Time(a.Recorded.Time), Notice: a.Notice, By: a.Attribution}
		if x.Notice == "" {
			x.Notice = a.Headline
		}
		if a.Type == events.TypeFactRetracted && a.Target != e.Fact {
			x.Word = v.words.Say("stamp.amendment")
		} else if a.Type == events.TypeFactRetracted {
			x.Bad = true
		}
		for _, d := range a.Changes {
			if d.Path == "/data/headline" {
				if e.Was == "" && !x.Withdrawn {
					e.Was = v.Value(d.Was)
				}
				continue
			}
			x.Changes = append(x.Changes, v.correction(e.Entity, d))
		}
		e.Amends = append(e.Amends, x)
	}
	if e.Was == e.Headline {
		e.Was = ""
	}
}

// correction is what an amendment changed in a fact about an entity.
func (v *view) correction(entity string, d projections.Difference) difference {
	c := v.clock.Correction(entity, d.Path, d.Was, d.Now)
	return difference{c.What, c.Was, c.Now}
}

// Retracted reports whether the fact is withdrawn.
func (e entry) Retracted() bool { return e.Standing == projections.StandingRetracted }

// Permalink is the address of this fact as it stands here.
func (v *view) Permalink(fact string) string {
	return v.Base() + "?known=" + v.Position() + "&fact=" + fact + "#f-" + fact
}

func kindOf(entity string) string {
	kind, _, _ := strings.Cut(entity, "/")
	return kind
}
