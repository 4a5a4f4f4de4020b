package projections

import (
	"encoding/json"
	"slices"
	"sort"
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

func (it *supposed) when() events.Moment {
	w := it.data.Base().When
	if w == nil {
		w = &events.Moment{Best: it.e.Time}
	}
	return *w
}

// planned reports whether it is an announcement.
func (it *supposed) planned() bool {
	if it.sort() == "schedule" {
		return true
	}
	if w := it.data.Base().When; w != nil && w.Phase != "" {
		return w.Phase != events.PhaseActual
	}
	return false
}

func (it *supposed) off() bool { return it.e.Type == events.TypeMeetingCancelled }

// announced returns when an announcement was made, among all that hold; the zero time
// is always.
func (it *supposed) announced(all []supposed) time.Time {
	var latest time.Time
	for _, x := range all {
		if x.retracted || !x.planned() || x.e.Subject != it.e.Subject || x.seq > it.seq || x.e.Time.After(x.e.Recorded.Time) || !x.bears() {
			continue
		}
		if x.seq == it.seq && !x.e.Time.IsZero() {
			return x.e.Time.Time
		}
		if x.e.Time.After(latest) {
			latest = x.e.Time.Time
		}
	}
	return latest
}

// bears reports whether it bears on the state of anything.
func (it *supposed) bears() bool {
	switch it.e.Type {
	case events.TypeStatementMade, events.TypeNoteAdded:
		return false
	}
	return true
}

// after reports whether an announcement was made after another.
func (it *supposed) after(x *supposed, all []supposed) bool {
	a, b := it.announced(all), x.announced(all)
	return a.After(b) || a.Equal(b) && it.seq > x.seq
}

// sort returns what a plan is a plan for, or "" if there is no planning such facts.
func (it *supposed) sort() string {
	switch d := it.data.(type) {
	case *events.MeetingScheduled, *events.MeetingRescheduled, *events.MeetingCancelled:
		return "schedule"
	case *events.SitePrepared:
		return "site " + d.Aspect
	}
	for _, kind := range []string{"aircraft.departed", "aircraft.landed", "delegate.", "delegation.", "meeting.", "vehicle.", "document.", "measure.", "incident.", "site.changed"} {
		if strings.HasPrefix(it.e.Type, kind) {
			return it.e.Type
		}
	}
	return ""
}

// key returns where it stands in the timeline, or false if it has no time.
func (it *supposed) key() (time.Time, bool) {
	w := it.when()
	switch {
	case !w.Best.IsZero():
		return w.Best.Time, true
	case !w.Earliest.IsZero() && !w.Latest.IsZero():
		return w.Earliest.Add(w.Latest.Sub(w.Earliest.Time) / 2), true
	case !w.Earliest.IsZero():
		return w.Earliest.Time, true
	}
	return w.Latest.Time, !w.Latest.IsZero()
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

// due returns when a plan is past. A plan that does not say when keeps to the time of
// the one before it.
func (it *supposed) due(all []supposed) (due time.Time, timed bool) {
	var by *supposed
	for i, x := range all {
		if x.retracted && x.seq != it.seq || x.off() || !x.planned() || x.e.Subject != it.e.Subject || x.sort() != it.sort() || !x.saysWhen() {
			continue
		}
		if x.seq != it.seq && x.after(it, all) {
			continue
		}
		if by == nil || x.seq == it.seq || by.seq != it.seq && x.after(by, all) {
			by = &all[i]
		}
	}
	if by == nil || it.off() {
		return due, false
	}
	w := by.data.Base().When
	if w == nil { // it took back what was said
		return due, false
	}
	for _, i := range []events.Instant{w.Latest, w.Best, w.Earliest} {
		if !i.IsZero() {
			return i.Time, true
		}
	}
	return due, false
}

// saysWhen reports whether it speaks of the time, be it to take it back.
func (it *supposed) saysWhen() bool {
	return it.data.Base().When != nil || slices.Contains(events.TakenBack(it.data), "when")
}

// fate reports whether a later plan replaced it, and whether it came about or was
// called off.
func (it *supposed) fate(all []supposed) (replaced, met bool) {
	for _, x := range all {
		if x.retracted || x.e.Subject != it.e.Subject || x.sort() == "" {
			continue
		}
		switch {
		case x.planned() && x.off():
			met = met || it.sort() == "schedule" && x.after(it, all)
		case x.planned():
			replaced = replaced || x.sort() == it.sort() && x.after(it, all)
		case it.sort() == "schedule":
			met = met || strings.HasPrefix(x.sort(), "meeting.")
		default:
			met = met || x.sort() == it.sort() && (x.seq > it.seq || !x.over(it.made()))
		}
	}
	return replaced, met
}

// made returns when a plan was made, or the time that it plans for where that is before.
func (it *supposed) made() time.Time {
	made := it.e.Recorded.Time
	if !it.e.Time.IsZero() && !it.e.Time.After(made) {
		made = it.e.Time.Time
	}
	if at, timed := it.key(); timed && it.data.Base().When != nil && at.Before(made) {
		made = at
	}
	return made
}

// over reports whether it had certainly happened by an instant.
func (it *supposed) over(by time.Time) bool {
	last := it.e.Time.Time
	if w := it.data.Base().When; w != nil {
		if last = w.Latest.Time; !w.Best.IsZero() {
			last = w.Best.Time
		}
		if last.IsZero() && !w.Earliest.IsZero() {
			return false
		}
	}
	if last.IsZero() {
		last = it.e.Recorded.Time
	}
	return last.Before(by)
}

// inOrder puts them in the order of occurrence.
func inOrder(list []supposed) []supposed {
	list = append([]supposed(nil), list...)
	sort.SliceStable(list, func(i, j int) bool {
		a, timedA := list[i].key()
		b, timedB := list[j].key()
		if timedA != timedB {
			return timedA
		}
		return timedA && a.Before(b)
	})
	return list
}

// flying returns the state of an aircraft at an instant; a zero instant is now, and
// "" is a state that nothing tells.
func flying(all []supposed, plane events.Entity, at time.Time) string {
	type move struct {
		supposed
		key   time.Time
		timed bool
	}
	var moves []move
	for _, x := range all {
		if x.e.Subject != plane || x.retracted || x.planned() || x.e.Type != events.TypeAircraftLanded && x.e.Type != events.TypeAircraftDeparted {
			continue
		}
		key, timed := x.key()
		if !timed {
			key = x.e.Recorded.Time
		}
		if at.IsZero() || !key.After(at) {
			moves = append(moves, move{x, key, timed})
		}
	}
	if len(moves) == 0 {
		for _, x := range all {
			if x.e.Subject == plane && !x.retracted && x.planned() && x.sort() != "" && (at.IsZero() || !x.announced(all).After(at)) {
				return "expected"
			}
		}
		return ""
	}
	sort.SliceStable(moves, func(i, j int) bool { return moves[i].key.Before(moves[j].key) })
	last := moves[len(moves)-1]
	for _, x := range moves[max(0, len(moves)-8):] { // what leaves the order open has landed, where it did not leave from there
		if x.e.Type != events.TypeAircraftLanded || last.e.Type == events.TypeAircraftDeparted && atOnePlace(last.place(), x.place()) {
			continue
		}
		if x.timed && last.timed && meet(x.when(), last.when()) {
			return "landed"
		}
	}
	return map[string]string{events.TypeAircraftLanded: "landed", events.TypeAircraftDeparted: "en_route"}[last.e.Type]
}

// place returns where an aircraft left or landed.
func (it *supposed) place() *events.Place {
	switch d := it.data.(type) {
	case *events.AircraftDeparted:
		if d.Where == nil {
			return d.From
		}
	case *events.AircraftLanded:
		if d.Where == nil {
			return d.Place
		}
	}
	return it.data.Base().Where
}

// atOnePlace reports whether two places of a story are the same: they are named alike, or
// at the same point.
func atOnePlace(a, b *events.Place) bool {
	if a == nil || b == nil {
		return false
	}
	return a.ICAO != "" && a.ICAO == b.ICAO || a.Name != "" && a.Name == b.Name || a.Known() && b.Known() && *a.Lat == *b.Lat && *a.Lon == *b.Lon
}

// meet reports whether two moments leave open which came first.
func meet(a, b events.Moment) bool {
	ends := func(m events.Moment) (from, to time.Time) {
		from, to = m.Earliest.Time, m.Latest.Time
		if !m.Best.IsZero() {
			from, to = m.Best.Time, m.Best.Time
		}
		return from, to
	}
	aFrom, aTo := ends(a)
	bFrom, bTo := ends(b)
	after := func(x, y time.Time) bool { return !x.IsZero() && !y.IsZero() && x.After(y) }
	return !after(aFrom, bTo) && !after(bFrom, aTo)
}
