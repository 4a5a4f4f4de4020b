package viewdb

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// mapped is how many bytes of files the process holds; 0 where the system does
// not say.
func mapped() int {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var size, resident, shared int
	if _, err := fmt.Fscan(strings.NewReader(string(b)), &size, &resident, &shared); err != nil {
		return 0
	}
	return shared * os.Getpagesize()
}

// faults is how many pages the process has taken into memory that lay there for
// it; 0 where the system does not say.
func faults() int64 {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return u.Minflt
}

// unmap releases the pages of a file that is mapped for reading.
func unmap(from, size uintptr) error {
	if _, _, errno := unix.Syscall(unix.SYS_MADVISE, from, size, unix.MADV_DONTNEED); errno != 0 {
		return errno
	}
	return nil
}
