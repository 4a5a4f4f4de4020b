package projections

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
)

// shown is an amendment as it stands inside the item: with what it changed.
func shown(e events.Event, seq uint64, before, after *item) (amendmentRow, error) {
	changes, err := differenceOf(before, after)
	if err != nil {
		return amendmentRow{}, err
	}
	data, err := events.EncodeData(e.Data)
	if err != nil {
		return amendmentRow{}, err
	}
	payload, _ := e.Amends()
	base := e.Data.Base()
	word := base.Sources.Attribution()
	if word == "" {
		word = e.Source
	}
	return amendmentRow{
		Shown: AmendmentOf{
			ID: e.ID, Seq: seq, Type: e.Type, Target: payload.TargetID(), Recorded: e.Recorded, Desk: e.Source,
			Headline: events.Headline(e.Data, e.Subject.Called()), Notice: noticeOf(e.Data), Attribution: word, Changes: changes,
		},
		Data: data, Time: e.Time,
	}, nil
}

// noticeOf is what a reader is told of an amendment.
func noticeOf(p events.Payload) string {
	switch d := p.(type) {
	case *events.FactCorrected:
		return d.Notice
	case *events.FactRetracted:
		if d.Notice != "" {
			return d.Notice
		}
		return d.Reason
	case *events.FactCorroborated:
		return d.Detail
	case *events.FactDisputed:
		return d.Detail
	}
	return p.Base().Note
}

// differenceOf lists what changed in an item's data and grade.
func differenceOf(before, after *item) ([]Difference, error) {
	was, err := events.EncodeData(before.data)
	if err != nil {
		return nil, err
	}
	now, err := events.EncodeData(after.data)
	if err != nil {
		return nil, err
	}
	list, err := differences("/data", was, now)
	if err != nil {
		return nil, err
	}
	if a, b := gradeJSON(before), gradeJSON(after); string(a) != string(b) && after.grade != before.grade {
		list = append(list, Difference{Path: "/grade", Was: a, Now: b})
	}
	if list == nil {
		list = []Difference{}
	}
	return list, nil
}

func gradeJSON(it *item) jsontext.Value {
	g := it.currentGrade()
	if g == nil {
		return jsontext.Value("null")
	}
	return jsontext.Value(`"` + g.String() + `"`)
}
