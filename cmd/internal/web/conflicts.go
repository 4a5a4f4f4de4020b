package web

import (
	"net/http"
)

// Conflicts answers the contradictions found.
func (x *API) Conflicts(w http.ResponseWriter, r *http.Request, s ConflictViews) error {
	if err := x.AwaitMin(w, r, s); err != nil {
		return err
	}
	at, err := x.Reading(r, s, "known")
	if err != nil {
		return err
	}
	if done, err := x.Fresh(w, r, s, at, "known"); done || err != nil {
		return err
	}
	return x.Room.Reply(w, r, func() ([]byte, error) {
		list, stamp, err := s.Conflicts(r.Context(), at)
		if err != nil {
			return nil, err
		}
		var o Object
		if err := o.Stamp(s.Summit(), stamp); err != nil {
			return nil, err
		}
		if err := o.Member("conflicts", list); err != nil {
			return nil, err
		}
		return o.End(), nil
	})
}
