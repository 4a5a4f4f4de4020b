package pages

import "github.com/summit-timeline/summit/projections"

// Choice is an entry of a filter's list.
type Choice struct {
	Value, Label string
	Chosen       bool
}

// choicesOf are the values of each filter that has a list, each with the key of what it
// is called, or "" if it has a label.
var choicesOf = map[string][][2]string{
	"type": {
		{"", "filter.everything"},
		{"aircraft.*", "filter.type.aircraft"},
		{"delegation.*", "filter.type.delegation"},
		{"delegate.*", "filter.type.delegate"},
		{"meeting.*", "filter.type.meeting"},
		{"site.*", "filter.type.site"},
		{"agenda.*", "filter.type.agenda"},
		{"position.*", "filter.type.position"},
		{"statement.*", "filter.type.statement"},
		{"note.*", "filter.type.note"},
	},
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

// FilterName is what a filter is called.
func (v *view) FilterName(name string) string { return v.words.Say("filter.name." + name) }

// FilterValue is what a filter asks for: the word for it if it has one.
func (v *view) FilterValue(p Param) string {
	for _, c := range choicesOf[p.Name] {
		switch {
		case c[0] != p.Value || p.Value == "":
		case c[1] != "":
			return v.words.Say(c[1])
		default:
			return v.words.label(p.Name, p.Value)
		}
	}
	return p.Value
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
		list = append(list, Choice{asked, asked, true})
	}
	return list
}
