package middleware

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/cmd/internal/limits"
)

// limit counts a request, by its token if that is valid and else by its address.
// It returns an error if there were too many.
func (x *Stack) limit(w http.ResponseWriter, v *Visitor) error {
	if x.o.Rates == nil {
		return nil
	}
	asker := limits.Client{Address: v.Address}
	if v.shown && v.Err == nil {
		asker.Token = v.Who.Name
	}
	verdict := x.o.Rates.Ask(asker, x.o.Clock())
	if verdict.Policy != "" {
		w.Header().Set("Ratelimit-Policy", verdict.Policy)
		w.Header().Set("Ratelimit", verdict.State)
	}
	if verdict.Allowed {
		return nil
	}
	w.Header().Set("Retry-After", strconv.Itoa(verdict.Wait))
	return &respond.Problem{Status: http.StatusTooManyRequests, Detail: fmt.Sprintf("too many requests: try again in %d s", verdict.Wait)}
}
