package bench

import (
	"sync"
	"sync/atomic"
	"time"
)

// rate runs callers for a while and gives how much they did a second.
func rate(each time.Duration, callers int, do func(caller int) (int, error)) (float64, error) {
	var done atomic.Int64
	var failed atomic.Pointer[error]
	var all sync.WaitGroup
	began := time.Now()
	for c := range callers {
		all.Go(func() {
			for time.Since(began) < each && failed.Load() == nil {
				n, err := do(c)
				if err != nil {
					failed.Store(&err)
					return
				}
				done.Add(int64(n))
			}
		})
	}
	all.Wait()
	if err := failed.Load(); err != nil {
		return 0, *err
	}
	return float64(done.Load()) / time.Since(began).Seconds(), nil
}

// measure is something that can be measured for a while: how much is done a
// second.
type measure func(time.Duration) (float64, error)

// turns is in how many pieces something and its ceiling are measured.
const turns = 6

// beside measures something and the ceiling that it stands on in turn: whatever
// else the machine does meanwhile touches both alike.
func beside(each time.Duration, what, ceiling measure) (got, top float64, err error) {
	for range turns {
		n, err := what(each / turns)
		if err != nil {
			return 0, 0, err
		}
		most, err := ceiling(each / turns)
		if err != nil {
			return 0, 0, err
		}
		got, top = got+n/turns, top+most/turns
	}
	return got, top, nil
}
