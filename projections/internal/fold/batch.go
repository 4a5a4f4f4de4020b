package fold

import (
	"github.com/summit-timeline/summit/projections/internal/engine"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/keys"
	"github.com/summit-timeline/summit/store"
)

// quarantine sets an event aside: it stands in the log and in the tree, and
// changes nothing else.
func (w *batch) quarantine(seq uint64, kind store.Reason, reason string) error {
	b, err := item.QuarantineRow{Kind: kind, Reason: reason}.Encode()
	if err != nil {
		return err
	}
	row := w.nextRow(seq)
	row.Kind = item.EventQuarantined
	if err := w.tx.Put(item.TableQuarantined, keys.Seq(seq), b); err != nil {
		return err
	}
	w.aside = append(w.aside, engine.Aside{Seq: seq, Kind: kind, Reason: reason})
	return w.putRow(seq, row)
}
