package projections

import (
	"strings"

	"github.com/summit-timeline/summit/events"
)

func (c *composer) site(entity events.Entity, slots []string) error {
	s := SiteStatus{ID: entity.ID, Aspects: map[string]AspectStatus{}}
	for _, slot := range slots {
		aspect, ok := strings.CutPrefix(slot, slotAspect)
		if !ok {
			continue
		}
		for h, err := range c.walkSlot(entity, slot) {
			if err != nil {
				return err
			}
			d := h.data.(*events.SitePrepared)
			s.Name = d.Name
			s.Aspects[aspect] = AspectStatus{Level: d.Level, Detail: d.Detail, Standing: c.standing(h), Facts: []string{h.id}}
			break
		}
	}
	if len(s.Aspects) > 0 {
		c.status.Sites = append(c.status.Sites, s)
	}
	return nil
}
