package middleware

import (
	"net/http"

	"github.com/summit-timeline/summit/cmd/internal/access"
	"github.com/summit-timeline/summit/cmd/internal/summits"
)

// Hidden reports whether a summit does not exist for the sender of a request: only
// an operator sees that of the canary.
func Hidden(r *http.Request, id string) bool {
	return id == summits.Canary && !Identity(r).Can(access.Operate, "")
}
