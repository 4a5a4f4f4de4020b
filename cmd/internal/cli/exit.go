package cli

import (
	"errors"
	"fmt"
	"strings"
)

// The exit codes.
const (
	Good        = 0
	Bad         = 1
	Misused     = 2
	Unreachable = 3
)

// exitCodes explains the exit codes.
var exitCodes = []string{
	Good: "success", Bad: "the answer is bad, or there is none", Misused: "wrong usage", Unreachable: "the server cannot be reached",
}

// ExitError is an error with an exit code of its own.
type ExitError struct {
	Code int
	Err  error
}

func (e *ExitError) Error() string { return e.Err.Error() }

// Unwrap returns the error below.
func (e *ExitError) Unwrap() error { return e.Err }

// Usage returns an error of wrong usage. Its text names what is wrong and what
// would be right.
func Usage(format string, args ...any) error {
	return &ExitError{Misused, fmt.Errorf(format, args...)}
}

// Exit returns err with an exit code.
func Exit(code int, err error) error { return &ExitError{code, err} }

// codeOf returns the exit code that an error ends the program with.
func codeOf(err error) int {
	var e *ExitError
	switch {
	case err == nil:
		return Good
	case errors.As(err, &e):
		return e.Code
	}
	return Bad
}

// plain returns the text of an error, without what could command a terminal: a
// server or a file may have worded it.
func plain(err error) string {
	lines := strings.Split(err.Error(), "\n")
	for n, line := range lines {
		lines[n] = Clean(line)
	}
	return strings.Join(lines, "\n")
}
