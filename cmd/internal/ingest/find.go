package ingest

import (
	"context"

	"github.com/google/uuid"

	"github.com/summit-timeline/summit/events"
)

// find returns what the server has of a fact. If it has nothing, only the
// id that the fact is to have is set.
func (rec *Recorder) find(ctx context.Context, r Reading, f Fact) (known, error) {
	own, err := rec.known(ctx, identify(r.Identity, f.Key))
	if err != nil || own.exists() && f.isOf(own) {
		return own, err
	}
	apart, err := rec.known(ctx, identify(r.Identity, f.Key+"\n"+f.Apart))
	if err != nil || apart.exists() {
		return apart, err
	}
	for _, id := range formerIDs(r, f.Key, f.Was) {
		was, err := rec.known(ctx, id)
		if err != nil || was.exists() && f.isOf(was) && f.resembles(was, r.Name) {
			return was, err
		}
	}
	if own.exists() || f.Shared {
		return apart, nil
	}
	return own, nil
}

// formerIDs are the ids that a fact may have been recorded under before the
// address that is read was part of them.
func formerIDs(r Reading, keys ...string) []uuid.UUID {
	var ids []uuid.UUID
	seen := map[uuid.UUID]bool{identify(r.Identity, keys[0]): true}
	for _, identity := range append([]string{r.Identity}, r.Was...) {
		for _, key := range keys {
			if id := identify(identity, key); key != "" && !seen[id] {
				seen[id] = true
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// isOf reports whether a fact is the one that the server has under its key. It
// is another one where its title, its date and its words are others; among
// facts that share the key, where its title or its date is.
func (f Fact) isOf(k known) bool {
	now := f.saying().seen()
	first, said := sayingOf(k.states[0]).seen(), sayingOf(k.said()).seen()
	sameTime := !f.Time.IsZero() && (f.Time.Equal(k.at.Time) || f.Time.Equal(k.time().Time))
	dated := f.Fixed && !f.Time.IsZero() && !k.time().IsZero()
	if f.Shared {
		sameTitle := now.title() == first.title() || now.title() == said.title()
		return sameTitle && (sameTime || !dated)
	}
	sameTitle := alike(now.title(), first.title()) || alike(now.title(), said.title())
	return sameTime || sameTitle || !dated || now.sameText(first) || now.sameText(said)
}

// sameText reports whether two have a text besides the title, and the same.
func (s saying) sameText(other saying) bool {
	return s.Text != s.Headline && s.Text == other.Text
}

// resembles reports whether a fact that bears an id that another feed may have
// made too is of this feed: what it said first must be of this item.
func (f Fact) resembles(k known, name string) bool {
	now, then, first := f.saying().seen(), payloadSaying(f.Before).seen(), sayingOf(k.states[0]).seen()
	url := now.outlet().URL
	switch first.title() {
	case now.title(), then.title():
		return true
	}
	if first.Text == now.Text || first.Text == then.Text || url != "" && url == first.outlet().URL {
		return true
	}
	return name == first.outlet().Name && !f.Time.IsZero() && f.Time.Equal(k.at.Time)
}

// saying is what a fact says in words.
func (f Fact) saying() saying { return payloadSaying(f.Data) }

func payloadSaying(p events.Payload) saying {
	if p == nil {
		return saying{}
	}
	data, err := events.EncodeData(p)
	if err != nil {
		return saying{} // telling it says so
	}
	return sayingOf(data)
}
