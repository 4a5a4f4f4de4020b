package engine

import (
	"errors"
	"fmt"

	"github.com/summit-timeline/summit/store"
)

// A server has many summits, and most are at rest. The views of such a one keep
// nothing but what the engine itself is: the file is closed, and nobody follows
// the log. Whoever asks for them opens the file and has the log followed again.

// Hold keeps the views awake until Release is called as often. Views that were
// asleep answer nothing from then on before they have asked the log where it ends.
func (e *Engine) Hold() {
	e.mu.Lock()
	e.holders++
	e.awaken()
	e.mu.Unlock()
}

// Release takes one Hold back.
func (e *Engine) Release() {
	e.mu.Lock()
	e.holders--
	e.uses++
	e.mu.Unlock()
}

// awaken has the log followed where the views sleep. The lock is held.
func (e *Engine) awaken() {
	e.uses++
	if !e.asleep {
		return
	}
	e.asleep, e.unasked = false, true
	if e.wanted != nil {
		e.wanted()
	}
}

// Asleep reports whether the file is closed and nobody follows the log.
func (e *Engine) Asleep() bool {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.asleep
}

// Uses returns a number that grows with each use of the views; while somebody holds
// them, at each call. Views whose number stands still may be laid to rest.
func (e *Engine) Uses() uint64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.holders > 0 {
		e.uses++
	}
	return e.uses
}

// Rest lays the views to rest, where they hold all that the log has and nothing is
// wrong with it or with them. It returns at once: [Engine.Run] closes the file and
// returns, unless somebody has come meanwhile.
func (e *Engine) Rest() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.again != nil && e.restful() {
		e.resting = true
		e.again()
	}
}

// RestUnrun is Rest for views that have not been run yet; it reports whether they
// sleep. They are run once they are wanted.
func (e *Engine) RestUnrun() bool {
	e.mu.Lock()
	e.resting = e.again == nil && e.restful()
	e.mu.Unlock()
	return e.sleep()
}

// restful reports whether the views have nothing to do. The lock is held.
func (e *Engine) restful() bool {
	return e.wanted != nil && !e.asleep && e.holders == 0 && e.asked && !e.unasked && e.stopped() == nil && e.evidence == nil &&
		e.rebuild == nil && e.head.Seq > 0 && e.head.Version == e.version && e.head.Seq >= max(e.last, e.owed.Load())
}

// sleep closes the file of views that are to rest. It reports false if they are
// not, or are in use.
func (e *Engine) sleep() bool {
	e.points.Wait()
	if err := e.db.Settle(); err != nil { // before the lock, since it takes as long as the disk does
		e.logger.Warn("syncing idle views", "summit", e.log.Summit(), "error", err)
		return false
	}
	e.files.Lock()
	defer e.files.Unlock()
	e.mu.Lock()
	sleeps := e.resting && e.restful() && e.db.inUse.Load() == 0
	e.resting = false
	if sleeps {
		e.asleep, e.again, e.halt = true, nil, nil
	}
	e.mu.Unlock()
	if !sleeps {
		return false
	}
	if err := e.db.Close(); err != nil {
		e.logger.Warn("closing idle views", "summit", e.log.Summit(), "error", err)
	}
	e.db = nil
	return true
}

// isResting reports whether the views are to rest.
func (e *Engine) isResting() bool {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.resting
}

// reopen opens the file of views that slept. One that was damaged meanwhile is
// put aside, and the views are rebuilt from the log.
func (e *Engine) reopen() error {
	e.opening.Lock()
	defer e.opening.Unlock()
	if e.opened() {
		return nil
	}
	f, k, err := e.openServing()
	if errors.As(err, new(*DamagedError)) {
		aside, failed := SetAside(e.path)
		if failed != nil {
			return fmt.Errorf("open views: %w", errors.Join(err, failed))
		}
		e.logger.Error("a view file is damaged: it was set aside, and the views are being rebuilt from the log", "summit", e.log.Summit(), "error", err, "kept", aside)
		f, k, err = e.openServing()
	}
	if err != nil {
		return fmt.Errorf("open views: %w", err)
	}
	e.serve(f, k)
	e.verifySmall(f)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.awaken()
	return nil
}

func (e *Engine) opened() bool {
	e.files.RLock()
	defer e.files.RUnlock()
	return e.db != nil
}

// Stands compares what the broker reports about the log of sleeping views with what
// they have seen of it. It reports false, and awakens them, where the log has more
// or may be another: they then find out which.
func (e *Engine) Stands(info store.Info) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if sameStream(info, e.head.Seq, e.created) == nil && info.First <= 1 && info.Last == e.head.Seq && info.Messages == info.Last && info.Settings == nil {
		return true
	}
	e.awaken()
	return false
}
