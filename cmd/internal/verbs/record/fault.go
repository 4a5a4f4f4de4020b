package record

import (
	"errors"
	"net/http"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/client"
)

// flagOf is the flag that sets what a JSON pointer names, and what is below it.
type flagOf struct{ pointer, flag string }

// worded words the faults of an answer by the flags that set what is wrong.
func worded(err error, flags []flagOf) error {
	var p *client.Problem
	if !errors.As(err, &p) {
		return err
	}
	p.Detail = strings.ReplaceAll(p.Detail, "If-Match", "--if-match")
	if p.Status != http.StatusUnprocessableEntity || len(p.Errors) == 0 {
		return err
	}
	var parts []string
	for _, f := range p.Errors {
		parts = append(parts, named(f.Pointer, flags)+": "+f.Detail)
	}
	p.Detail = strings.Join(parts, "; ")
	return err
}

// named returns the flag that sets what a pointer names; the pointer where there
// is none.
func named(pointer string, flags []flagOf) string {
	for _, f := range flags {
		if pointer == f.pointer || strings.HasPrefix(pointer, f.pointer+"/") {
			return f.flag
		}
	}
	if path, ok := strings.CutPrefix(pointer, "/data/"); ok {
		path = strings.TrimPrefix(path, "patch/")
		return "--set " + strings.ReplaceAll(path, "/", ".")
	}
	return pointer
}
