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

func fault(pointer, format string, args ...any) error {
	return events.Faults{{Pointer: pointer, Detail: fmt.Sprintf(format, args...)}}
}
