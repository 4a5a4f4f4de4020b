package api

import (
	"net/http"

	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/projections"
)

// Timeline answers a page of the timeline.
func (x *API) Timeline(w http.ResponseWriter, r *http.Request, s TimelineViews) error {
	if err := x.AwaitMin(w, r, s); err != nil {
		return err
	}
	q, err := x.Query(r, s)
	if err != nil {
		return err
	}
	if done, err := x.Fresh(w, r, s, q.Reading, "known"); done || err != nil {
		return err
	}
	return x.answer(w, r, x.Basis(r, s, q.Reading), func() ([]byte, error) { return x.timelineJSON(r, s, q) })
}

// answer sends JSON from the cache, or makes it.
func (x *API) answer(w http.ResponseWriter, r *http.Request, basis string, makeJSON func() ([]byte, error)) error {
	b, kept := x.Cache.Get(basis)
	if !kept {
		var err error
		if b, err = x.Room.Make(r.Context(), makeJSON); err != nil {
			return err
		}
		x.Cache.Add(basis, b)
	}
	return x.Room.Send(w, respond.JSONType, b)
}

func (x *API) timelineJSON(r *http.Request, s TimelineViews, q projections.Query) ([]byte, error) {
	page, err := s.Timeline(r.Context(), q, x.Clock())
	if err != nil {
		return nil, err
	}
	var o respond.Object
	if err := o.Stamp(s.Summit(), page.Stamp); err != nil {
		return nil, err
	}
	o.List("items", page.Items)
	o.Next(page.Next)
	o.WriteByte('}')
	return o.Bytes(), nil
}
