package status

import (
	"maps"
	"slices"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
)

func (c *composer) topic(of *lists) error {
	agenda := c.thread(of, []string{item.SlotAgenda}, among(of.plans, item.SlotAgenda))
	stances := map[string]bool{}
	for _, slot := range append(among(of.slots, item.SlotStance), among(of.plans, item.SlotStance)...) {
		stances[slot] = true
	}
	actors := slices.Sorted(maps.Keys(stances))
	said := c.thread(of, actors, among(of.plans, item.SlotStance))
	if err := c.agenda(of, agenda, said); err != nil {
		return err
	}
	if err := c.position(of, actors, agenda, said); err != nil {
		return err
	}
	if agenda.err != nil {
		return agenda.err
	}
	return said.err
}

// title is that of a topic by what one thread says, else another.
func title(by, other *thread) (s string) {
	by.take("title", &s)
	if s == "" {
		other.take("title", &s)
		for _, h := range other.read {
			if other.counts[h.ID] {
				by.cite(h)
			}
		}
	}
	return s
}

func (c *composer) agenda(of *lists, agenda, said *thread) error {
	h := agenda.first()
	if h == nil {
		return nil
	}
	agenda.cite(h)
	s := AgendaStatus{Topic: of.entity.ID, Detail: h.Data.(*events.AgendaSet).Detail, Standing: c.standing(h)}
	agenda.take("expected", &s.Expected)
	s.Title = name(title(agenda, said), s.Topic)
	s.Facts = agenda.facts
	c.status.Agenda = append(c.status.Agenda, s)
	return nil
}

func (c *composer) position(of *lists, actors []string, agenda, said *thread) error {
	p := PositionStatus{Topic: of.entity.ID, Stances: []StanceStatus{}}
	for _, slot := range actors {
		if err := c.stance(of, slot, &p); err != nil {
			return err
		}
	}
	if len(p.Stances) == 0 {
		return nil
	}
	p.Title = title(said, agenda)
	p.Facts = said.facts
	c.status.Positions = append(c.status.Positions, p)
	return nil
}

// stance adds where one actor stands.
func (c *composer) stance(of *lists, slot string, p *PositionStatus) error {
	t := c.thread(of, []string{slot}, []string{slot})
	h := t.first()
	if h == nil {
		return t.err
	}
	d := h.Data.(*events.PositionStated)
	actor := holder(d, slot)
	for _, s := range p.Stances {
		if s.Stance != d.Stance {
			p.Contested = true
		}
	}
	p.Stances = append(p.Stances, StanceStatus{
		Actor: actor, Stance: d.Stance, Detail: d.Detail, Standing: c.standing(h), Previous: previousStances(t), Facts: []string{h.ID},
	})
	return t.err
}

// holder returns whose stance a slot holds, as the position spells the name.
func holder(d *events.PositionStated, slot string) string {
	for _, name := range d.With {
		if item.SlotStance+events.NameKey(name) == slot {
			return name
		}
	}
	return d.Actor
}

// previousStances returns where an actor stood before what the thread has first. What is
// said again is no stance before.
func previousStances(t *thread) []PreviousStance {
	var list []PreviousStance
	last := t.first().Data.(*events.PositionStated).Stance
	for h := range t.all {
		d := h.Data.(*events.PositionStated)
		if d.Stance == last || h.Announces() {
			continue
		}
		last = d.Stance
		list = append(list, PreviousStance{Stance: d.Stance, Detail: d.Detail, When: h.ShownMoment(), Facts: []string{h.ID}})
		if len(list) == previousShown {
			break
		}
	}
	return list
}
