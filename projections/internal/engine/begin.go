package engine

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/summit-timeline/summit/store/durable"
	"github.com/summit-timeline/summit/store/viewdb"
)

// Fetch brings the views of another replica into a file that is not there yet,
// durably, and gives what a key that is trusted says of them. note is told how
// far it is.
type Fetch func(ctx context.Context, path string, note func(done, of uint64)) (Said, error)

// Said is what a key says of views, and the words it has signed: where it lied,
// they are what proves it.
type Said struct {
	Account
	Signed []byte
}

// WorthFetching is the length of a log from which on views are fetched: a
// shorter one is folded before another replica could be asked.
const WorthFetching = 1000

// The endings of views that came from elsewhere and did not fit, and of what was
// signed of them.
const (
	suffixRefused = ".refused"
	suffixSigned  = ".signed"
)

// beginElsewhere lets views that are empty begin from those of another replica.
// What does not fit is put aside, and the log is folded from its first event: a
// replica that cannot be asked, or lies, costs time and nothing else.
func (e *Engine) beginElsewhere(ctx context.Context) error {
	if e.fetch == nil || e.head.Seq > 0 || e.Health().Last < WorthFetching {
		return nil
	}
	if err := removeFile(e.path + suffixNew); err != nil {
		return fmt.Errorf("fetch views: %w", err)
	}
	job := &rebuild{fetched: true}
	e.noteRebuild(job)
	defer e.noteRebuild(nil)
	e.logger.Info("fetching the views of another replica", "summit", e.log.Summit(), "events", e.Health().Last)
	said, err := e.fetch(ctx, e.path+suffixNew, func(done, of uint64) { job.done.Store(done); job.until.Store(of) })
	if err == nil {
		err = Vouch(ctx, e.path+suffixNew, e.log, e.newFold(), said.Account)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return e.putAside(err, said.Signed)
	}
	if err := forgetStream(e.path+suffixNew, e.newFold()); err != nil {
		return fmt.Errorf("fetch views: %w", err)
	}
	if err := e.swap(); err != nil {
		return err
	}
	e.mu.Lock()
	e.began = said.Position.Seq
	e.mu.Unlock()
	e.logger.Info("began from the views of another replica", "summit", e.log.Summit(), "position", said.Position.String(), "root", said.Root.String())
	return removeFile(e.path + suffixOld) // it is the empty one
}

// putAside keeps what was fetched and does not fit, and what was signed of it.
func (e *Engine) putAside(why error, signed []byte) error {
	if !exists(e.path + suffixNew) {
		e.logger.Warn("no views could be fetched: they are folded from the first event", "summit", e.log.Summit(), "error", why)
		return nil
	}
	aside := e.path + suffixRefused
	for n := 2; exists(aside); n++ {
		aside = fmt.Sprintf("%s%s-%d", e.path, suffixRefused, n)
	}
	err := os.Rename(e.path+suffixNew, aside)
	if err == nil && len(signed) > 0 {
		err = durable.WriteFile(aside+suffixSigned, signed, 0o600)
	}
	if err != nil {
		return fmt.Errorf("put a snapshot aside: %w", err)
	}
	e.logger.Error("a snapshot was refused: the views are folded from the first event", "summit", e.log.Summit(), "reason", why, "kept", aside)
	return nil
}

// forgetStream takes out of a file which it was, and when the stream was made
// that its views came from: the same events may lie in another stream here.
func forgetStream(path string, fold Fold) error {
	db, err := viewdb.Open(path, viewdb.Options{Append: ascending(fold)})
	if err != nil {
		return err
	}
	err = db.Update(func(tx *viewdb.Tx) error {
		return errors.Join(tx.Delete(tableMeta, createdKey), tx.Delete(tableMeta, identityKey))
	})
	return errors.Join(err, db.Close())
}
