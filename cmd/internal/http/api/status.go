package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/http/reading"
	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/projections"
)

// Status answers a page of what stands.
func (x *API) Status(w http.ResponseWriter, r *http.Request, s StatusViews) error {
	at, err := x.Known(w, r, s)
	if err != nil {
		return err
	}
	q := projections.StatusQuery{Reading: at, Cursor: r.FormValue("cursor")}
	if q.At, err = reading.Instant(r, "at"); err != nil {
		return err
	}
	if q.Lists, err = listsParam(r); err != nil {
		return err
	}
	if q.Limit, err = reading.Limit(r, projections.DefaultStatus, projections.MaxStatus); err != nil {
		return err
	}
	if err := x.ReachCursor(r, s); err != nil {
		return err
	}
	basis := x.Basis(r, s, at)
	if done, err := x.FreshOn(w, r, s, at, basis, "known"); done || err != nil {
		return err
	}
	b, kept := x.Cache.Get(basis)
	if !kept {
		if b, err = x.Room.Make(r.Context(), func() ([]byte, error) {
			answer, err := s.StatusPage(r.Context(), q)
			return answer.JSON, err
		}); err != nil {
			return err
		}
		x.Cache.Add(basis, b)
	}
	return x.Room.Send(w, respond.JSONType, b)
}

// listsOf are the lists of a status with entities of a kind, where a list has
// another name than the kind.
var listsOf = map[string][]string{
	"delegation": {"delegations"}, "person": {"delegations"}, "meeting": {"meetings"}, "site": {"sites"}, "topic": {"agenda", "positions"},
	"vehicle": {"vehicles"}, "document": {"documents"}, "measure": {"measures"}, "incident": {"incidents"},
}

// listsParam reads which lists of a status are wanted: by their names, or by the
// kinds of the entities in them.
func listsParam(r *http.Request) ([]string, error) {
	text := r.FormValue("kind")
	if text == "" {
		return nil, nil
	}
	known := projections.StatusLists()
	var lists []string
	for name := range strings.SplitSeq(text, ",") {
		names := listsOf[name]
		if slices.Contains(known, name) {
			names = []string{name}
		}
		names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !slices.Contains(known, n) })
		if len(names) == 0 {
			return nil, reading.NoneOf("kind", name, known)
		}
		lists = append(lists, names...)
	}
	return lists, nil
}
