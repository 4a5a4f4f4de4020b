package summits

import (
	"context"
	"sync"
)

// turns lets one caller at a time do something for a summit, and nobody wait for
// those of another.
type turns struct {
	mu    sync.Mutex
	taken map[string]chan struct{} // closed when it is left
}

// take waits for the turn of a summit. The error is that of ctx.
func (t *turns) take(ctx context.Context, summit string) (leave func(), err error) {
	for {
		mine, other := t.try(summit)
		if mine != nil {
			return func() { t.leave(summit, mine) }, nil
		}
		select {
		case <-other:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (t *turns) try(summit string) (mine, other chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if other := t.taken[summit]; other != nil {
		return nil, other
	}
	if t.taken == nil {
		t.taken = map[string]chan struct{}{}
	}
	mine = make(chan struct{})
	t.taken[summit] = mine
	return mine, nil
}

func (t *turns) leave(summit string, mine chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.taken, summit)
	close(mine)
}
