//go:build !unix

package server

import (
	"errors"

	"github.com/summit-timeline/summit/cmd/internal/summits"
)

// diskOf returns an error: the system does not say.
func diskOf(string) (summits.Disk, error) { return summits.Disk{}, errors.ErrUnsupported }

// OpenFiles returns 0: the system does not say.
func OpenFiles() int { return 0 }
