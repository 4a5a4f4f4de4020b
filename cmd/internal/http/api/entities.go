package api

import (
	"net/http"
	"slices"

	"github.com/summit-timeline/summit/cmd/internal/http/reading"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// EntityParams are the parameters of the list of entities.
var EntityParams = []string{"q", "kind", "limit", "min"}

// Entities answers with the entities that facts are about, by name.
func (x *API) Entities(w http.ResponseWriter, r *http.Request, s NameViews) error {
	if err := x.AwaitMin(w, r, s); err != nil {
		return err
	}
	q := projections.EntitiesQuery{Text: r.FormValue("q"), Kind: events.Kind(r.FormValue("kind"))}
	kinds := events.KindNames()
	if q.Kind != "" && !slices.Contains(kinds, string(q.Kind)) {
		return reading.NoneOf("kind", string(q.Kind), kinds)
	}
	var err error
	if q.Limit, err = reading.Limit(r, projections.DefaultEntities, projections.MaxEntities); err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-cache")
	return x.Room.Reply(w, r, func() ([]byte, error) {
		list, stamp, err := s.Entities(r.Context(), q)
		if err != nil {
			return nil, err
		}
		return stampedMember(s.Summit(), stamp, "entities", list)
	})
}
