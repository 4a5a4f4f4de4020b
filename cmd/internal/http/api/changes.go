package api

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/summit-timeline/summit/cmd/internal/http/reading"
	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/projections"
)

// Changes answers what knowledge changed between two positions.
func (x *API) Changes(w http.ResponseWriter, r *http.Request, s ChangeViews) error {
	if err := x.AwaitMin(w, r, s); err != nil {
		return err
	}
	q, err := x.changesQuery(r, s)
	if err != nil {
		return err
	}
	basis := x.Basis(r, s, q.Until) + " since " + strconv.FormatUint(q.Since.Seq, 10)
	if done, err := x.FreshOn(w, r, s, q.Until, basis, "since", "until"); done || err != nil {
		return err
	}
	return x.Room.Reply(w, r, func() ([]byte, error) {
		c, next, err := s.ChangesPage(r.Context(), q, x.Clock())
		if err != nil {
			return nil, err
		}
		return changesJSON(s.Summit(), c, next)
	})
}

func (x *API) changesQuery(r *http.Request, s reading.Views) (projections.ChangesQuery, error) {
	q := projections.ChangesQuery{Cursor: r.FormValue("cursor"), Asked: r.FormValue("since") + " " + r.FormValue("until")}
	var faults []respond.Fault
	var failed error
	note := func(err error) {
		var p *respond.Problem
		switch {
		case errors.As(err, &p):
			faults = append(faults, p.Errors...)
		case err != nil:
			failed = err
		}
	}
	var err error
	q.Since, err = x.AsOf(r, s, "since")
	note(err)
	if r.FormValue("since") == "" {
		faults = append(faults, respond.Fault{Pointer: "since", Detail: "is missing: expected a position, @seq or a time"})
	}
	q.Until, err = x.AsOf(r, s, "until")
	note(err)
	q.Limit, err = reading.Limit(r, projections.DefaultChanges, projections.MaxChanges)
	note(err)
	switch {
	case faults != nil:
		return q, respond.BadParams(faults...)
	case failed != nil:
		return q, failed
	}
	return q, x.ReachCursor(r, s)
}

func changesJSON(summit string, c projections.Changes, next string) ([]byte, error) {
	var o respond.Object
	if err := o.Stamp(summit, c.Stamp); err != nil {
		return nil, err
	}
	o.Raw("since", []byte(`"`+c.Since.String()+`"`))
	o.Raw("until", []byte(`"`+c.Known.String()+`"`))
	o.List("added", c.Added)
	if err := o.Member("corrected", c.Corrected); err != nil {
		return nil, err
	}
	o.List("retracted", c.Retracted)
	o.List("restored", c.Restored)
	if err := o.Member("standing", c.Standing); err != nil {
		return nil, err
	}
	if err := o.Member("status", c.Status); err != nil {
		return nil, err
	}
	o.Next(next)
	return o.End(), nil
}
