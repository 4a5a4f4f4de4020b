//go:build unix

package bench

import "syscall"

// openFiles is how many connections a process may have, or 0 if it is not
// known.
func openFiles() uint64 {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil {
		return 0
	}
	return limit.Max // which the Go runtime raises the soft limit to
}
