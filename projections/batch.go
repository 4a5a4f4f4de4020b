package projections

import "github.com/summit-timeline/summit/store"

// quarantine sets an event aside: it stands in the log and in the tree, and
// changes nothing else.
func (w *writer) quarantine(seq uint64, kind store.Reason, reason string) error {
	b, err := quarantineRow{kind, reason}.encode()
	if err != nil {
		return err
	}
	row := w.nextRow(seq)
	row.kind = eventQuarantined
	if err := w.tx.Put(tableQuarantined, seqKey(seq), b); err != nil {
		return err
	}
	w.aside = append(w.aside, Aside{Seq: seq, Kind: kind, Reason: reason})
	return w.putRow(seq, row)
}
