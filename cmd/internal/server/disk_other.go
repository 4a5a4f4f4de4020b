//go:build !unix

package server

import (
	"errors"

	"github.com/summit-timeline/summit/cmd/internal/summits"
)

// diskOf is not known on this system.
func diskOf(string) (summits.Disk, error) { return summits.Disk{}, errors.ErrUnsupported }
