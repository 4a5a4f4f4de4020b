package embedded

import (
	"fmt"
	"os"
	"path/filepath"
)

// clearLeftovers takes away the files with which a server tries, at its start, whether it
// can write: one that is killed in between leaves its file behind, and the next
// takes that for an account it cannot find, and never becomes healthy.
func clearLeftovers(dir string) error {
	left, err := filepath.Glob(filepath.Join(dir, "jetstream", "_test_*"))
	if err != nil {
		return fmt.Errorf("look for files left by a killed server: %w", err)
	}
	for _, path := range left {
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("remove files left by a killed server: %w", err)
		}
	}
	return nil
}
