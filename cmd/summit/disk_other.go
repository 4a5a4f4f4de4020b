//go:build !unix

package main

import (
	"errors"

	"github.com/summit-timeline/summit/cmd/internal/host"
)

// diskOf is not known on this system.
func diskOf(string) (host.Disk, error) { return host.Disk{}, errors.ErrUnsupported }
