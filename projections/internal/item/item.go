// Package item holds a fact as its amendments have left it, and the rows in which
// the views keep it: the tables of a view file, how their rows are read and
// written, in which lists of the index a fact stands, and what an amendment makes
// of it. It puts no row: that is for package fold. A kind of row, or of what is told of one, has a
// file of its own, which is why there are many.
package item

import (
	"slices"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/message"
	"github.com/summit-timeline/summit/projections/internal/posting"
	"github.com/summit-timeline/summit/projections/internal/rules"
)

// Item is a fact as its amendments have left it.
type Item struct {
	Seq      uint64
	ID       string
	Type     string
	Desk     string
	Entity   events.Entity
	Time     events.Instant
	recorded events.Instant
	Data     events.Payload

	extensions    events.Extensions
	grade         *events.Grade // from a fact.graded; nil where the fact's own counts
	Corroborators []string      // roots that corroborate it
	Retracted     bool
	disputed      bool
	corrected     bool
	Denied        bool  // a statement that stands denies it
	Superseded    bool  // a plan that a later plan replaced
	Met           bool  // a plan whose actual has been recorded
	Due           int64 // when the plan that is current is overdue, in Unix nanoseconds; 0 is never
	Announced     int64 // when it was announced: [posting.NoKey] where it is no announcement
	Amendments    int

	Given   []string     // members of its data that a status carries; nil until asked for
	claimed *rules.Claim // see Claim; nil until it is asked for
	Written *written     // see Write; nil but between its writing and its putting
}

// New returns the item of a fact that nothing amends yet.
func New(seq uint64, e events.Event) *Item {
	return &Item{
		Seq: seq, ID: e.ID, Type: e.Type, Desk: e.Source, Entity: e.Subject,
		Time: e.Time, recorded: e.Recorded, Data: e.Data, extensions: e.Extensions, Announced: posting.NoKey,
	}
}

// Clone returns a copy that may be changed.
func (it *Item) Clone() *Item {
	c := *it
	c.claimed, c.Written = nil, nil
	c.Corroborators = append([]string(nil), it.Corroborators...)
	return &c
}

// Extensions returns those that belong to the content of its event.
func (it *Item) Extensions() events.Extensions { return it.extensions }

// Hidden reports whether the item shows in the summit's own answer alone, and
// not in the timeline.
func (it *Item) Hidden() bool { return it.Entity.Kind == events.KindSummit }

// Moment returns when the fact happened, or is to happen.
func (it *Item) Moment() events.Moment { return events.MomentOf(it.Data, it.Time) }

// currentGrade returns the grade given last, else the fact's own.
func (it *Item) currentGrade() *events.Grade {
	if it.grade != nil {
		return it.grade
	}
	return it.Data.Base().Grade
}

// roots counts the independent sources for it: the distinct roots of its own
// sources and of those that corroborate it.
func (it *Item) roots() int {
	if len(it.Corroborators) == 0 {
		return len(it.Data.Base().Sources.RootNames())
	}
	all := append(events.Sources(nil), it.Data.Base().Sources...)
	for _, v := range it.Corroborators {
		all = append(all, events.Source{ID: "", Name: v})
	}
	return len(all.RootNames())
}

// OverdueAt returns the instant after which it is overdue, in Unix nanoseconds: 0
// where it is not a plan, or one that is met or replaced.
func (it *Item) OverdueAt() int64 {
	if !it.Announces() || it.Met || it.Superseded || it.Retracted || PlanClass(it) == "" {
		return 0
	}
	return it.Due
}

// Gives reports whether the data have a member, be it null.
func (it *Item) Gives(name string) (bool, error) {
	if it.Given == nil {
		data, err := events.EncodeData(it.Data)
		if err != nil {
			return false, err
		}
		if it.Given, err = carriedMembers(data); err != nil {
			return false, err
		}
	}
	return slices.Contains(it.Given, name), nil
}

// attribution returns on whose word it is, in English.
func (it *Item) attribution() string {
	return message.English().Sources(originsOf(it.Data.Base().Sources, it.Desk, it.Corroborators...))
}

// shownTime returns the event's time, unless its when has since been given a best
// instant of its own. That of an announcement is when it was made, not what it
// is about.
func (it *Item) shownTime() events.Instant {
	if w := it.Data.Base().When; w != nil && !w.Best.IsZero() && !events.Announces(it.Data) {
		return w.Best
	}
	return it.Time
}

// ShownMoment is nil if nothing at all is known of the time.
func (it *Item) ShownMoment() *events.Moment {
	m := it.Moment()
	if it.Data.Base().When == nil && events.Announces(it.Data) {
		m = events.Moment{Phase: m.Phase}
	}
	if m == (events.Moment{Phase: events.PhaseActual}) {
		return nil
	}
	return &m
}

// Claim is made once for each version of an item.
func (it *Item) Claim() *rules.Claim {
	if it.claimed == nil {
		it.claimed = &rules.Claim{
			Seq: it.Seq, ID: it.ID, Type: it.Type, Entity: it.Entity.String(), Data: it.Data,
			Moment: it.Moment(), Place: events.PlaceOf(it.Data),
		}
	}
	return it.claimed
}

// The standings of an item, in the order of precedence.
const (
	StandingRetracted    = "retracted"
	StandingDisputed     = "disputed"
	StandingSuperseded   = "superseded"
	StandingOverdue      = "overdue"
	StandingCorrected    = "corrected"
	StandingCorroborated = "corroborated"
	StandingUnverified   = "unverified"
)
