package projections

import (
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
)

// amendmentRow is an amendment as stored: as it shows, and as it was said.
type amendmentRow struct {
	Shown AmendmentOf    `json:"shown"`
	Data  jsontext.Value `json:"data"`
	Time  events.Instant `json:"time,omitzero"`
}

// amendment is an amendment in the fold.
type amendment struct {
	seq    uint64
	id     string
	typ    string
	target string
	data   events.Payload

	settled bool // whether it was itself corrected
}

func fault(pointer, format string, args ...any) error {
	return events.Faults{{Pointer: pointer, Detail: fmt.Sprintf(format, args...)}}
}

// amend works out what an amendment does to the fact it amends, directly or
// through other amendments. The error says why it cannot stand; it is of type
// events.Faults unless the view file itself failed.
func (w *writer) amend(seq uint64, e events.Event) (before, after *item, err error) {
	tx := w.tx
	payload, ok := e.Amends()
	if !ok {
		return nil, nil, fmt.Errorf("event %s is no amendment", e.ID)
	}
	target, ok := findID(tx, payload.TargetID())
	if !ok {
		return nil, nil, fault("/data/target", "%s is not in the log of this summit: nothing to amend", payload.TargetID())
	}
	row, err := readEvent(tx, target)
	if err != nil {
		return nil, nil, err
	}
	if row.fact == 0 {
		return nil, nil, fault("/data/target", "event %d could not be read: nothing to amend", target)
	}
	before, err = w.latest(row.fact)
	if err != nil {
		return nil, nil, err
	}
	if e.Subject != before.entity {
		return nil, nil, fault("/subject", "must be %s, the entity of the fact it amends", before.entity)
	}
	a := amendment{seq: seq, id: e.ID, typ: e.Type, target: payload.TargetID(), data: e.Data}
	if target == row.fact {
		after, err = before.amended(a)
	} else {
		after, err = refold(tx, before, a)
	}
	if err != nil {
		return nil, nil, err
	}
	if err := after.confirmed(a); err != nil {
		return nil, nil, err
	}
	if w.strict && !e.Copied && target == row.fact {
		if err := headlineOwed(before, after, a); err != nil {
			return nil, nil, err
		}
	}
	after.amendments = before.amendments + 1
	return before, after, nil
}

// confirmed holds the grade against the sources: 1 needs two independent words.
func (it *item) confirmed(a amendment) error {
	if it.grade == nil || it.grade.Info != 1 || it.roots() >= 2 {
		return nil
	}
	if _, ok := a.data.(*events.FactGraded); ok {
		return fault("/data/grade/info", "1 (confirmed) needs two or more independent sources; the fact has %d", it.roots())
	}
	return fault("/data/target", "is graded %s, confirmed, and would have %d independent source: grade it anew first", it.grade, it.roots())
}

// amended is the item after one more amendment of the fact itself.
func (it *item) amended(a amendment) (*item, error) {
	if _, ok := a.data.(*events.FactRetracted); ok {
		if it.typ == events.TypeSummitOpened {
			return nil, fault("/data/target", "the opening of a summit cannot be retracted: close the summit instead")
		}
		if it.retracted {
			return nil, fault("/data/target", "is retracted already")
		}
	}
	next := it.clone()
	return next, next.take(a)
}

// take applies an amendment.
func (it *item) take(a amendment) error {
	switch p := a.data.(type) {
	case *events.FactCorrected:
		data, err := a.patched(it.typ, it.data, p.Patch)
		if err != nil {
			return err
		}
		if a.settled && p.Class == events.ClassCorrected {
			if err := dropHeadline(it.data, data, p.Patch); err != nil {
				return err
			}
		}
		it.data, it.told = data, nil
		it.corrected = it.corrected || p.Class == events.ClassCorrected
	case *events.FactRetracted:
		it.retracted = true
	case *events.FactCorroborated:
		it.voices = mergeVoices(it.voices, p.Sources.RootNames())
	case *events.FactDisputed:
		it.disputed = true
	case *events.FactGraded:
		it.grade = p.Grade
	}
	return nil
}

func mergeVoices(have, more []string) []string {
	var all events.Sources
	for _, v := range append(append([]string(nil), have...), more...) {
		all = append(all, events.Source{Name: v})
	}
	return all.RootNames()
}

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
