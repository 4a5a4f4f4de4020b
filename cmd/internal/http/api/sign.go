package api

import (
	"fmt"
	"net/http"

	"github.com/summit-timeline/summit/cmd/internal/access"
	"github.com/summit-timeline/summit/cmd/internal/http/middleware"
	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/events"
)

// sign ties events to the token that records them: their source must be the
// token's desk, and the token's name is stored in each event. Only an operator may
// send events of other desks.
func sign(w http.ResponseWriter, r *http.Request, summit string, list []events.Event) error {
	who := middleware.Identity(r)
	for i := range list {
		e := &list[i]
		_, amends := e.Amends()
		if (amends || e.Subject.Kind == events.KindSummit) && !who.Can(access.Amend, summit) {
			return middleware.Forbid(w, who, access.Amend, summit)
		}
		if who.Desk != "" && who.Role != access.Operator && e.Source != who.Desk {
			return &respond.Problem{
				Status: http.StatusForbidden, Detail: fmt.Sprintf("the token %s can record for %s, not for %s", who.Name, who.Desk, e.Source),
				Errors: []respond.Fault{{Pointer: "/source", Detail: "must be " + who.Desk + ", the desk of the token"}},
			}
		}
		e.By = who.Name
	}
	return nil
}
