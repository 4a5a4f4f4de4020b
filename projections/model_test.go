package projections

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
)

// model is what the contract says of facts and amendments, worked out again from
// the whole story for every question, with none of the code of the fold.
type model struct {
	told  []*saying
	byID  map[string]*saying
	heard uint64      // events so far, refused ones too
	knew  []time.Time // knowledge time at each of them
}

// saying is an event that was taken.
type saying struct {
	seq    uint64
	e      events.Event
	fact   *saying // itself where it is a fact
	target *saying // what it amends
}

// supposed is what a fact is taken to be.
type supposed struct {
	*saying
	data                          events.Payload
	retracted, disputed, mistaken bool
	voices                        map[string]bool
	grade                         string
	revision                      int
}

// hear takes an event, or refuses it.
func (m *model) hear(rec store.Record) {
	m.heard = rec.Seq
	defer func() { m.knew = append(m.knew, m.knowledge(rec)) }()
	if rec.Err != nil || m.byID[rec.Event.ID] != nil {
		return
	}
	s := &saying{seq: rec.Seq, e: rec.Event}
	s.fact = s
	if a, amends := rec.Event.Data.(events.Amendment); amends {
		if s.target = m.byID[a.TargetID()]; s.target == nil {
			return
		}
		if s.fact = s.target.fact; s.fact.e.Subject != s.e.Subject || !m.mayAmend(s) {
			return
		}
	} else if m.closed() || (rec.Event.Type == events.TypeSummitOpened) != (rec.Seq == 1) {
		return
	}
	m.told, m.byID[s.e.ID] = append(m.told, s), s
}

// knowledge returns when the log came to hold an event: one that was refused does
// not count.
func (m *model) knowledge(rec store.Record) (t time.Time) {
	if len(m.knew) > 0 {
		t = m.knew[len(m.knew)-1]
	}
	s := m.byID[rec.Event.ID]
	if rec.Err != nil || s == nil {
		return t
	}
	if same, err := events.Same(s.e, rec.Event); err == nil && same && rec.Event.Recorded.After(t) {
		t = rec.Event.Recorded.Time
	}
	return t
}

func (m *model) closed() bool {
	for _, s := range m.told {
		if s.e.Type == events.TypeSummitClosed && !m.withdrawn(s, m.told) {
			return true
		}
	}
	return false
}

// mayAmend reports whether everything would still be valid.
func (m *model) mayAmend(s *saying) bool {
	with := append(append([]*saying(nil), m.told...), s)
	if s.e.Type == events.TypeFactRetracted && (s.target.seq == 1 || m.withdrawn(s.target, m.told)) {
		return false
	}
	for _, x := range with {
		if x.fact != s.fact || x.target == nil {
			continue
		}
		data, ok := m.corrected(x, with)
		if !ok || data.(events.Amendment).TargetID() != x.target.e.ID {
			return false
		}
	}
	now, ok := m.suppose(s.fact, with)
	return ok && (!strings.HasSuffix(now.grade, "1") || !m.gradedSince(s.fact, with) || now.roots() >= 2)
}

func (m *model) gradedSince(fact *saying, among []*saying) bool {
	for _, s := range among {
		if s.target == fact && s.e.Type == events.TypeFactGraded && !m.withdrawn(s, among) {
			return true
		}
	}
	return false
}

// withdrawn reports whether a retraction of it stands.
func (m *model) withdrawn(x *saying, among []*saying) bool {
	for _, s := range among {
		if s.target == x && s.e.Type == events.TypeFactRetracted && !m.withdrawn(s, among) {
			return true
		}
	}
	return false
}

// corrected applies the corrections of an event that stand, in order.
func (m *model) corrected(x *saying, among []*saying) (events.Payload, bool) {
	data := x.e.Data
	for _, s := range among {
		if s.target != x || s.e.Type != events.TypeFactCorrected || m.withdrawn(s, among) {
			continue
		}
		how, ok := m.corrected(s, among)
		if !ok {
			return nil, false
		}
		if data, ok = merged(x.e.Type, data, how.(*events.FactCorrected).Patch); !ok {
			return nil, false
		}
	}
	return data, true
}

// merged is RFC 7396, on the data of a type that must come out valid.
func merged(typ string, data events.Payload, patch []byte) (events.Payload, bool) {
	text, err := events.EncodeData(data)
	if err != nil {
		return nil, false
	}
	var was, how any
	if json.Unmarshal(text, &was) != nil || json.Unmarshal(patch, &how) != nil {
		return nil, false
	}
	if text, err = json.Marshal(mergePatch(was, how)); err != nil {
		return nil, false
	}
	out, err := events.DecodeData(typ, text, "")
	return out, err == nil
}

func mergePatch(target, patch any) any {
	p, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	t, ok := target.(map[string]any)
	if !ok {
		t = map[string]any{}
	}
	for name, v := range p {
		if v == nil {
			delete(t, name)
		} else {
			t[name] = mergePatch(t[name], v)
		}
	}
	return t
}

// suppose works out what a fact is taken to be.
func (m *model) suppose(fact *saying, among []*saying) (supposed, bool) {
	it := supposed{saying: fact, voices: map[string]bool{}, revision: 1}
	var ok bool
	if it.data, ok = m.corrected(fact, among); !ok {
		return it, false
	}
	if g := it.data.Base().Grade; g != nil {
		it.grade = g.String()
	}
	for _, s := range among {
		if s.fact == fact && s != fact {
			it.revision++
		}
		if s.target != nil && s.target != fact || m.withdrawn(s, among) {
			continue
		}
		data, ok := m.corrected(s, among)
		if s.target == nil {
			it.disputed = it.disputed || ok && s != fact && denies(data, fact)
			continue
		}
		if !ok {
			return it, false
		}
		switch d := data.(type) {
		case *events.FactRetracted:
			it.retracted = true
		case *events.FactDisputed:
			it.disputed = true
		case *events.FactCorrected:
			it.mistaken = it.mistaken || d.Class == events.ClassCorrected
		case *events.FactCorroborated:
			it.hear(d.Sources)
		case *events.FactGraded:
			it.grade = d.Grade.String()
		}
	}
	return it, true
}

// denies reports whether a payload is a statement that denies a fact.
func denies(p events.Payload, fact *saying) bool {
	d, states := p.(*events.StatementMade)
	return states && d.Denies == fact.e.ID
}

func (it *supposed) hear(sources events.Sources) {
	for _, s := range sources {
		if len(s.Via) == 0 {
			it.voices[strings.ToLower(strings.Join(strings.Fields(s.Name), " "))] = true
		}
	}
}

func (it *supposed) roots() int {
	all := supposed{voices: map[string]bool{}}
	for v := range it.voices {
		all.voices[v] = true
	}
	all.hear(it.data.Base().Sources)
	return len(all.voices)
}

// known is everything as known at a position.
func (m *model) known(n uint64) []supposed {
	var among []*saying
	for _, s := range m.told {
		if s.seq <= n {
			among = append(among, s)
		}
	}
	var list []supposed
	for _, s := range among {
		if s.fact == s && s.e.Subject.Kind != events.KindSummit {
			it, _ := m.suppose(s, among)
			list = append(list, it)
		}
	}
	return list
}

// standing is that of one among all, judged at an instant.
func (it *supposed) standing(all []supposed, judge time.Time) string {
	replaced, met := it.fate(all)
	due, timed := it.due(all)
	isPlan := it.planned() && it.sort() != ""
	switch {
	case it.retracted:
		return StandingRetracted
	case it.disputed:
		return StandingDisputed
	case isPlan && replaced:
		return StandingSuperseded
	case isPlan && !met && timed && judge.After(due):
		return StandingOverdue
	case it.mistaken:
		return StandingCorrected
	case it.roots() >= 2:
		return StandingCorroborated
	}
	return StandingUnverified
}
