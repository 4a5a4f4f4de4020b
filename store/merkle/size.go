package merkle

import "fmt"

// MaxSize is the most leaves a tree can have. Above it the arithmetic of tlog
// overflows and never ends, so nothing from outside may ask for more.
const MaxSize = 1<<62 - 1

func checkSize(sizes ...int64) error {
	for _, n := range sizes {
		if n < 0 || n > MaxSize {
			return fmt.Errorf("%d is out of range: a log has 0 to %d leaves", n, int64(MaxSize))
		}
	}
	return nil
}
