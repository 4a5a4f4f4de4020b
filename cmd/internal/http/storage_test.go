package httpserver_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/projections"
)

// A failing disk is reported as such, wherever it fails, with the time to ask again.
// Paths are shown to operators only.
func TestADiskThatFailsIsToldAsWhatItIs(t *testing.T) {
	full := &fs.PathError{Op: "write", Path: "/secret/views/geneva.db", Err: syscall.ENOSPC}
	broken := &fs.PathError{Op: "read", Path: "/secret/views/geneva.db", Err: syscall.EIO}
	for _, c := range []struct {
		err    error
		status int
		word   string
	}{
		{full, http.StatusInsufficientStorage, "no space left"},
		{fmt.Errorf("sign: %w", &projections.PausedError{Err: full}), http.StatusInsufficientStorage, "no space left"},
		{&fs.PathError{Op: "write", Path: "/secret", Err: syscall.EDQUOT}, http.StatusInsufficientStorage, "quota"},
		{&fs.PathError{Op: "write", Path: "/secret", Err: syscall.EFBIG}, http.StatusInsufficientStorage, "too large"},
		{broken, http.StatusServiceUnavailable, "input/output error"},
		{&projections.PausedError{Err: broken}, http.StatusServiceUnavailable, "input/output error"},
		{fmt.Errorf("read: %w", &projections.DamagedError{Path: "/secret/views/geneva.db", Reason: "row 1"}), http.StatusServiceUnavailable, "being rebuilt"},
		{&projections.PausedError{Err: &projections.DamagedError{Path: "/secret/views/geneva.db", Reason: "row 1"}}, http.StatusServiceUnavailable, "being rebuilt"},
	} {
		p := respond.ProblemOf(c.err)
		if p.Status != c.status || !respond.Passing(c.err) || !strings.Contains(p.Detail, c.word) || strings.Contains(p.Detail, "secret") {
			t.Errorf("%v: %d, passes %t: %s", c.err, p.Status, respond.Passing(c.err), p.Detail)
		}
	}
}
