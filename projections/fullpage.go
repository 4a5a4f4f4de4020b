package projections

import (
	"context"
	"time"
)

// FullPage reads on where a page ended early, until it is full or the timeline
// ends. Each part is a reading of its own: none holds the views for long.
func (e *Engine) FullPage(ctx context.Context, q Query, now time.Time) (Page, error) {
	if q.Limit <= 0 {
		q.Limit = DefaultLimit
	}
	if q.Bytes <= 0 {
		q.Bytes = MaxPageBytes
	}
	page, err := e.Timeline(ctx, q, now)
	for err == nil && page.Short {
		var more Page
		rest := q
		rest.Cursor, rest.Limit, rest.Bytes = page.Next, q.Limit-len(page.Items), q.Bytes-page.size()
		if more, err = e.Timeline(ctx, rest, now); err == nil {
			page.Items, page.Next, page.Short = append(page.Items, more.Items...), more.Next, more.Short
		}
	}
	return page, err
}

// size is how many bytes its items take.
func (p Page) size() (n int) {
	for _, i := range p.Items {
		n += len(i)
	}
	return n
}
