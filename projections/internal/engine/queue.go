package engine

import (
	"context"
	"sync"
)

// queue holds what was read and waits to be committed, up to a number. It takes
// no room while nothing waits: there are many summits, and most are at rest.
type queue struct {
	most int
	some chan struct{} // filled when something was put, or the end was reached
	room chan struct{} // filled when something was taken

	mu    sync.Mutex // guards what follows
	list  []Event
	ended bool
}

func newQueue(most int) *queue {
	return &queue{most: most, some: make(chan struct{}, 1), room: make(chan struct{}, 1)}
}

// put waits until there is room. The error is that of ctx.
func (q *queue) put(ctx context.Context, e Event) error {
	for !q.add(e) {
		select {
		case <-q.room:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	signal(q.some)
	return nil
}

func (q *queue) add(e Event) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.list) >= q.most {
		return false
	}
	q.list = append(q.list, e)
	return true
}

// end says that nothing more comes.
func (q *queue) end() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ended = true
	signal(q.some)
}

// take waits for something, and gives all there is; nothing at the end.
func (q *queue) take() []Event {
	for {
		list, ended := q.now()
		if len(list) > 0 || ended {
			return list
		}
		<-q.some
	}
}

// now gives what there is, without waiting.
func (q *queue) now() (list []Event, ended bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	list, q.list = q.list, nil
	signal(q.room)
	return list, q.ended
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it is filled already
	}
}
