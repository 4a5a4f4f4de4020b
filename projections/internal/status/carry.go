package status

import (
	"cmp"
	"maps"
	"slices"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
)

// carriesOver is the most events over which a status is carried. If more have passed, it is
// composed anew.
const carriesOver = 2000

// carry makes the whole status of the present from the newest that is kept: it composes what
// the events since then touched and keeps the rest. It returns false, with nothing
// composed, if none is kept, too many events have passed, or a plan has become overdue.
func (r *Reader) carry(to *composer) (composed, bool, error) {
	from, known, kept := r.Statuses.last()
	present := to.present.UnixNano()
	if !to.at.IsZero() || !kept || known > to.known || to.known-known > carriesOver || present <= from.after || present > from.upTo || r.Head.Version < item.VersionOfIndexes {
		return composed{}, false, nil
	}
	x := &comparison{Reader: r, ctx: to.ctx, touched: map[events.Entity]bool{}, was: r.composer(to.ctx, known, to.present), now: to}
	if err := x.touch(); err != nil {
		return composed{}, false, err
	}
	list := make([]*lists, 0, len(x.touched))
	for e := range x.touched {
		list = append(list, to.entities(e.String()+"/")...)
	}
	slices.SortFunc(list, func(a, b *lists) int { return compareEntities(a.entity, b.entity) })
	if err := to.entries(list); err != nil {
		return composed{}, false, err
	}
	s := x.replace(from.status, to.status)
	var err error
	if s.Phase, err = to.phase(talksOf(s.Meetings)); err != nil {
		return composed{}, false, err
	}
	return composed{s, max(from.after, to.after), min(from.upTo, to.upTo), from.weight + weigh(to.status)}, true, nil
}

// replace returns a status with the entries of what was touched as they are now. It shares the
// other entries with the status before.
func (x *comparison) replace(was, now *Status) *Status {
	s := New(x.Summit)
	s.Aircraft = replaced(was.Aircraft, now.Aircraft, x.of(events.KindAircraft), func(a *AircraftStatus) string { return a.ID })
	s.Vehicles = replaced(was.Vehicles, now.Vehicles, x.of(events.KindVehicle), func(v *VehicleStatus) string { return v.ID })
	s.Delegations = replacedDelegations(was.Delegations, now.Delegations, x.of(events.KindDelegation), x.of(events.KindPerson))
	s.Meetings = replaced(was.Meetings, now.Meetings, x.of(events.KindMeeting), func(m *MeetingStatus) string { return m.ID })
	s.Sites = replaced(was.Sites, now.Sites, x.of(events.KindSite), func(p *SiteStatus) string { return p.ID })
	s.Agenda = replaced(was.Agenda, now.Agenda, x.of(events.KindTopic), func(a *AgendaStatus) string { return a.Topic })
	s.Positions = replaced(was.Positions, now.Positions, x.of(events.KindTopic), func(p *PositionStatus) string { return p.Topic })
	s.Documents = replaced(was.Documents, now.Documents, x.of(events.KindDocument), func(d *DocumentStatus) string { return d.ID })
	s.Measures = replaced(was.Measures, now.Measures, x.of(events.KindMeasure), func(m *MeasureStatus) string { return m.ID })
	s.Incidents = replaced(was.Incidents, now.Incidents, x.of(events.KindIncident), func(i *IncidentStatus) string { return i.ID })
	return s
}

// of returns the ids of what was touched of a kind.
func (x *comparison) of(kind events.Kind) map[string]bool {
	ids := map[string]bool{}
	for e := range x.touched {
		if e.Kind == kind {
			ids[e.ID] = true
		}
	}
	return ids
}

// replaced returns a list in the order of ids: the entries of the first list that were not touched,
// and those of the second. It does not change the first list.
func replaced[T any](was, now []T, touched map[string]bool, id func(*T) string) []T {
	if len(touched) == 0 {
		return was
	}
	list := make([]T, 0, len(was)+len(now))
	for i := range was {
		name := id(&was[i])
		for len(now) > 0 && id(&now[0]) < name {
			list, now = append(list, now[0]), now[1:]
		}
		if !touched[name] {
			list = append(list, was[i])
		}
	}
	return append(list, now...)
}

// replacedDelegations does the same for delegations. An entry may stand for the delegation itself,
// for its delegates, or for both.
func replacedDelegations(was, now []DelegationStatus, delegations, people map[string]bool) []DelegationStatus {
	if len(delegations)+len(people) == 0 {
		return was
	}
	came := make(map[string]DelegationStatus, len(now))
	for _, d := range now {
		came[d.ID] = d
	}
	list := make([]DelegationStatus, 0, len(was)+len(now))
	for _, d := range was {
		n, stands := came[d.ID]
		delete(came, d.ID)
		delegates := replaced(d.Delegates, n.Delegates, people, func(d *DelegateStatus) string { return d.ID })
		switch touched := delegations[d.ID]; {
		case touched && stands:
			d = n
		case touched:
			d = DelegationStatus{ID: d.ID, Party: d.ID, Facts: []string{}}
		}
		d.Delegates = delegates
		if len(d.Facts) > 0 || len(delegates) > 0 { // by itself, or for the sake of a delegate
			list = append(list, d)
		}
	}
	list = slices.AppendSeq(list, maps.Values(came))
	slices.SortFunc(list, func(a, b DelegationStatus) int { return cmp.Compare(a.ID, b.ID) })
	return list
}
