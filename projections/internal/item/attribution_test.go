package item

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/message"
)

// foreign is a language that names sources in words of its own.
func foreign(t *testing.T) *message.Language {
	t.Helper()
	patterns := map[string]message.Pattern{}
	for key, text := range map[string]string{
		"sources.via": "{relays} nach {name}", "sources.and": "{one} und {other}", "sources.more": "{one} / {other}", "fact.disputed": "Bestritten: {sources}",
	} {
		p, unknown := message.Parse(text, message.English().Patterns[key].Names())
		if unknown != nil {
			t.Fatalf("%s has no %q", key, unknown)
		}
		patterns[key] = p
	}
	return &message.Language{Tag: "xx", Patterns: patterns, Colon: ": "}
}

var wires = events.Sources{
	{ID: "t", Name: `"TASS",via`}, {ID: "a", Name: "Alpha", Via: []string{"t"}}, {ID: "b", Name: "Beta", Via: []string{"a"}}, {ID: "w", Name: `,"roots":`},
}

// A row keeps on whose word a fact is in English, and tells it in any language.
func TestARowTellsOnWhoseWordAFactIs(t *testing.T) {
	for _, c := range []struct {
		sources          events.Sources
		english, another string
	}{
		{wires, `"TASS",via, via Alpha and Beta; ,"roots":; Tower; Pilot`, `Alpha und Beta nach "TASS",via / ,"roots": / Tower / Pilot`},
		{nil, `/desks/"a"; Tower; Pilot`, `/desks/"a" / Tower / Pilot`},
		{wires[:1], `"TASS",via; Tower; Pilot`, `"TASS",via / Tower / Pilot`},
	} {
		it := landing(t, "")
		it.Data.Base().Sources, it.Corroborators = c.sources, []string{"Tower", "Pilot"}
		b, err := it.Encode("3f9a1c20")
		must(t, err)
		row, err := DecodeRow(b)
		must(t, err)
		if !strings.Contains(string(row.Core), ` via Alpha`) && len(c.sources) > 1 {
			t.Errorf("the row has no English: %s", row.Core)
		}
		old := row // of a version before headlines were kept as messages
		whole := strings.TrimSuffix(string(row.JSON()), "}")
		old.Core, old.once, old.flags = []byte(strings.Replace(whole, `,"time":`, `,"headline":",\"attribution\":","time":`, 1)), once{}, row.flags&^flagWorded
		for _, row := range []Row{row, old} {
			for language, want := range map[*message.Language]string{message.English(): c.english, foreign(t): c.another} {
				core, err := row.Append(nil, &Words{In: language, Called: unnamed})
				must(t, err)
				var got coreJSON
				must(t, json.Unmarshal(append(core, '}'), &got))
				if got.Attribution != want || len(got.Sources) != len(c.sources) || got.Desk != `/desks/"a"` {
					t.Errorf("%s: on the word of %q, want %q: %s", language.Tag, got.Attribution, want, core)
				}
			}
		}
	}
}

// The attribution of one source is told as that of many is: a name, set apart in a
// language that reads the other way, and quotes stay escaped.
func TestARowTellsOfOneSourceAsOfMany(t *testing.T) {
	apart := foreign(t)
	apart.Isolate = true
	words := &Words{In: apart, Called: unnamed, Told: &Told{}}
	for range 2 { // the second time, what was told of the sources is kept
		for _, sources := range []events.Sources{nil, wires[:1], wires[3:], wires[2:], wires} {
			it := landing(t, "")
			it.Data.Base().Sources = sources
			b, err := it.Encode("3f9a1c20")
			must(t, err)
			row, err := DecodeRow(b)
			must(t, err)
			core, err := row.Append(nil, words)
			must(t, err)
			var got coreJSON
			must(t, json.Unmarshal(append(core, '}'), &got))
			if want := apart.Sources(originsOf(sources, it.Desk)); got.Attribution != want {
				t.Errorf("on the word of %q, want %q: %s", got.Attribution, want, core)
			}
		}
	}
}

// The row of an amendment keeps its sources in English, in the headline as well, and
// tells them in any language; so does one of a file whose headlines are English.
func TestAnAmendmentTellsOnWhoseWordItIs(t *testing.T) {
	before := landing(t, "")
	e := events.Event{
		ID: "0198a9f2-7c1e-7000-8000-000000000002", Type: events.TypeFactDisputed, Subject: before.Entity, Source: "/d", Recorded: events.Instant{Time: noon},
		Data: &events.FactDisputed{Common: events.Common{Sources: wires}, Target: events.Target{Target: before.ID}, Detail: `,"attribution":`},
	}
	after, err := before.Amended(Amendment{ID: e.ID, Type: e.Type, Target: before.ID, Data: e.Data})
	must(t, err)
	shown, err := Shown(e, 8, before, after)
	must(t, err)
	const english, another = `"TASS",via, via Alpha and Beta; ,"roots":`, `Alpha und Beta nach "TASS",via / ,"roots":`
	if want := "fact.disputed\x1fT" + `\"TASS\",via, via Alpha and Beta; ,\"roots\":`; shown.Message != want {
		t.Errorf("the row has the headline %q, want %q", shown.Message, want)
	}
	now, err := json.Marshal(shown)
	must(t, err)
	shown.Shown.Headline, shown.Message = "As it was", ""
	old, err := json.Marshal(shown)
	must(t, err)
	for _, c := range []struct {
		row                   []byte
		in                    *message.Language
		headline, attribution string
	}{
		{now, message.English(), "Disputed by " + english, english},
		{now, foreign(t), "Bestritten: " + another, another},
		{old, message.English(), "As it was", english},
		{old, foreign(t), "As it was", another},
	} {
		kept := &Told{}
		b, err := AppendShown(nil, c.row, &Words{In: c.in, Called: unnamed, Told: kept})
		must(t, err)
		var a AmendmentOf
		must(t, json.Unmarshal(b, &a))
		if a.Headline != c.headline || a.Attribution != c.attribution || a.Notice != `,"attribution":` || a.Changes == nil {
			t.Errorf("%s tells %+v, want %q by %q", c.in.Tag, a, c.headline, c.attribution)
		}
		if got, err := ShownHeadline(c.row, &Words{In: c.in, Called: unnamed, Told: kept}); err != nil || got != c.headline {
			t.Errorf("%s: the headline is %q, %v, want %q", c.in.Tag, got, err, c.headline)
		}
	}
}
