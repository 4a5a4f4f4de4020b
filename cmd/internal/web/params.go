package web

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

func instantParam(r *http.Request, name string) (time.Time, error) {
	text := r.FormValue(name)
	if text == "" {
		return time.Time{}, nil
	}
	t, err := events.ParseInstant(text)
	if err != nil {
		return time.Time{}, badParams(Fault{Pointer: name, Detail: err.Error()})
	}
	return t.Time, nil
}

var standings = []string{
	projections.StandingUnverified, projections.StandingCorroborated, projections.StandingDisputed, projections.StandingCorrected,
	projections.StandingRetracted, projections.StandingSuperseded, projections.StandingOverdue,
}

// query reads the parameters of a timeline; every fault is named.
func (x *Handler) query(r *http.Request, s *summits.Summit) (projections.Query, error) {
	q := projections.Query{
		Entity: r.FormValue("entity"), Actor: r.FormValue("actor"), Party: r.FormValue("party"), Place: r.FormValue("place"),
		Source: r.FormValue("source"), Standing: r.FormValue("standing"), Text: r.FormValue("q"), Cursor: r.FormValue("cursor"),
	}
	var faults []Fault
	note := func(err error) {
		var p *Problem
		if errors.As(err, &p) {
			faults = append(faults, p.Errors...)
		}
	}
	var err error
	q.Reading, err = x.reading(r, s, "known")
	note(err)
	waited := err // it is no fault of the reader's, where it is none of a parameter
	q.From, err = instantParam(r, "from")
	note(err)
	q.To, err = instantParam(r, "to")
	note(err)
	if !q.From.IsZero() && !q.To.IsZero() && !q.From.Before(q.To) {
		faults = append(faults, Fault{Pointer: "to", Detail: "must be after from"})
	}
	if q.Entity != "" {
		if _, err := events.ParseEntity(q.Entity); err != nil {
			faults = append(faults, Fault{Pointer: "entity", Detail: err.Error()})
		}
	}
	q.Types, err = typesParam(r.FormValue("type"), "type")
	note(err)
	note(oneOf("standing", q.Standing, standings...))
	if text := r.FormValue("min_grade"); text != "" {
		g, err := events.ParseGrade(text)
		if err != nil {
			faults = append(faults, Fault{Pointer: "min_grade", Detail: err.Error()})
		}
		q.MinGrade = &g
	}
	note(oneOf("order", r.FormValue("order"), "occurred", "recorded"))
	note(oneOf("dir", r.FormValue("dir"), "asc", "desc"))
	q.Recorded, q.Desc = r.FormValue("order") == "recorded", r.FormValue("dir") == "desc"
	q.Limit, err = limitParam(r.FormValue("limit"))
	note(err)
	switch {
	case faults != nil:
		return q, badParams(faults...)
	case waited != nil:
		return q, waited
	}
	return q, x.reachCursor(r, s)
}

func oneOf(name, value string, allowed ...string) error {
	if value == "" {
		return nil
	}
	for _, a := range allowed {
		if value == a {
			return nil
		}
	}
	return badParams(Fault{Pointer: name, Detail: fmt.Sprintf("%q is none of %s", value, strings.Join(allowed, ", "))})
}

func limitParam(text string) (int, error) {
	if text == "" {
		return projections.DefaultLimit, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > projections.MaxLimit {
		return 0, badParams(Fault{Pointer: "limit", Detail: fmt.Sprintf("must be a number from 1 to %d", projections.MaxLimit)})
	}
	return n, nil
}

// typesParam reads a list of types; aircraft.* means all of a kind.
func typesParam(text, name string) ([]string, error) {
	if text == "" {
		return nil, nil
	}
	list := strings.Split(text, ",")
	for _, t := range list {
		if !knownType(t) {
			return nil, badParams(Fault{Pointer: name, Detail: fmt.Sprintf("%q is no type of fact and no pattern such as aircraft.*", t)})
		}
	}
	return list, nil
}

func knownType(pattern string) bool {
	prefix, wild := strings.CutSuffix(pattern, "*")
	for _, t := range events.Types() {
		if t.Name == pattern || (wild && strings.HasSuffix(prefix, ".") && strings.HasPrefix(t.Name, prefix)) {
			return true
		}
	}
	return false
}
