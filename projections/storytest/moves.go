package storytest

import (
	"slices"
	"strings"
)

// leg are the facts of what or who moves since the last actual departure: members
// that are of a leg end with it.
func (s *status) leg() []fact {
	i := -1
	for n, f := range s.actuals {
		if strings.HasSuffix(f.Type, ".departed") {
			i = n
		}
	}
	if i < 0 {
		return s.all()
	}
	return s.actuals[i:]
}

// carrier is an aircraft or a vehicle.
func (s *status) carrier(kind, subject string) {
	list, members := "vehicles", []string{"name", "kind"}
	if kind == "aircraft" {
		list, members = "aircraft", []string{"model", "operator", "registration"}
	}
	r := row(s.all(), members...)
	for _, name := range []string{"from", "to", "callsign", "watchers"} {
		r.carry(name, s.leg())
	}
	moves := slices.DeleteFunc(slices.Clone(s.actuals), func(f fact) bool { return f.Type == "aircraft.tracked" })
	s.moved(&r, moves, kind+".departed", kind+".landed", kind+".arrived")
	if state := r.Members["state"]; state == "en_route" {
		delete(r.Members, "place")
		r.carry("position", s.leg())
	}
	var aboard []any
	for _, who := range s.travellers() {
		if p := s.passage(who); p.carrier == subject {
			aboard = append(aboard, who)
			r.rest(p.by)
			r.Of = append(r.Of, p.by.ID)
		}
	}
	r.Members["aboard"] = aboard
	s.put(list, subject, r)
}

// moved adds the state, and what is still to come of some types.
func (s *status) moved(r *Row, moves []fact, types ...string) {
	var decides fact
	switch {
	case len(moves) > 0:
		decides = last(moves)
		r.Members["state"], r.Members["place"] = states[decides.Type], decides.Data["place"]
		r.Members["since"], _ = decides.key()
	case len(s.plans) > 0:
		decides = last(s.plans)
		r.Members["state"] = "expected"
	}
	if decides.ID != "" {
		r.rest(decides)
	}
	expected := Object{}
	for _, typ := range types {
		if plans := ofType(s.plans, typ); len(plans) > 0 && !last(plans).isMet(ofType(s.actuals, typ)) && last(plans).ID != decides.ID {
			expected[typ] = Row{Members: Object{}, RestsOn: []string{last(plans).ID}, Of: []string{last(plans).ID}}
		}
	}
	r.Members["expected"] = expected
}

// mover is a delegate or a delegation.
func (s *status) mover(list, subject string, members ...string) {
	r := row(s.all(), members...)
	kind := strings.TrimSuffix(list, "s")
	s.moved(&r, s.actuals, kind+".arrived", kind+".departed")
	r.Members["aboard"] = nil
	if p := s.passage(subject); p.carrier != "" {
		r.Members["aboard"] = p.carrier
		r.rest(p.by)
		r.Of = append(r.Of, p.by.ID)
	}
	s.put(list, subject, r)
}

// passage is what somebody is aboard of, and the fact that says so.
type passage struct {
	carrier string
	by      fact
}

// passage works out what somebody is aboard of. It may be said of either; the last
// word counts. Who has arrived since the departure is aboard no more.
func (s *status) passage(who string) (p passage) {
	own := s.of(who)
	arrived := len(own.actuals) > 0 && strings.HasSuffix(last(own.actuals).Type, ".arrived")
	if f, carrier := own.said("aboard"); carrier != nil && !arrived {
		p = passage{carrier.(string), f}
	}
	for _, carrier := range s.carriers() {
		c := s.of(carrier)
		f, list := c.said("aboard")
		if list == nil || !slices.Contains(list.([]any), any(who)) {
			continue
		}
		if arrived {
			left := c.leg()[0]
			if !strings.HasSuffix(left.Type, ".departed") || left.announces() || later(last(own.actuals), left) {
				continue
			}
		}
		if p.carrier == "" || later(f, p.by) {
			p = passage{carrier, f}
		}
	}
	return p
}

// of is the same moment, of another entity.
func (s *status) of(subject string) *status {
	o := &status{model: s.model, at: s.at}
	o.plans, o.actuals = s.model.ordered(subject, s.at)
	return o
}

// said is the fact of the leg that says a member last, and what it says.
func (s *status) said(name string) (fact, any) {
	for _, f := range slices.Backward(s.leg()) {
		if value, said := f.Data[name]; said {
			return f, value
		}
	}
	return fact{}, nil
}

// later says whether a fact counts after another: what took place after what was
// announced, by when it did; announcements by when they were made.
func later(a, b fact) bool {
	if a.announces() != b.announces() {
		return b.announces()
	}
	x, y := a.made, b.made
	if !a.announces() {
		x, _ = a.key()
		y, _ = b.key()
	}
	return x.After(y) || x.Equal(y) && a.seq > b.seq
}

// subjects are the entities of some kinds that facts are about.
func (s *status) subjects(kinds ...string) []string {
	var list []string
	for _, f := range s.model.facts() {
		if kind, _, _ := strings.Cut(f.Subject, "/"); slices.Contains(kinds, kind) && !slices.Contains(list, f.Subject) {
			list = append(list, f.Subject)
		}
	}
	return list
}

func (s *status) carriers() []string { return s.subjects("aircraft", "vehicle") }

// travellers are who facts are about, and who is said to be aboard something.
func (s *status) travellers() []string {
	list := s.subjects("person", "delegation")
	for _, f := range s.model.facts() {
		aboard, _ := f.Data["aboard"].([]any)
		for _, who := range aboard {
			if !slices.Contains(list, who.(string)) {
				list = append(list, who.(string))
			}
		}
	}
	slices.Sort(list)
	return list
}
