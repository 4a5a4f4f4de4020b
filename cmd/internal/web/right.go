package web

import (
	"fmt"
	"net/http"

	"github.com/summit-timeline/summit/cmd/internal/access"
)

// right is what a route asks of those who use it. Its zero value is none: a
// handler with such a route is not made.
type right struct {
	stated bool
	open   bool        // who shows a token that is not taken is let in too
	need   access.Need // "" asks for nothing
}

// The rights of routes.
var (
	// anybody may use the route; a token that is shown must be good.
	anybody = right{stated: true}
	// asksItself is for a route that knows only from the body which summit it is
	// about: its handler refuses who may not.
	asksItself = right{stated: true}
	// unchecked lets in whoever comes, with whatever token: to sign in and out.
	unchecked = right{stated: true, open: true}

	reads    = right{stated: true, need: access.Read}
	records  = right{stated: true, need: access.Record}
	audits   = right{stated: true, need: access.Audit}
	operates = right{stated: true, need: access.Operate}
)

// checkRights refuses a table in which a route does not state its right.
func checkRights(list []route) error {
	for _, rt := range list {
		if !rt.right.stated {
			return fmt.Errorf("the route %s %s does not state who may use it", rt.method, rt.path)
		}
	}
	return nil
}

// admit refuses who may not use the route. A token that is shown and not good
// is refused: its bearer is never taken for somebody who showed none.
func (*Handler) admit(w http.ResponseWriter, r *http.Request, rt route) error {
	v, need := visiting(r), rt.right.need
	switch {
	case rt.right.open:
		return nil
	case v.err != nil:
		return refuse(w, v.err)
	case need != "" && !v.who.May(need, r.PathValue("s")):
		return forbid(w, v.who, need, r.PathValue("s"))
	}
	return nil
}
