package status

import (
	"strings"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
)

func (c *composer) site(of *lists) error {
	plan := events.TypeSitePrepared + "/"
	aspects := map[string]bool{}
	for _, slot := range among(of.slots, item.SlotAspect) {
		aspects[strings.TrimPrefix(slot, item.SlotAspect)] = true
	}
	for _, class := range among(of.plans, plan) {
		aspects[strings.TrimPrefix(class, plan)] = true
	}
	s := SiteStatus{ID: of.entity.ID, Aspects: map[string]AspectStatus{}}
	var slots []string
	for aspect := range aspects {
		slots = append(slots, item.SlotAspect+aspect)
		a, err := c.aspect(of, item.SlotAspect+aspect, plan+aspect)
		if err != nil {
			return err
		}
		if a != nil {
			s.Aspects[aspect] = *a
		}
	}
	open := c.thread(of, []string{item.SlotState}, nil)
	if h := open.first(); h != nil {
		open.cite(h)
		s.State, s.Since = h.Data.(*events.SiteChanged).State, h.ShownMoment()
	}
	if open.err != nil || len(s.Aspects) == 0 && s.State == "" {
		return open.err
	}
	t := c.thread(of, append(slots, item.SlotState), of.plans)
	t.take("name", &s.Name)
	s.Name, s.Facts = name(s.Name, s.ID), t.facts
	for _, id := range open.facts {
		if !t.counts[id] {
			s.Facts = append(s.Facts, id)
		}
	}
	c.status.Sites = append(c.status.Sites, s)
	return t.err
}

// aspect returns how far one aspect of a site is ready; nil where nothing is known.
func (c *composer) aspect(of *lists, slot, class string) (*AspectStatus, error) {
	t := c.thread(of, []string{slot}, []string{class})
	h := t.first()
	if h == nil {
		return nil, t.err
	}
	t.cite(h)
	a := AspectStatus{Detail: h.Data.(*events.SitePrepared).Detail, Standing: c.standing(h)}
	t.take("level", &a.Level)
	if h.Announces() {
		a.Planned = h.ShownMoment()
	}
	a.Facts = t.facts
	return &a, t.err
}
