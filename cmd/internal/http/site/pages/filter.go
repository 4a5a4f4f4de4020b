package pages

import (
	"slices"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/locale"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// Choice is an entry of a filter's list.
type Choice struct {
	Value, Label string
	Chosen       bool
}

// choicesOf are the values of each filter that has a list, each with the key of what it
// is called, or "" if it has a label.
var choicesOf = map[string][][2]string{
	"type": typeChoices(),
	"standing": {
		{"", "filter.any"},
		{projections.StandingUnverified, ""},
		{projections.StandingCorroborated, ""},
		{projections.StandingCorrected, ""},
		{projections.StandingDisputed, ""},
		{projections.StandingRetracted, ""},
		{projections.StandingSuperseded, ""},
		{projections.StandingOverdue, ""},
	},
	"order": {{"", "filter.order.happened"}, {"recorded", "filter.order.recorded"}},
}

// typeChoices are everything, and the families of types in the order of their names: an
// amendment shows with its fact, and the summit's own changes are its heading.
func typeChoices() [][2]string {
	list := [][2]string{{"", "filter.everything"}}
	for _, t := range events.Types() {
		family, _, _ := strings.Cut(t.Name, ".")
		choice := [2]string{family + ".*", "filter.type." + family}
		if !t.Amendment && family != string(events.KindSummit) && !slices.Contains(list, choice) {
			list = append(list, choice)
		}
	}
	return list
}

// FilterName is what a filter is called.
func (v *view) FilterName(name string) string { return v.words.Say("filter.name." + name) }

// FilterValue is what a filter asks for: the words for it if it has any.
func (v *view) FilterValue(p Param) string {
	if p.Name != "type" {
		return v.choice(p.Name, p.Value)
	}
	told := locale.Words("")
	for _, t := range strings.Split(p.Value, ",") {
		one := locale.Words(v.choice(p.Name, t))
		if told != "" {
			one = locale.Words(v.words.Say("list.comma", "one", told, "other", one))
		}
		told = one
	}
	return string(told)
}

// choice is the word for a value of a filter, or the value if it has none.
func (v *view) choice(name, value string) string {
	for _, c := range choicesOf[name] {
		switch {
		case c[0] != value || value == "":
		case c[1] != "":
			return v.words.Say(c[1])
		default:
			return v.words.label(name, value)
		}
	}
	if name == "type" {
		return v.words.Type(value)
	}
	return value
}

// Choices are the entries of a filter's list; a value that was asked for and
// is none of them is one more.
func (v *view) Choices(name string) []Choice {
	asked, found := v.Query.Get(name), false
	var list []Choice
	for _, c := range choicesOf[name] {
		chosen := c[0] == asked
		found = found || chosen
		label := v.words.label(name, c[0])
		if c[1] != "" {
			label = v.words.Say(c[1])
		}
		list = append(list, Choice{c[0], label, chosen})
	}
	if !found {
		list = append(list, Choice{asked, v.FilterValue(Param{Name: name, Value: asked}), true})
	}
	return list
}
