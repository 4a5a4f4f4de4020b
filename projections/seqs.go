package projections

import "context"

// Seqs finds the sequences of events by their ids. An id that the log does not
// have is left out.
func (e *Engine) Seqs(ctx context.Context, ids []string) (map[string]uint64, error) {
	seqs := make(map[string]uint64, len(ids))
	err := e.view(func(r *reader) error {
		for n, id := range ids {
			if n%1024 == 1023 && ctx.Err() != nil {
				return ctx.Err()
			}
			if seq, ok := findID(r.tx, id); ok {
				seqs[id] = seq
			}
		}
		return nil
	})
	return seqs, err
}
