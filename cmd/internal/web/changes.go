package web

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/projections"
)

func (x *Handler) changes(w http.ResponseWriter, r *http.Request, s *summits.Summit) error {
	if err := x.await(w, r, s); err != nil {
		return err
	}
	q, err := x.changesQuery(r, s)
	if err != nil {
		return err
	}
	basis := x.basis(r, s, q.Until) + " since " + strconv.FormatUint(q.Since.Seq, 10)
	if done, err := x.freshOn(w, r, s, q.Until, basis, "since", "until"); done || err != nil {
		return err
	}
	return x.reply(w, r, func() ([]byte, error) {
		c, next, err := s.Views.ChangesPage(r.Context(), q, x.o.Clock())
		if err != nil {
			return nil, err
		}
		return changesJSON(s.ID, c, next)
	})
}

func (x *Handler) changesQuery(r *http.Request, s *summits.Summit) (projections.ChangesQuery, error) {
	q := projections.ChangesQuery{Cursor: r.FormValue("cursor"), Asked: r.FormValue("since") + " " + r.FormValue("until")}
	var faults []Fault
	var failed error
	note := func(err error) {
		var p *Problem
		switch {
		case errors.As(err, &p):
			faults = append(faults, p.Errors...)
		case err != nil:
			failed = err
		}
	}
	var err error
	q.Since, err = x.reading(r, s, "since")
	note(err)
	if r.FormValue("since") == "" {
		faults = append(faults, Fault{Pointer: "since", Detail: "is missing: a position, @seq or a time"})
	}
	q.Until, err = x.reading(r, s, "until")
	note(err)
	q.Limit, err = limitOf(r, projections.DefaultChanges, projections.MaxChanges)
	note(err)
	switch {
	case faults != nil:
		return q, badParams(faults...)
	case failed != nil:
		return q, failed
	}
	return q, x.reachCursor(r, s)
}

// limitOf reads the parameter limit of a list.
func limitOf(r *http.Request, otherwise, most int) (int, error) {
	text := r.FormValue("limit")
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, badParams(Fault{Pointer: "limit", Detail: fmt.Sprintf("must be a number from 1 to %d", most)})
	}
	return n, nil
}

func changesJSON(summit string, c projections.Changes, next string) ([]byte, error) {
	var o object
	if err := o.stamp(summit, c.Stamp); err != nil {
		return nil, err
	}
	o.raw("since", []byte(`"`+c.Since.String()+`"`))
	o.raw("until", []byte(`"`+c.Known.String()+`"`))
	o.list("added", c.Added)
	if err := o.member("corrected", c.Corrected); err != nil {
		return nil, err
	}
	o.list("retracted", c.Retracted)
	o.list("restored", c.Restored)
	if err := o.member("standing", c.Standing); err != nil {
		return nil, err
	}
	if err := o.member("status", c.Status); err != nil {
		return nil, err
	}
	o.next(next)
	return o.end(), nil
}
