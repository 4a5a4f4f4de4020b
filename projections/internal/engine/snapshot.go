package engine

import (
	"fmt"
	"io"

	"github.com/summit-timeline/summit/events/class"
	"github.com/summit-timeline/summit/store/viewdb"
)

// ErrNotYet is the error of views that cannot be copied yet.
var ErrNotYet = class.New(class.Passing, "the views are being made: try again when they serve")

// Snapshot writes a copy of the views of one moment while they go on being read
// and added to. Pages that are freed meanwhile are not used again until it is
// written: write to something as fast as a disk.
func (e *Engine) Snapshot(w io.Writer) error {
	return e.longView(func(tx *viewdb.Tx) error {
		head, err := readCursor(tx, e.version)
		if err != nil {
			return err
		}
		if head.Seq == 0 || head.Version != e.version { // another file is about to take its place
			return fmt.Errorf("copy the views of %s: %w", e.log.Summit(), ErrNotYet)
		}
		if _, err := tx.WriteTo(w); err != nil {
			return fmt.Errorf("copy the views of %s: %w", e.log.Summit(), err)
		}
		return nil
	})
}
