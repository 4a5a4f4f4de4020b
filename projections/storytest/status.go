package storytest

import (
	"slices"
	"strings"
	"time"
)

// Row is what one entry of a list of the status must say: the members that the
// contract settles, nil where a member must be missing. RestsOn are the facts
// that it must name, Of all that it may.
type Row struct {
	Members     Object
	RestsOn, Of []string
}

// Status returns what the status must say, at an occurrence time or now where
// at is zero: the phase, and for each list its rows by id. Delegates stand in a
// list of their own, with their party as "party".
func (m *Model) Status(at time.Time) (phase string, lists map[string]map[string]Row) {
	s := &status{model: m, at: at, lists: map[string]map[string]Row{}}
	for _, f := range m.facts() {
		if f.retracted || strings.HasPrefix(f.Type, "summit.") {
			continue
		}
		if kind, _, _ := strings.Cut(f.Subject, "/"); !s.done(f.Subject) {
			s.entity(kind, f.Subject)
		}
	}
	return s.phase(), s.lists
}

type status struct {
	model          *Model
	at             time.Time
	lists          map[string]map[string]Row
	seen           []string
	plans, actuals []fact // of the entity in hand, in the order of their state
}

func (s *status) done(subject string) bool { return slices.Contains(s.seen, subject) }

func (s *status) entity(kind, subject string) {
	s.seen = append(s.seen, subject)
	s.plans, s.actuals = s.model.ordered(subject, s.at)
	if len(s.plans)+len(s.actuals) == 0 {
		return
	}
	switch kind {
	case "aircraft", "vehicle":
		s.carrier(kind, subject)
	case "person":
		s.mover("delegates", subject, "name", "role", "party")
	case "delegation":
		s.mover("delegations", subject, "party", "members", "name", "part_of")
	case "meeting":
		s.meeting(subject)
	case "site":
		s.site(subject)
	case "topic":
		s.topic(subject)
	case "document":
		s.paper("documents", subject, "title", "kind", "parties", "url")
	case "measure":
		s.paper("measures", subject, "title", "kind", "by", "on")
	case "incident":
		s.incident(subject)
	}
}

// ordered returns the standing facts of an entity: its announcements in the
// order in which they were made, and what took place, in the order of time.
func (m *Model) ordered(subject string, at time.Time) (plans, actuals []fact) {
	var latest time.Time
	for _, f := range m.facts() {
		if f.retracted || f.Subject != subject || f.Type == "statement.made" { // what is said changes nothing of who says it
			continue
		}
		if !f.announces() {
			if key, _ := f.key(); at.IsZero() || !key.After(at) {
				actuals = append(actuals, f)
			}
			continue
		}
		f.made = parse(f.Time)
		if f.made.IsZero() {
			f.made = latest
		} else if f.made.After(latest) {
			latest = f.made
		}
		if at.IsZero() || f.made.IsZero() || !f.made.After(at) {
			plans = append(plans, f)
		}
	}
	slices.SortStableFunc(plans, func(a, b fact) int { return a.made.Compare(b.made) })
	slices.SortStableFunc(actuals, func(a, b fact) int {
		x, _ := a.key()
		y, _ := b.key()
		return x.Compare(y)
	})
	return plans, actuals
}

// row begins a row with members that are carried on through the facts given.
func row(facts []fact, members ...string) Row {
	r := Row{Members: Object{}, Of: ids(facts)}
	for _, name := range members {
		r.carry(name, facts)
	}
	return r
}

// carry sets a member to what the last fact says that says anything of it.
func (r *Row) carry(name string, facts []fact) {
	r.Members[name] = nil
	for _, f := range slices.Backward(facts) {
		value, said := f.Data[name]
		if !said {
			continue
		}
		if value != nil {
			r.Members[name] = value
			r.rest(f)
		}
		return
	}
}

func (r *Row) rest(f fact) { r.RestsOn = append(r.RestsOn, f.ID) }

func (s *status) put(list, subject string, r Row) {
	if s.lists[list] == nil {
		s.lists[list] = map[string]Row{}
	}
	_, id, _ := strings.Cut(subject, "/")
	s.lists[list][id] = r
}

// all are the facts of the entity in the order in which what they say stands.
func (s *status) all() []fact { return slices.Concat(s.plans, s.actuals) }

func ofType(list []fact, prefix string) []fact {
	var out []fact
	for _, f := range list {
		if strings.HasPrefix(f.Type, prefix) {
			out = append(out, f)
		}
	}
	return out
}

func last(list []fact) fact { return list[len(list)-1] }

// states are what each type makes of its entity.
var states = map[string]string{
	"aircraft.departed": "en_route", "aircraft.landed": "landed", "delegate.arrived": "arrived", "delegate.departed": "departed",
	"delegation.arrived": "arrived", "delegation.departed": "departed", "meeting.started": "under_way", "meeting.ended": "ended",
	"vehicle.departed": "en_route", "vehicle.arrived": "arrived", "meeting.paused": "paused", "meeting.resumed": "under_way",
	"document.announced": "announced", "document.signed": "signed", "document.published": "published", "document.rejected": "rejected",
	"measure.announced": "announced", "measure.began": "in_force", "measure.ended": "ended",
	"meeting.scheduled": "scheduled", "meeting.rescheduled": "scheduled", "meeting.cancelled": "cancelled",
}

func (s *status) meeting(subject string) {
	r := row(s.all(), "title", "kind", "level", "place", "places", "participants")
	if r.Members["kind"] == "dinner" {
		r.Members["kind"] = "meal"
	}
	var planned any
	for _, f := range s.plans { // as they were announced
		if when := f.Data["when"]; when != nil {
			planned = when
		}
	}
	if len(s.actuals) > 0 {
		r.Members["state"], r.Members["planned"] = states[last(s.actuals).Type], planned
		if began := ofType(s.actuals, "meeting.started"); len(began) > 0 {
			r.Members["when"], _ = last(began).key()
			r.rest(last(began))
		}
		r.rest(last(s.actuals))
	} else {
		r.Members["state"], r.Members["when"] = states[last(s.plans).Type], planned
		r.rest(last(s.plans))
	}
	s.put("meetings", subject, r)
}

func (s *status) site(subject string) {
	aspects := Object{}
	r := row(s.all(), "name")
	for _, f := range ofType(s.actuals, "site.prepared") {
		aspect := f.Data["aspect"]
		var same []fact
		for _, g := range s.actuals {
			if g.Data["aspect"] == aspect {
				same = append(same, g)
			}
		}
		of := row(same, "level")
		of.rest(last(same))
		aspects[aspect.(string)] = of
	}
	r.Members["aspects"], r.Members["state"] = aspects, nil
	if changed := ofType(s.actuals, "site.changed"); len(changed) > 0 {
		r.Members["state"] = last(changed).Data["state"]
		r.Members["since"], _ = last(changed).key()
		r.rest(last(changed))
	}
	if len(s.actuals) > 0 { // that it is planned to be closed says nothing of what it is
		s.put("sites", subject, r)
	}
}

// paper is a document or a measure.
func (s *status) paper(list, subject string, members ...string) {
	r := row(s.all(), members...)
	if len(s.actuals) > 0 {
		r.Members["state"] = states[last(s.actuals).Type]
		r.Members["since"], _ = last(s.actuals).key()
	} else {
		r.Members["state"] = "announced"
	}
	of := last(s.all())
	r.Members["detail"] = of.Data["detail"]
	r.rest(of)
	s.put(list, subject, r)
}

func (s *status) incident(subject string) {
	r := row(s.all(), "title", "kind", "place", "killed", "injured")
	r.Members["when"], _ = last(s.all()).key()
	r.rest(last(s.all()))
	s.put("incidents", subject, r)
}

func (s *status) topic(subject string) {
	if agenda := ofType(s.actuals, "agenda.set"); len(agenda) > 0 {
		r := row(s.all(), "title")
		r.RestsOn = []string{last(agenda).ID}
		r.Members["expected"] = last(agenda).Data["expected"]
		s.put("agenda", subject, r)
	}
	stances := Object{}
	of := map[string][]fact{}
	for _, f := range ofType(s.actuals, "position.stated") {
		for _, actor := range holders(f) {
			of[actor] = append(of[actor], f)
		}
	}
	held := map[any]bool{}
	for actor, facts := range of {
		stances[actor] = Row{
			Members: Object{"stance": last(facts).Data["stance"], "detail": last(facts).Data["detail"], "previous": previous(facts)},
			RestsOn: []string{last(facts).ID}, Of: []string{last(facts).ID},
		}
		held[last(facts).Data["stance"]] = true
	}
	if len(stances) > 0 {
		r := row(s.all(), "title")
		r.RestsOn = nil // any fact of the topic may be the one that its title rests on
		r.Members["stances"], r.Members["contested"] = stances, len(held) > 1
		s.put("positions", subject, r)
	}
}

// holders are those who hold a position, each once.
func holders(f fact) []string {
	list := []string{nameKey(f.Data["actor"].(string))}
	with, _ := f.Data["with"].([]any)
	for _, name := range with {
		if key := nameKey(name.(string)); !slices.Contains(list, key) {
			list = append(list, key)
		}
	}
	return list
}

// previous are the stances that an actor held before the last, the last first: what
// is said again is none.
func previous(facts []fact) []any {
	var list []any
	stands := last(facts).Data["stance"]
	for _, f := range slices.Backward(facts) {
		if f.Data["stance"] != stands {
			stands = f.Data["stance"]
			list = append(list, Object{"stance": stands, "facts": []any{f.ID}})
		}
	}
	return list
}

// nameKey is the name of an actor of a story as names are compared.
func nameKey(name string) string {
	name = strings.NewReplacer("e\u0308", "ë", "E\u0308", "ë", "Ë", "ë", "\u200b", "").Replace(name)
	return strings.ToLower(name)
}

func (s *status) phase() string {
	for _, f := range s.model.facts() {
		if f.Type == "summit.closed" && !f.retracted && (s.at.IsZero() || !parse(f.Time).After(s.at)) {
			return "closed"
		}
	}
	n := map[any]int{}
	for _, r := range s.lists["meetings"] {
		if r.Members["kind"] == "talks" {
			n[r.Members["state"]]++
		}
	}
	n["under_way"] += n["paused"]
	for _, x := range [...]struct{ state, phase string }{
		{"under_way", "under_way"}, {"scheduled", "scheduled"}, {"ended", "concluded"}, {"cancelled", "cancelled"},
	} {
		if n[x.state] > 0 {
			return x.phase
		}
	}
	return "opened"
}
