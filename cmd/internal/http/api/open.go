package api

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/cmd/internal/access"
	"github.com/summit-timeline/summit/cmd/internal/http/middleware"
	"github.com/summit-timeline/summit/cmd/internal/http/reading"
	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
)

// MaxBody is the most bytes of a request: a full batch of ordinary events.
const MaxBody = 16 << 20

func readBody(w http.ResponseWriter, r *http.Request, most int64) ([]byte, error) {
	return io.ReadAll(http.MaxBytesReader(w, r.Body, most))
}

// openWait is how long the views of a new summit may take to have its opening, which is in the
// log by then: a busy cluster that has just made the log takes longer than for a read.
const openWait = 10 * time.Second

// OpenSummit opens a summit with a summit.opened event, or with its data and an id.
func (x *API) OpenSummit(w http.ResponseWriter, r *http.Request) error {
	if t := reading.MediaType(r); t != events.ContentType && t != respond.JSONType && !isBinary(r) {
		return &respond.Problem{Status: http.StatusUnsupportedMediaType, Detail: "send " + events.ContentType + " or " + respond.JSONType}
	}
	body, err := readBody(w, r, events.MaxSize)
	if err != nil {
		return err
	}
	e, err := openingOf(r, body)
	if err != nil {
		return err
	}
	if middleware.Hidden(r, e.Summit) {
		return middleware.Forbid(w, middleware.Identity(r), access.Operate, e.Summit)
	}
	signed := []events.Event{e}
	if err := sign(w, r, e.Summit, signed); err != nil {
		return err
	}
	e = signed[0]
	s, outcome, err := x.Open(r.Context(), e)
	if errors.Is(err, store.ErrExists) {
		return respond.Reword(err, "another summit was already opened under the id "+e.Summit)
	}
	if err != nil {
		return err
	}
	s.Owe(outcome.Seq)
	ctx, cancel := context.WithTimeout(r.Context(), openWait)
	defer cancel()
	if err := s.Await(ctx, outcome.Seq); err != nil {
		return err
	}
	status := http.StatusCreated
	if outcome.Outcome == store.Duplicate {
		status = http.StatusOK
	}
	w.Header().Set("Location", "/v1/summits/"+s.Summit())
	w.Header().Set("Summit-Position", s.Head().String())
	b, err := summaryJSON(r.Context(), s, s.Latest())
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", respond.JSONType)
	w.WriteHeader(status)
	_, _ = w.Write(b) // the reader may be gone
	return nil
}

// openingOf reads either form of an opening. The source of the shorter one is the
// desk that records it.
func openingOf(r *http.Request, body []byte) (events.Event, error) {
	if isBinary(r) {
		return openingEvent(r, body)
	}
	var members map[string]jsontext.Value
	if err := jsonv2.Unmarshal(body, &members); err != nil {
		return events.Event{}, events.Faults{{Detail: "is not a JSON object: " + err.Error()}}
	}
	if _, isEvent := members["type"]; isEvent {
		return openingEvent(r, body)
	}
	return openingFromData(members, middleware.Identity(r).Desk)
}

func openingEvent(r *http.Request, body []byte) (events.Event, error) {
	e, err := submit(r, body, "")
	if err != nil {
		return e, err
	}
	if e.Type != events.TypeSummitOpened {
		return e, events.Faults{{Pointer: "/type", Detail: "must be " + events.TypeSummitOpened}}
	}
	if e.Summit == "" {
		e.Summit = e.Subject.ID
	}
	if e.Summit != e.Subject.ID {
		return e, events.Faults{{Pointer: "/subject", Detail: "must be summit/" + e.Summit}}
	}
	return e, nil
}

func openingFromData(members map[string]jsontext.Value, desk string) (events.Event, error) {
	var id string
	if err := jsonv2.Unmarshal(members["id"], &id); err != nil || !events.IsSlug(id) {
		return events.Event{}, events.Faults{{Pointer: "/id", Detail: "must be a slug such as alaska-2025: 1 to 63 of a-z, 0-9 and -"}}
	}
	source := cmp.Or(desk, "/desks/http")
	if raw, given := members["source"]; given {
		if err := jsonv2.Unmarshal(raw, &source); err != nil {
			return events.Event{}, events.Faults{{Pointer: "/source", Detail: "must be a string"}}
		}
		delete(members, "source")
	}
	delete(members, "id")
	data, err := jsonv2.Marshal(members, jsonv2.Deterministic(true))
	if err != nil {
		return events.Event{}, err
	}
	payload, err := events.DecodeData(events.TypeSummitOpened, data, "")
	if err != nil {
		return events.Event{}, err
	}
	return events.Event{
		Source: source, Type: events.TypeSummitOpened, Summit: id, Data: payload,
		Subject: events.Entity{Kind: events.KindSummit, ID: id},
	}, nil
}
