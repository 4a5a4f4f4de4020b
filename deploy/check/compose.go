package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
)

// compose loads the file as Compose does, and looks for what is mounted: all
// but the secrets, which an operator makes.
func compose(ctx context.Context, path string) error {
	o, err := cli.NewProjectOptions([]string{path}, cli.WithEnv([]string{"SUMMIT_NKEY=U"}), cli.WithResolvedPaths(true))
	if err != nil {
		return err
	}
	project, err := o.LoadProject(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	base := filepath.Dir(project.ComposeFiles[0])
	made := []string{filepath.Join(base, "secrets")}
	var faults []error
	for name, s := range project.Services {
		for _, v := range s.Volumes {
			within := func(dir string) bool { return strings.HasPrefix(v.Source, dir) }
			if v.Type == "bind" && !slices.ContainsFunc(made, within) && !there(v.Source) {
				faults = append(faults, fmt.Errorf("%s: %s mounts %s, which is not there", path, name, v.Source))
			}
		}
	}
	return errors.Join(faults...)
}

func there(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
