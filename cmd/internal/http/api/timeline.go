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
	basis := x.Basis(r, s, q.Reading)
	if done, err := x.FreshOn(w, r, s, q.Reading, basis, "known"); done || err != nil {
		return err
	}
	if b, kept := x.Cache.Get(basis); kept {
		return x.Room.Send(w, respond.JSONType, b)
	}
	return x.Room.ReplyOnce(w, r, func(into []byte) ([]byte, error) {
		b, err := x.timelineJSON(r, s, q, into)
		switch {
		case err != nil:
		case q.Reading.Pinned:
			x.Cache.AddAgain(basis, b)
		default:
			x.Cache.Add(basis, b)
		}
		return b, err
	})
}

// timelineJSON appends a page of the timeline.
func (x *API) timelineJSON(r *http.Request, s TimelineViews, q projections.Query, into []byte) ([]byte, error) {
	page, b, err := s.AppendTimeline(r.Context(), q, x.Clock(), func(stamp projections.Stamp) ([]byte, error) {
		o := respond.ObjectIn(into)
		err := o.Stamp(s.Summit(), stamp)
		o.Raw("items", []byte{'['})
		return o.Bytes(), err
	})
	if err != nil {
		return nil, err
	}
	o := respond.ObjectIn(append(b, ']'))
	o.Next(page.Next)
	return o.End(), nil
}
