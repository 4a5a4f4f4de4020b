package projections

import (
	"errors"
	"fmt"
	"sort"

	"github.com/google/uuid"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store/viewdb"
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
	after.amendments = before.amendments + 1
	return before, after, nil
}

// amended is the item after one more amendment of the fact itself.
func (it *item) amended(a amendment) (*item, error) {
	switch p := a.data.(type) {
	case *events.FactRetracted:
		if it.typ == events.TypeSummitOpened {
			return nil, fault("/data/target", "the opening of a summit cannot be retracted: close the summit instead")
		}
		if it.retracted {
			return nil, fault("/data/target", "is retracted already")
		}
	case *events.FactGraded:
		if p.Grade.Info == 1 && it.roots() < 2 {
			return nil, fault("/data/grade/info", "1 (confirmed) needs two or more independent sources; the fact has %d", it.roots())
		}
	}
	next := it.clone()
	return next, next.take(a)
}

// take applies an amendment.
func (it *item) take(a amendment) error {
	switch p := a.data.(type) {
	case *events.FactCorrected:
		data, err := events.Patch(it.typ, it.data, p.Patch, "/data/patch")
		if err != nil {
			return fmt.Errorf("the corrected fact would not be valid: %w", err)
		}
		it.data = data
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

// refold folds a fact anew from all its amendments and one more: what an
// amendment of an amendment needs, since it can undo any earlier one.
func refold(tx *viewdb.Tx, now *item, last amendment) (*item, error) {
	row, err := readRow(tx, now.seq, now.seq)
	if err != nil {
		return nil, err
	}
	it, err := row.item()
	if err != nil {
		return nil, err
	}
	it.superseded, it.met = now.superseded, now.met
	tree, err := readAmendments(tx, now.seq)
	if err != nil {
		return nil, err
	}
	tree = append(tree, last)
	family := map[string][]amendment{}
	for _, a := range tree {
		family[a.target] = append(family[a.target], a)
	}
	if p, ok := last.data.(*events.FactRetracted); ok && retractedAlready(family, p.TargetID(), last.id) {
		return nil, fault("/data/target", "is retracted already")
	}
	for _, a := range family[it.id] {
		stands, err := a.settle(family)
		if err != nil {
			return nil, err
		}
		if !stands {
			continue
		}
		if err := it.take(a); err != nil {
			return nil, err
		}
	}
	return it, nil
}

// retractedAlready says whether another standing retraction has hit the target.
func retractedAlready(family map[string][]amendment, target, but string) bool {
	for _, a := range family[target] {
		if _, ok := a.data.(*events.FactRetracted); !ok || a.id == but {
			continue
		}
		if stands, err := a.settle(family); err == nil && stands {
			return true
		}
	}
	return false
}

// settle applies to an amendment what was said about it, and tells whether it
// still stands.
func (a *amendment) settle(family map[string][]amendment) (bool, error) {
	stands := true
	for _, b := range family[a.id] {
		ok, err := b.settle(family)
		if err != nil {
			return false, err
		}
		if !ok {
			continue
		}
		switch p := b.data.(type) {
		case *events.FactRetracted:
			stands = false
		case *events.FactCorrected:
			data, err := events.Patch(a.typ, a.data, p.Patch, "/data/patch")
			if err != nil {
				return false, fmt.Errorf("the corrected amendment would not be valid: %w", err)
			}
			if data.(events.Amendment).TargetID() != a.target {
				return false, fault("/data/patch/target", "the target of an amendment cannot be corrected: retract it and record another")
			}
			a.data = data
		}
	}
	return stands, nil
}

func readAmendments(tx *viewdb.Tx, fact uint64) ([]amendment, error) {
	var list []amendment
	for k, v := range tx.Scan(tableAmendments, viewdb.Range{From: pairKey(fact, 0), To: pairKey(fact+1, 0)}) {
		var row amendmentRow
		if err := json.Unmarshal(v, &row); err != nil {
			return nil, fmt.Errorf("read amendment %d: %w", seqOf(k[8:]), err)
		}
		data, err := events.ReadData(row.Shown.Type, row.Data)
		if err != nil {
			return nil, fmt.Errorf("read amendment %d: %w", seqOf(k[8:]), err)
		}
		list = append(list, amendment{
			seq: row.Shown.Seq, id: row.Shown.ID, typ: row.Shown.Type, target: row.Shown.Target, data: data,
		})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].seq < list[j].seq })
	return list, nil
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
			Headline: events.Headline(e.Data), Notice: noticeOf(e.Data), Attribution: word, Changes: changes,
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

func findID(tx *viewdb.Tx, id string) (uint64, bool) {
	u, err := uuid.Parse(id)
	if err != nil {
		return 0, false
	}
	v := tx.Get(tableIDs, u[:])
	if v == nil {
		return 0, false
	}
	return seqOf(v), true
}

var errNoVersion = errors.New("no version of the item at that position")

// rowAt is the raw row of a fact as known at a position.
func rowAt(tx *viewdb.Tx, fact, known uint64) ([]byte, error) {
	c := tx.Cursor(tableFacts, viewdb.Range{From: pairKey(fact, 0), To: pairKey(fact, known+1), Reverse: true})
	if _, v, ok := c.Next(); ok {
		return v, nil
	}
	return nil, fmt.Errorf("read fact %d at %d: %w", fact, known, errNoVersion)
}

func readRow(tx *viewdb.Tx, fact, known uint64) (itemRow, error) {
	v, err := rowAt(tx, fact, known)
	if err != nil {
		return itemRow{}, err
	}
	row, err := decodeRow(v)
	if err != nil {
		return itemRow{}, fmt.Errorf("read fact %d: %w", fact, err)
	}
	return row, nil
}

func readItem(tx *viewdb.Tx, fact, known uint64) (*item, error) {
	row, err := readRow(tx, fact, known)
	if err != nil {
		return nil, err
	}
	return row.item()
}

const anySeq = 1<<63 - 1

func latestItem(tx *viewdb.Tx, fact uint64) (*item, error) { return readItem(tx, fact, anySeq-1) }
