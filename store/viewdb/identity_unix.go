//go:build unix

package viewdb

import (
	"os"
	"syscall"
)

// identityOf is the number that the file system knows a file by: a copy has
// another.
func identityOf(path string) uint64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(s.Ino) //nolint:unconvert // its type differs between systems
	}
	return 0
}
