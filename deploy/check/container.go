package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// container parses every instruction, and takes each warning for a fault. The
// image must not run as root, and say how its health is asked for.
func container(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	parsed, err := parser.Parse(f)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	var faults []error
	for _, w := range parsed.Warnings {
		faults = append(faults, fmt.Errorf("%s: %s", path, w.Short))
	}
	lint := linter.New(&linter.Config{Warn: func(rule, _, _, message string, _ []parser.Range) {
		faults = append(faults, fmt.Errorf("%s: %s: %s", path, rule, message))
	}})
	stages, _, err := instructions.Parse(parsed.AST, lint)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	user, health := "", false
	for _, c := range stages[len(stages)-1].Commands {
		switch c := c.(type) {
		case *instructions.UserCommand:
			user = c.User
		case *instructions.HealthCheckCommand:
			health = true
		}
	}
	if user == "" || user == "root" || user == "0" {
		faults = append(faults, fmt.Errorf("%s: it runs as root", path))
	}
	if !health {
		faults = append(faults, fmt.Errorf("%s: it has no HEALTHCHECK", path))
	}
	return errors.Join(faults...)
}
