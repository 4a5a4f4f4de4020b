package summits

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/summit-timeline/summit/projections"
)

// Copy is a copy of the views of a summit at one moment, with its digest.
// Its file has no name any more: it is gone when it is closed.
type Copy struct {
	*os.File
	Bytes   int64
	Sum     [sha256.Size]byte
	Account projections.ViewDigest
}

// endingCopy is in the names of files that are being copied into.
const endingCopy = ".copy-"

// Copy copies the views of a summit while they are in use. One copy is made at
// a time: each reads and writes as much as the disk gives.
func (reg *Registry) Copy(ctx context.Context, s *Summit) (c *Copy, err error) {
	if why := s.Views.Stopped(); why != nil {
		return nil, stopped(why)
	}
	select {
	case reg.copying <- struct{}{}:
		defer func() { <-reg.copying }()
	case <-ctx.Done():
		return nil, fmt.Errorf("copy the views: %w", ctx.Err())
	}
	f, err := os.CreateTemp(reg.o.Views, s.ID+viewsEnding+endingCopy)
	if err != nil {
		return nil, fmt.Errorf("copy the views: %w", err)
	}
	defer func() {
		err = errors.Join(err, os.Remove(f.Name())) // from here on it is the caller's alone
		if err != nil {
			err = errors.Join(err, f.Close())
		}
	}()
	c = &Copy{File: f}
	sum := sha256.New()
	if err := s.Views.Snapshot(io.MultiWriter(f, sum)); err != nil {
		return nil, err
	}
	if c.Bytes, err = f.Seek(0, io.SeekEnd); err != nil {
		return nil, fmt.Errorf("copy the views: %w", err)
	}
	c.Sum = [sha256.Size]byte(sum.Sum(nil))
	if c.Account, err = projections.ViewDigestOf(ctx, f.Name()); err != nil {
		return nil, fmt.Errorf("copy the views: %w", err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("copy the views: %w", err)
	}
	return c, nil
}

// dropCopies removes what a server that was killed was copying into.
func (reg *Registry) dropCopies() error {
	left, err := filepath.Glob(filepath.Join(reg.o.Views, "*"+viewsEnding+endingCopy+"*"))
	if err != nil {
		return fmt.Errorf("open the views: %w", err)
	}
	for _, path := range left {
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("open the views: %w", err)
		}
	}
	return nil
}
