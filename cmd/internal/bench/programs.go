package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Programs are the executables that a benchmark starts as processes of their
// own: what they take is then not mixed with what measures them.
type Programs struct {
	// Summit is the program that is measured.
	Summit string
	// Bench is this program, which also plays the clients and the ceilings.
	Bench string
}

// FindPrograms returns the programs of a benchmark. Where summit is empty it
// builds the program from the source in the working directory, into a folder
// that the returned function removes.
func FindPrograms(ctx context.Context, summit string) (p Programs, remove func(), err error) {
	remove = func() {}
	if p.Bench, err = os.Executable(); err != nil {
		return p, remove, fmt.Errorf("find the program: %w", err)
	}
	if p.Summit = summit; summit != "" {
		return p, remove, nil
	}
	dir, err := os.MkdirTemp("", "summit-bench-")
	if err != nil {
		return p, remove, fmt.Errorf("make a folder: %w", err)
	}
	p.Summit = filepath.Join(dir, "summit")
	build := exec.CommandContext(ctx, "go", "build", "-o", p.Summit, "github.com/summit-timeline/summit/cmd/summit")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return p, remove, errors.Join(fmt.Errorf("build summit: %w (or name a program with --summit)", err), os.RemoveAll(dir))
	}
	return p, func() { _ = os.RemoveAll(dir) }, nil // it lies in the folder for such things
}

// serve starts a server on a folder.
func (p Programs) serve(ctx context.Context, dir string, flags ...string) (*process, error) {
	return spawn(ctx, p.Summit, append([]string{"serve", "--data", dir, "--addr", "127.0.0.1:0", "--nats-listen", "off"}, flags...)...)
}
