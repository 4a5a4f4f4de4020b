package reading

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// Instant reads a parameter that is an instant; zero if it is left out.
func Instant(r *http.Request, name string) (time.Time, error) {
	text := r.FormValue(name)
	if text == "" {
		return time.Time{}, nil
	}
	t, err := events.ParseInstant(text)
	if err != nil {
		return time.Time{}, respond.BadParams(respond.Fault{Pointer: name, Detail: err.Error()})
	}
	return t.Time, nil
}

var standings = []string{
	projections.StandingUnverified, projections.StandingCorroborated, projections.StandingDisputed, projections.StandingCorrected,
	projections.StandingRetracted, projections.StandingSuperseded, projections.StandingOverdue,
}

// Query reads the parameters of a timeline. Its error names every fault.
func (x *Reader) Query(r *http.Request, s Views) (projections.Query, error) {
	q := projections.Query{
		Entity: r.FormValue("entity"), Actor: r.FormValue("actor"), Party: r.FormValue("party"), Place: r.FormValue("place"),
		Source: r.FormValue("source"), Standing: r.FormValue("standing"), Text: r.FormValue("q"), Cursor: r.FormValue("cursor"),
	}
	var faults []respond.Fault
	note := func(err error) {
		if err == nil {
			return
		}
		var p *respond.Problem
		if errors.As(err, &p) {
			faults = append(faults, p.Errors...)
		}
	}
	var err error
	q.Reading, err = x.AsOf(r, s, "known")
	note(err)
	waited := err // it is no fault of the reader's, where it is none of a parameter
	q.From, err = Instant(r, "from")
	note(err)
	q.To, err = Instant(r, "to")
	note(err)
	if !q.From.IsZero() && !q.To.IsZero() && !q.From.Before(q.To) {
		faults = append(faults, respond.Fault{Pointer: "to", Detail: "must be after from"})
	}
	if q.Entity != "" {
		if _, err := events.ParseEntity(q.Entity); err != nil {
			faults = append(faults, respond.Fault{Pointer: "entity", Detail: err.Error()})
		}
	}
	q.Types, err = Types(r.FormValue("type"), "type")
	note(err)
	note(OneOf("standing", q.Standing, standings...))
	if text := r.FormValue("min_grade"); text != "" {
		g, err := events.ParseGrade(text)
		if err != nil {
			faults = append(faults, respond.Fault{Pointer: "min_grade", Detail: err.Error()})
		}
		q.MinGrade = &g
	}
	note(OneOf("order", r.FormValue("order"), "occurred", "recorded"))
	note(OneOf("dir", r.FormValue("dir"), "asc", "desc"))
	q.Recorded, q.Desc = r.FormValue("order") == "recorded", r.FormValue("dir") == "desc"
	q.Limit, err = Limit(r, projections.DefaultLimit, projections.MaxLimit)
	note(err)
	switch {
	case faults != nil:
		return q, respond.BadParams(faults...)
	case waited != nil:
		return q, waited
	}
	return q, x.ReachCursor(r, s)
}

// NoneOf returns the error of a parameter whose value is unknown. It lists the known
// values and offers the nearest.
func NoneOf(name, value string, known []string) error {
	return respond.BadParams(respond.Fault{
		Pointer: name, Detail: fmt.Sprintf("must be one of %s, not %q%s", strings.Join(known, ", "), value, events.OrNearest(value, known)),
	})
}

// OneOf returns an error unless a parameter is left out or one of the allowed
// values.
func OneOf(name, value string, allowed ...string) error {
	if value == "" {
		return nil
	}
	for _, a := range allowed {
		if value == a {
			return nil
		}
	}
	return NoneOf(name, value, allowed)
}

// Limit reads the parameter limit of a list.
func Limit(r *http.Request, otherwise, most int) (int, error) {
	text := r.FormValue("limit")
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, respond.BadParams(respond.Fault{Pointer: "limit", Detail: fmt.Sprintf("must be a number from 1 to %d", most)})
	}
	return n, nil
}

// Seq reads a parameter that is a sequence number.
func Seq(r *http.Request, name string, otherwise uint64) (uint64, error) {
	text := r.FormValue(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil || n == 0 {
		return 0, respond.BadParams(respond.Fault{Pointer: name, Detail: fmt.Sprintf("%q is not a sequence number: expected 1 or more", text)})
	}
	return n, nil
}

// Types reads a list of types; aircraft.* means all of a kind.
func Types(text, name string) ([]string, error) {
	if text == "" {
		return nil, nil
	}
	list := strings.Split(text, ",")
	for _, t := range list {
		if !knownType(t) {
			return nil, respond.BadParams(respond.Fault{Pointer: name, Detail: fmt.Sprintf("%q is neither a type of fact nor a pattern such as aircraft.*%s", t, events.OrNearest(t, typeNames()))})
		}
	}
	return list, nil
}

var allTypes = events.Types()

func typeNames() []string {
	var names []string
	for _, t := range allTypes {
		names = append(names, t.Name)
	}
	return names
}

func knownType(pattern string) bool {
	prefix, wild := strings.CutSuffix(pattern, "*")
	for _, t := range allTypes {
		if t.Name == pattern || (wild && strings.HasSuffix(prefix, ".") && strings.HasPrefix(t.Name, prefix)) {
			return true
		}
	}
	return false
}

// Filters are the parameters of a timeline.
var Filters = []string{
	"from", "to", "known", "min", "type", "entity", "actor", "party", "place", "source", "standing", "min_grade", "q",
	"order", "dir", "limit", "cursor", "lang",
}

// MediaType returns the media type of a body; "" if its charset is not UTF-8.
func MediaType(r *http.Request) string {
	t, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if charset := params["charset"]; err != nil || (charset != "" && !strings.EqualFold(charset, "utf-8")) {
		return ""
	}
	return t
}
