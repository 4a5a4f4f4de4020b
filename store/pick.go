package store

import (
	"context"

	"golang.org/x/sync/errgroup"
)

const (
	// dense is how many events may lie in the span of those that are wanted, for
	// each of them, for the span to be read as a whole.
	dense = 4
	// pickedAtOnce is how many events are asked for at a time if it is not.
	pickedAtOnce = 16
)

// Pick reads the bytes of some events, given by ascending sequences. It costs a
// few requests where they stand close together, and never more than one an
// event.
func (l *Log) Pick(ctx context.Context, seqs []uint64) ([][]byte, error) {
	if len(seqs) == 0 {
		return nil, nil
	}
	if span := seqs[len(seqs)-1] - seqs[0] + 1; len(seqs) > pickedAtOnce && span <= dense*uint64(len(seqs)) {
		return l.pickSpan(ctx, seqs)
	}
	raw := make([][]byte, len(seqs))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(pickedAtOnce)
	for i, seq := range seqs {
		g.Go(func() error {
			rec, err := l.Get(ctx, seq)
			raw[i] = rec.Raw
			return err
		})
	}
	return raw, g.Wait()
}

func (l *Log) pickSpan(ctx context.Context, seqs []uint64) ([][]byte, error) {
	raw := make([][]byte, 0, len(seqs))
	for rec, err := range l.ReadBytes(ctx, seqs[0], seqs[len(seqs)-1]) {
		if err != nil {
			return nil, err
		}
		if rec.Seq == seqs[len(raw)] {
			raw = append(raw, rec.Raw)
		}
	}
	if len(raw) < len(seqs) {
		return nil, &GapError{Want: seqs[len(raw)]}
	}
	return raw, nil
}
