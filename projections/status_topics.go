package projections

import (
	"strings"

	"github.com/summit-timeline/summit/events"
)

func (c *composer) topic(entity events.Entity, slots []string) error {
	p := PositionStatus{Topic: entity.ID, Stances: []StanceStatus{}}
	for _, slot := range slots {
		for h, err := range c.walkSlot(entity, slot) {
			if err != nil {
				return err
			}
			switch d := h.data.(type) {
			case *events.AgendaSet:
				c.status.Agenda = append(c.status.Agenda, AgendaStatus{
					Topic: entity.ID, Title: d.Title, Expected: d.Expected, Detail: d.Detail, Standing: c.standing(h), Facts: []string{h.id},
				})
				if p.Title == "" {
					p.Title = d.Title
				}
			case *events.PositionStated:
				if strings.HasPrefix(slot, slotStance) {
					p.add(d, h, c.standing(h))
				}
			}
			break
		}
	}
	if len(p.Stances) > 0 {
		c.status.Positions = append(c.status.Positions, p)
	}
	return nil
}

func (p *PositionStatus) add(d *events.PositionStated, h held, standing string) {
	for _, s := range p.Stances {
		if s.Stance != d.Stance {
			p.Contested = true
		}
	}
	if d.Title != "" {
		p.Title = d.Title
	}
	p.Stances = append(p.Stances, StanceStatus{
		Actor: d.Actor, Stance: d.Stance, Detail: d.Detail, Standing: standing, Facts: []string{h.id},
	})
}
