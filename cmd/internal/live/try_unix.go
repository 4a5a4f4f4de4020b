//go:build unix

package live

import (
	"errors"
	"fmt"
	"syscall"
	"time"
)

// canTry reports whether connections can be written to without waiting.
const canTry = true

// try writes what the connection takes at once.
func (x *wire) try(b []byte) (int, error) {
	var n int
	var failed error
	err := x.raw.Write(func(fd uintptr) bool {
		n, failed = syscall.Write(int(fd), b)
		return true
	})
	switch {
	case err != nil:
		return 0, fmt.Errorf("send: %w", err)
	case errors.Is(failed, syscall.EAGAIN), errors.Is(failed, syscall.EINTR):
		return 0, nil
	case failed != nil:
		return 0, fmt.Errorf("send: %w", failed)
	}
	return n, nil
}

// patient takes back the deadline of earlier writes, which would fail try.
func (x *wire) patient() error { return x.conn.SetWriteDeadline(time.Time{}) }
