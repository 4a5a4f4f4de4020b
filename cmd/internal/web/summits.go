package web

import (
	"cmp"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/cmd/internal/access"
	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store"
)

func (x *Handler) summary(w http.ResponseWriter, r *http.Request, s *summits.Summit) error {
	if err := x.await(w, r, s); err != nil {
		return err
	}
	at, err := x.reading(r, s, "known")
	if err != nil {
		return err
	}
	if done, err := x.fresh(w, r, s, at, "known"); done || err != nil {
		return err
	}
	b, err := summaryJSON(r.Context(), s, at)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", jsonType)
	_, _ = w.Write(b) // the reader may be gone
	return nil
}

// summaryJSON is the summit's own answer.
func summaryJSON(ctx context.Context, s *summits.Summit, at projections.Reading) ([]byte, error) {
	sum, err := s.Views.Summary(ctx, at)
	if err != nil {
		return nil, err
	}
	var o object
	if err := o.stamp(s.ID, sum.Stamp); err != nil {
		return nil, err
	}
	var last any
	if sum.Events > 0 {
		last = events.Instant{Time: sum.LastRecorded}
	}
	for _, m := range []struct {
		name  string
		value any
	}{
		{"id", sum.ID},
		{"title", sum.Title},
		{"zone", sum.Zone},
		{"zones", sum.Zones},
		{"place", sum.Place},
		{"starts", optional(sum.Starts)},
		{"ends", optional(sum.Ends)},
		{"parties", sum.Parties},
		{"phase", sum.Phase},
		{"facts", sum.Facts},
		{"events", sum.Events},
		{"amendments", sum.Amendments},
		{"last_recorded", last},
	} {
		if err := o.member(m.name, m.value); err != nil {
			return nil, err
		}
	}
	o.WriteByte('}')
	return o.Bytes(), nil
}

func optional(i events.Instant) *events.Instant {
	if i.IsZero() {
		return nil
	}
	return &i
}

// maxBody is the most bytes of a request: a full batch of ordinary events.
const maxBody = 16 << 20

func readBody(w http.ResponseWriter, r *http.Request, most int64) ([]byte, error) {
	return io.ReadAll(http.MaxBytesReader(w, r.Body, most))
}

func mediaType(r *http.Request) string {
	t, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if charset := params["charset"]; err != nil || (charset != "" && !strings.EqualFold(charset, "utf-8")) {
		return ""
	}
	return t
}

// openSummit takes a summit.opened event, or just its data with an id.
func (x *Handler) openSummit(w http.ResponseWriter, r *http.Request) error {
	if t := mediaType(r); t != events.ContentType && t != jsonType && !isBinary(r) {
		return &Problem{Status: http.StatusUnsupportedMediaType, Detail: "send " + events.ContentType + " or " + jsonType}
	}
	body, err := readBody(w, r, events.MaxSize)
	if err != nil {
		return err
	}
	e, err := openingOf(r, body)
	if err != nil {
		return err
	}
	if hidden(r, e.Summit) {
		return forbid(w, identity(r), access.Operate, e.Summit)
	}
	signed := []events.Event{e}
	if err := sign(w, r, e.Summit, signed); err != nil {
		return err
	}
	e = signed[0]
	s, outcome, err := x.host.OpenSummit(r.Context(), e)
	if errors.Is(err, store.ErrExists) {
		return &Problem{Status: http.StatusConflict, Detail: "another summit was opened under the id " + e.Summit + " already"}
	}
	if err != nil {
		return err
	}
	s.Views.Owe(outcome.Seq)
	if _, err := x.reach(r.Context(), s, outcome.Seq); err != nil {
		return err
	}
	status := http.StatusCreated
	if outcome.Outcome == store.Duplicate {
		status = http.StatusOK
	}
	w.Header().Set("Location", "/v1/summits/"+s.ID)
	w.Header().Set("Summit-Position", s.Views.Head().String())
	b, err := summaryJSON(r.Context(), s, s.Views.Latest())
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", jsonType)
	w.WriteHeader(status)
	_, _ = w.Write(b) // the reader may be gone
	return nil
}

// openingOf reads either form of an opening. The shorter is on the word of the
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
	return openingFromData(members, identity(r).Desk)
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
			return events.Event{}, events.Faults{{Pointer: "/source", Detail: "must be a text"}}
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
