package status

import (
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
)

// The states of documents and measures.
const (
	stateAnnounced = "announced"
	stateSigned    = "signed"
	statePublished = "published"
	stateRejected  = "rejected"
	stateInForce   = "in_force"
)

func (c *composer) document(of *lists) error {
	t, h := c.begin(of, item.SlotStage)
	if h == nil {
		return t.err
	}
	s := DocumentStatus{ID: of.entity.ID, State: stageOf(h), Since: h.ShownMoment(), Standing: c.standing(h)}
	t.take("title", &s.Title)
	t.take("kind", &s.Kind)
	t.take("parties", &s.Parties)
	t.take("url", &s.URL)
	if d, is := h.Data.(interface{ Paper() *events.Document }); is {
		s.Detail = d.Paper().Detail
	}
	var err error
	if s.Planned, err = c.plannedStage(of, t); err != nil {
		return err
	}
	s.Title, s.Facts = name(s.Title, s.ID), t.facts
	c.status.Documents = append(c.status.Documents, s)
	return t.err
}

func (c *composer) measure(of *lists) error {
	t, h := c.begin(of, item.SlotStage)
	if h == nil {
		return t.err
	}
	s := MeasureStatus{ID: of.entity.ID, State: stageOf(h), Since: h.ShownMoment(), Standing: c.standing(h)}
	t.take("title", &s.Title)
	t.take("kind", &s.Kind)
	t.take("by", &s.By)
	t.take("on", &s.On)
	if d, is := h.Data.(interface{ Step() *events.Measure }); is {
		s.Detail = d.Step().Detail
	}
	var err error
	if s.Planned, err = c.plannedStage(of, t); err != nil {
		return err
	}
	s.Title, s.Facts = name(s.Title, s.ID), t.facts
	c.status.Measures = append(c.status.Measures, s)
	return t.err
}

// plannedStage returns when the next step is to be, where what stands is that it was
// announced; else what was planned for the step that was taken.
func (c *composer) plannedStage(of *lists, t *thread) (*events.Moment, error) {
	if m, err := c.plannedBeside(of, t); m != nil || err != nil {
		return m, err
	}
	var next *held
	for _, class := range of.plans {
		plans := c.thread(of, nil, []string{class})
		p := plans.first()
		if plans.err != nil {
			return nil, plans.err
		}
		if p != nil && p.Data.Base().When != nil && !c.met(p, t) && (next == nil || sooner(p, next)) {
			next = p
		}
	}
	if next == nil {
		return nil, nil
	}
	t.cite(next)
	return next.ShownMoment(), nil
}

// sooner reports whether a plan is for an earlier time than another; one of which no
// time is known is for none.
func sooner(a, b *held) bool {
	x, timed := a.Moment().Key()
	y, known := b.Moment().Key()
	return timed && (!known || x.Before(y))
}

// stageOf returns the state that a fact puts a document or a measure in. What is planned
// is announced.
func stageOf(h *held) string {
	if h.Announces() {
		return stateAnnounced
	}
	switch h.Data.(type) {
	case *events.DocumentSigned:
		return stateSigned
	case *events.DocumentPublished:
		return statePublished
	case *events.DocumentRejected:
		return stateRejected
	case *events.MeasureBegan:
		return stateInForce
	case *events.MeasureEnded:
		return stateEnded
	}
	return stateAnnounced
}

func (c *composer) incident(of *lists) error {
	t, h := c.begin(of, item.SlotReport)
	if h == nil {
		return t.err
	}
	s := IncidentStatus{ID: of.entity.ID, When: h.ShownMoment(), Standing: c.standing(h)}
	if d, is := h.Data.(*events.IncidentReported); is {
		s.Detail = d.Detail
	}
	t.take("title", &s.Title)
	t.take("kind", &s.Kind)
	t.take("place", &s.Place)
	t.take("killed", &s.Killed)
	t.take("injured", &s.Injured)
	s.Title, s.Facts = name(s.Title, s.ID), t.facts
	c.status.Incidents = append(c.status.Incidents, s)
	return t.err
}
