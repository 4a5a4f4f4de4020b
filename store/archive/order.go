package archive

import (
	"context"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// inOrder reads the bundles from one on, several at a time, and hands them on
// one by one in their order.
func (a *Archive) inOrder(ctx context.Context, from int64, decode bool, next func(*bundle) error) error {
	type result struct {
		bundle *bundle
		err    error
	}
	g, ctx := errgroup.WithContext(ctx)
	workers := runtime.GOMAXPROCS(0)
	ahead := make(chan chan result, workers) // bounds what is read and not handed on
	g.Go(func() error {
		defer close(ahead)
		for n := from; n < int64(len(a.bundles)); n++ {
			one := make(chan result, 1)
			select {
			case ahead <- one:
			case <-ctx.Done():
				return ctx.Err()
			}
			g.Go(func() error {
				b, err := a.read(n, decode)
				one <- result{b, err}
				return nil
			})
		}
		return nil
	})
	g.Go(func() error {
		for one := range ahead {
			var r result
			select {
			case r = <-one:
			case <-ctx.Done():
				return ctx.Err()
			}
			if r.err != nil {
				return r.err
			}
			if err := next(r.bundle); err != nil {
				return err
			}
		}
		return ctx.Err()
	})
	return g.Wait()
}
