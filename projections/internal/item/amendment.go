package item

import (
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
)

// AmendmentRow is an amendment as stored: as it shows, and as it was said.
//
// The headline is kept as its message; files before version 3 keep its English in
// what shows.
type AmendmentRow struct {
	Shown   AmendmentOf    `json:"shown"`
	Message string         `json:"message,omitzero"`
	Data    jsontext.Value `json:"data"`
	Time    events.Instant `json:"time,omitzero"`
	// Extensions are what of them belongs to the content.
	Extensions jsontext.Value `json:"extensions,omitzero"`
}

// Amendment is an amendment in the fold.
type Amendment struct {
	Seq    uint64
	ID     string
	Type   string
	Target string
	Data   events.Payload

	settled bool // whether it was itself corrected
}

// Confirmed checks the grade against the sources: 1 needs two independent ones.
func (it *Item) Confirmed(a Amendment) error {
	if it.grade == nil || it.grade.Info != 1 || it.roots() >= 2 {
		return nil
	}
	if _, ok := a.Data.(*events.FactGraded); ok {
		return Fault("/data/grade/info", "1 (confirmed) needs two or more independent sources; this fact has %d", it.roots())
	}
	return Fault("/data/target", "is graded %s (confirmed) and would have fewer than two independent sources left: regrade it first", it.grade)
}

// Amended returns the item after one more amendment of the fact itself.
func (it *Item) Amended(a Amendment) (*Item, error) {
	if _, ok := a.Data.(*events.FactRetracted); ok {
		if it.Type == events.TypeSummitOpened {
			return nil, Fault("/data/target", "the opening of a summit cannot be retracted: close the summit instead")
		}
		if it.Retracted {
			return nil, Fault("/data/target", "is already retracted")
		}
	}
	next := it.Clone()
	return next, next.take(a)
}

// take applies an amendment.
func (it *Item) take(a Amendment) error {
	switch p := a.Data.(type) {
	case *events.FactCorrected:
		data, err := a.patched(it.Type, it.Data, p.Patch)
		if err != nil {
			return err
		}
		if a.settled && p.Class == events.ClassCorrected {
			if err := dropHeadline(it.Data, data, p.Patch); err != nil {
				return err
			}
		}
		it.Data, it.Given = data, nil
		it.corrected = it.corrected || p.Class == events.ClassCorrected
	case *events.FactRetracted:
		it.Retracted = true
	case *events.FactCorroborated:
		it.Corroborators = mergeVoices(it.Corroborators, p.Sources.RootNames())
	case *events.FactDisputed:
		it.disputed = true
	case *events.FactGraded:
		it.grade = p.Grade
	case *events.FactUnsealed:
		data, err := events.Unseal(it.Type, it.Data, p.Disclosures)
		if err != nil {
			return err
		}
		it.Data, it.Given = data, nil
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

// Fault returns the reason for which an event cannot stand, at a place in it.
func Fault(pointer, format string, args ...any) error {
	return events.Faults{{Pointer: pointer, Detail: fmt.Sprintf(format, args...)}}
}
