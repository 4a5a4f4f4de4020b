package pages

import "github.com/summit-timeline/summit/projections"

// Choice is an entry of a filter's list.
type Choice struct {
	Value, Label string
	Chosen       bool
}

// choicesOf are the values of each filter that has a list, and what they are
// called.
var choicesOf = map[string][][2]string{
	"type": {
		{"", "everything"},
		{"aircraft.*", "aircraft"},
		{"delegation.*", "delegations"},
		{"delegate.*", "delegates"},
		{"meeting.*", "meetings"},
		{"site.*", "sites"},
		{"agenda.*", "agenda"},
		{"position.*", "positions"},
		{"statement.*", "statements"},
		{"note.*", "notes"},
	},
	"standing": {
		{"", "any"},
		{projections.StandingUnverified, "unverified"},
		{projections.StandingCorroborated, "corroborated"},
		{projections.StandingCorrected, "corrected"},
		{projections.StandingDisputed, "disputed"},
		{projections.StandingRetracted, "retracted"},
		{projections.StandingSuperseded, "superseded"},
		{projections.StandingOverdue, "overdue"},
	},
	"order": {{"", "happened"}, {"recorded", "became known"}},
}

// Choices are the entries of a filter's list; a value that was asked for and
// is none of them is one more.
func (s Story) Choices(name string) []Choice {
	asked, found := s.Query.Get(name), false
	var list []Choice
	for _, c := range choicesOf[name] {
		chosen := c[0] == asked
		found = found || chosen
		list = append(list, Choice{c[0], c[1], chosen})
	}
	if !found {
		list = append(list, Choice{asked, asked, true})
	}
	return list
}
