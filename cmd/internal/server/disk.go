//go:build unix

package server

import (
	"fmt"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/summit-timeline/summit/cmd/internal/summits"
)

// diskOf asks how much room there is where a folder is.
func diskOf(dir string) (summits.Disk, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return summits.Disk{}, fmt.Errorf("ask for the room in %s: %w", dir, err)
	}
	path, err := filepath.Abs(dir)
	if err != nil {
		return summits.Disk{}, fmt.Errorf("ask for the room in %s: %w", dir, err)
	}
	block := uint64(s.Bsize)
	return summits.Disk{Path: path, Free: s.Bavail * block, Total: s.Blocks * block}, nil
}
