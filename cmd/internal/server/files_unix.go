//go:build unix

package server

import "syscall"

// OpenFiles is how many files and connections the process may have open; 0
// where that is not known.
func OpenFiles() int {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil || limit.Cur > 1<<30 {
		return 0
	}
	return int(limit.Cur) // the Go runtime has raised it as far as it may
}
