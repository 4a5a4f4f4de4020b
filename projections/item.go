package projections

import (
	"slices"

	"github.com/summit-timeline/summit/events"
)

// item is a fact as its amendments have left it.
type item struct {
	seq      uint64
	id       string
	typ      string
	desk     string
	entity   events.Entity
	time     events.Instant
	recorded events.Instant
	data     events.Payload

	grade      *events.Grade // from a fact.graded; nil where the fact's own counts
	voices     []string      // roots that corroborate it
	retracted  bool
	disputed   bool
	corrected  bool
	superseded bool  // a plan that a later plan replaced
	met        bool  // a plan whose actual has been recorded
	due        int64 // when the plan that is current is overdue, in Unix nanoseconds; 0 is never
	announced  int64 // when it was announced: see announce
	amendments int

	told    []string // see tells; nil until it is asked for
	called  string   // what earlier facts call its entity, where it leaves that out
	claimed *claim   // see claim; nil until it is asked for
	written *written // see write; nil but between its writing and its putting
}

func newItem(seq uint64, e events.Event) *item {
	return &item{
		seq: seq, id: e.ID, typ: e.Type, desk: e.Source, entity: e.Subject,
		time: e.Time, recorded: e.Recorded, data: e.Data, announced: noKey,
	}
}

func (it *item) clone() *item {
	c := *it
	c.claimed, c.written = nil, nil
	c.voices = append([]string(nil), it.voices...)
	return &c
}

// hidden items show in the summit's own answer, not in the timeline.
func (it *item) hidden() bool { return it.entity.Kind == events.KindSummit }

func (it *item) moment() events.Moment { return events.MomentOf(it.data, it.time) }

// currentGrade is the grade given last, else the fact's own.
func (it *item) currentGrade() *events.Grade {
	if it.grade != nil {
		return it.grade
	}
	return it.data.Base().Grade
}

// roots counts the independent words for it: the distinct roots of its own
// sources and of those that corroborate it.
func (it *item) roots() int {
	if len(it.voices) == 0 {
		return len(it.data.Base().Sources.RootNames())
	}
	all := append(events.Sources(nil), it.data.Base().Sources...)
	for _, v := range it.voices {
		all = append(all, events.Source{ID: "", Name: v})
	}
	return len(all.RootNames())
}

// overdueAt is the instant after which it is overdue, in Unix nanoseconds: 0
// where it is no plan, or one that is met or replaced.
func (it *item) overdueAt() int64 {
	if !it.announces() || it.met || it.superseded || it.retracted || planClass(it) == "" {
		return 0
	}
	return it.due
}

// tells reports whether the data have a member, be it null.
func (it *item) tells(name string) (bool, error) {
	if it.told == nil {
		data, err := events.EncodeData(it.data)
		if err != nil {
			return false, err
		}
		if it.told, err = carriedMembers(data); err != nil {
			return false, err
		}
	}
	return slices.Contains(it.told, name), nil
}

func (it *item) attribution() string {
	s := it.data.Base().Sources.Attribution()
	if s == "" {
		s = it.desk // the desk speaks for itself
	}
	for _, v := range it.voices {
		s += "; " + v
	}
	return s
}

// shownTime is the event's time, unless its when has since been given a best
// instant of its own. That of an announcement is when it was made, not what it
// is about.
func (it *item) shownTime() events.Instant {
	if w := it.data.Base().When; w != nil && !w.Best.IsZero() && !events.Announces(it.data) {
		return w.Best
	}
	return it.time
}

// shownMoment is nil where nothing at all is known of the time.
func (it *item) shownMoment() *events.Moment {
	m := it.moment()
	if it.data.Base().When == nil && events.Announces(it.data) {
		m = events.Moment{Phase: m.Phase}
	}
	if m == (events.Moment{Phase: events.PhaseActual}) {
		return nil
	}
	return &m
}

// placeOf is where a fact happened: its where, else the place it names.
func placeOf(p events.Payload) *events.Place {
	if w := p.Base().Where; w != nil {
		return w
	}
	switch d := p.(type) {
	case *events.AircraftLanded:
		return d.Place
	case *events.AircraftDeparted:
		return d.From
	case *events.AircraftTracked:
		if d.Position != nil {
			return &events.Place{Lat: &d.Position.Lat, Lon: &d.Position.Lon}
		}
	case *events.DelegateArrived:
		return d.Place
	case *events.DelegateDeparted:
		return d.Place
	case *events.DelegationArrived:
		return d.Place
	case *events.DelegationDeparted:
		return d.Place
	case *events.MeetingScheduled:
		return d.Place
	case *events.MeetingRescheduled:
		return d.Place
	case *events.SummitOpened:
		return d.Place
	}
	return nil
}
