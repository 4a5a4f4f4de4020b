package api

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/cmd/internal/http/reading"
	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store"
)

// BatchType is the media type of a batch of events.
const BatchType = "application/cloudevents-batch+json"

// Recorded is the answer for one event.
type Recorded struct {
	ID       string        `json:"id"`
	Seq      uint64        `json:"seq"`
	Position string        `json:"position"`
	Outcome  store.Outcome `json:"outcome"`
}

// Record records an event or a batch.
func (*API) Record(w http.ResponseWriter, r *http.Request, s Recorder) error {
	switch t := reading.MediaType(r); {
	case t == events.ContentType, isBinary(r):
		return recordOne(w, r, s)
	case t == BatchType:
		return recordBatch(w, r, s)
	}
	return &respond.Problem{
		Status: http.StatusUnsupportedMediaType,
		Detail: "send one event as " + events.ContentType + ", a JSON list of events as " + BatchType + ", or the data of one as " + respond.JSONType + " with its attributes in ce-* headers",
	}
}

func recordOne(w http.ResponseWriter, r *http.Request, s Recorder) error {
	body, err := readBody(w, r, events.MaxSize+1)
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return events.ErrTooLarge
	}
	if err != nil {
		return &respond.Problem{Status: http.StatusBadRequest, Detail: "the body could not be read completely: " + err.Error()}
	}
	e, err := submit(r, body, s.Summit())
	if err != nil {
		return err
	}
	results, err := appendAll(w, r, s, []events.Event{e})
	if err != nil {
		return err
	}
	status := http.StatusCreated
	if results[0].Outcome == store.Duplicate {
		status = http.StatusOK
	}
	w.Header().Set("Summit-Position", results[0].Position)
	w.Header().Set("Location", "/v1/summits/"+s.Summit()+"/facts/"+results[0].ID)
	return respond.JSON(w, status, results[0])
}

func recordBatch(w http.ResponseWriter, r *http.Request, s Recorder) error {
	body, err := readBody(w, r, MaxBody)
	if err != nil {
		return err
	}
	var raws []jsontext.Value
	if err := jsonv2.Unmarshal(body, &raws); err != nil {
		return events.Faults{{Detail: "is not a JSON list of events: " + err.Error()}}
	}
	if len(raws) > store.MaxBatch {
		return &respond.Problem{Status: http.StatusRequestEntityTooLarge, Detail: fmt.Sprintf("the batch has %d events; the limit is %d: send several batches", len(raws), store.MaxBatch)}
	}
	list, err := submitAll(raws, s.Summit())
	if err != nil {
		return err
	}
	results, err := appendAll(w, r, s, list)
	var in *projections.Inadmissible
	if errors.As(err, &in) {
		return prefixed(in.Index, in.Faults)
	}
	if err != nil {
		return err
	}
	status := http.StatusOK
	for _, res := range results {
		w.Header().Set("Summit-Position", res.Position)
		if res.Outcome == store.Created {
			status = http.StatusCreated
		}
	}
	return respond.JSON(w, status, map[string]any{"results": results})
}

// submitAll reads every event of a batch and names every fault, by index.
func submitAll(raws []jsontext.Value, summit string) ([]events.Event, error) {
	var all events.Faults
	list := make([]events.Event, 0, len(raws))
	seen := map[string]int{}
	for i, raw := range raws {
		e, err := events.Submit(raw, summit)
		var faults events.Faults
		if errors.As(err, &faults) {
			all = append(all, prefixed(i, faults)...)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("event %d: %w", i, err)
		}
		if first, twice := seen[e.ID]; twice && e.ID != "" {
			all = append(all, events.Fault{Pointer: "/" + strconv.Itoa(i) + "/id", Detail: fmt.Sprintf("is already the id of event %d of the batch", first)})
		}
		seen[e.ID] = i
		list = append(list, e)
	}
	if all != nil {
		return nil, all
	}
	return list, nil
}

func prefixed(i int, faults events.Faults) events.Faults {
	out := make(events.Faults, len(faults))
	for j, f := range faults {
		out[j] = events.Fault{Pointer: "/" + strconv.Itoa(i) + f.Pointer, Detail: f.Detail}
	}
	return out
}

// appendAll records events and returns their outcomes.
func appendAll(w http.ResponseWriter, r *http.Request, s Recorder, list []events.Event) ([]Recorded, error) {
	if err := sign(w, r, s.Summit(), list); err != nil {
		return nil, err
	}
	match, err := ifMatch(r)
	if err != nil {
		return nil, err
	}
	outcomes, err := s.Record(r.Context(), list, match)
	if err != nil {
		return nil, err
	}
	epoch := s.Head().Epoch
	out := make([]Recorded, len(outcomes))
	for i, o := range outcomes {
		out[i] = Recorded{o.ID, o.Seq, events.Position{Epoch: epoch, Seq: o.Seq}.String(), o.Outcome}
	}
	return out, nil
}

// ifMatch reads the position up to which a caller has seen the entity.
func ifMatch(r *http.Request) (*events.Position, error) {
	text := r.Header.Get("If-Match")
	if text == "" {
		return nil, nil
	}
	p, err := events.ParsePosition(strings.Trim(text, `"`))
	if err != nil {
		return nil, respond.BadParams(respond.Fault{Pointer: "If-Match", Detail: err.Error()})
	}
	return &p, nil
}
