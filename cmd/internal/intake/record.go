package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"

	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/events"
)

// record submits one event.
func (n *Intake) record(m *nats.Msg) (o outcome) {
	defer func() {
		if p := recover(); p != nil {
			n.logger.Error("panic while recording over NATS", "subject", m.Subject, "panic", p)
			o = refused(http.StatusInternalServerError, "internal error: the operator's log has the details")
		}
	}()
	q, o := read(m)
	if o.status != 0 {
		return o
	}
	r, err := q.http()
	if err != nil {
		return refused(http.StatusBadRequest, err.Error())
	}
	a := &answered{header: http.Header{}}
	n.handler.ServeHTTP(a, r)
	return q.outcome(a)
}

// request is an event as it was published.
type request struct {
	summit, entity string
	headers        headers
	data           []byte
	last           *uint64 // the sequence that the log is expected to end at
}

// read reads the subject and the headers of a message; the outcome is zero where
// nothing is wrong with them.
func read(m *nats.Msg) (request, outcome) {
	tokens := strings.Split(m.Subject, ".")
	if len(tokens) != 4 {
		return request{}, refused(http.StatusBadRequest, fmt.Sprintf("the subject %.200q does not name an entity: publish on record.SUMMIT.KIND.ID", m.Subject))
	}
	q := request{summit: tokens[1], entity: tokens[2] + "/" + tokens[3], headers: headers(m.Header), data: m.Data}
	if !events.IsSlug(q.summit) {
		return q, refused(http.StatusNotFound, fmt.Sprintf("there is no summit %.100q", q.summit))
	}
	if o := q.expects(); o.status != 0 {
		return q, o
	}
	return q, q.agrees()
}

// agrees compares the event with the subject and the id that came with it. What
// is not an event at all is refused on admission.
func (q *request) agrees() outcome {
	var e struct {
		ID      string `json:"id"`
		Subject string `json:"subject"`
	}
	if len(q.data) > events.MaxSize || json.Unmarshal(q.data, &e) != nil {
		return outcome{}
	}
	if e.Subject != "" && e.Subject != q.entity {
		return refused(http.StatusUnprocessableEntity, fmt.Sprintf("/subject is %.200q, but the event was published on the subject of %.200q: they must be the same", e.Subject, q.entity))
	}
	for _, id := range q.headers.all("Nats-Msg-Id") {
		if !strings.EqualFold(id, e.ID) {
			return refused(http.StatusUnprocessableEntity, fmt.Sprintf("/id is %.100q, but Nats-Msg-Id is %.100q: they must be the same", e.ID, id))
		}
	}
	return outcome{}
}

const expectedLast = "Nats-Expected-Last-Sequence"

// unheeded are the beginnings of headers that ask JetStream for what is not done
// here: to ignore them would be to promise it.
var unheeded = []string{"nats-expected-", "nats-batch-", "nats-rollup", "nats-ttl", "nats-incr", "nats-schedule"}

// expects reads what is expected of the log, and refuses what is not heeded.
func (q *request) expects() outcome {
	for name := range q.headers {
		if strings.EqualFold(name, expectedLast) {
			continue
		}
		for _, beginning := range unheeded {
			if strings.HasPrefix(strings.ToLower(name), beginning) {
				return refused(http.StatusBadRequest, fmt.Sprintf("the header %.100s is not supported when recording: omit it", name))
			}
		}
	}
	for _, text := range q.headers.all(expectedLast) {
		last, err := strconv.ParseUint(text, 10, 64)
		if err != nil || q.last != nil {
			return refused(http.StatusBadRequest, fmt.Sprintf("%s %.100q is not a sequence number", expectedLast, text))
		}
		q.last = &last
	}
	return outcome{}
}

// http makes the POST that says the same.
func (q *request) http() (*http.Request, error) {
	ctx := context.Background() // who admits it bounds how long that may take
	if q.last != nil {
		ctx = summits.ExpectLast(ctx, *q.last)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://localhost/v1/summits/"+q.summit+"/facts", bytes.NewReader(q.data))
	if err != nil {
		return nil, fmt.Errorf("hand an event in: %w", err)
	}
	r.RequestURI = r.URL.RequestURI()
	r.Header.Set("Content-Type", events.ContentType)
	for _, name := range []string{"Authorization", "Traceparent", "Tracestate"} {
		for _, value := range q.headers.all(name) {
			r.Header.Add(name, value)
		}
	}
	return r, nil
}

// outcome reads the answer to the POST.
func (q *request) outcome(a *answered) outcome {
	var body struct {
		Seq     uint64 `json:"seq"`
		Outcome string `json:"outcome"`
		Detail  string `json:"detail"`
	}
	if err := json.Unmarshal(a.body.Bytes(), &body); err != nil {
		return refused(http.StatusInternalServerError, "internal error: the operator's log has the details")
	}
	o := outcome{
		status: a.status, detail: body.Detail, stream: "SUMMIT_" + q.summit, seq: body.Seq, duplicate: a.status == http.StatusOK,
		position: a.header.Get("Summit-Position"),
	}
	if q.last != nil && o.status == http.StatusPreconditionFailed {
		o.code = wrongLast
	}
	return o
}

// headers are those of a message, whatever their letters.
type headers nats.Header

func (h headers) all(name string) (values []string) {
	for key, list := range h {
		if strings.EqualFold(key, name) {
			values = append(values, list...)
		}
	}
	return values
}

// answered takes an answer of HTTP.
type answered struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header returns the headers of the answer.
func (a *answered) Header() http.Header { return a.header }

// WriteHeader takes its status.
func (a *answered) WriteHeader(status int) {
	if a.status == 0 && status >= http.StatusOK {
		a.status = status
	}
}

// Write takes a part of its body.
func (a *answered) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}
