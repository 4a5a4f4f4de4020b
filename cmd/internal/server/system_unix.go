//go:build unix

package server

import (
	"fmt"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/summit-timeline/summit/cmd/internal/summits"
)

// diskOf returns how much room there is on the disk of a folder.
func diskOf(dir string) (summits.Disk, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return summits.Disk{}, fmt.Errorf("read the free space of %s: %w", dir, err)
	}
	path, err := filepath.Abs(dir)
	if err != nil {
		return summits.Disk{}, fmt.Errorf("read the free space of %s: %w", dir, err)
	}
	block := uint64(s.Bsize)
	return summits.Disk{Path: path, Free: s.Bavail * block, Total: s.Blocks * block}, nil
}

// OpenFiles returns how many files and connections the process may have open; 0
// where that is not known.
func OpenFiles() int {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil || limit.Cur > 1<<30 {
		return 0
	}
	return int(limit.Cur) // the Go runtime has raised it as far as it may
}
