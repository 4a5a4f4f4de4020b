package intake

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
)

// ack is the acknowledgement of JetStream.
type ack struct {
	Type      string
	Stream    string
	Seq       uint64
	Duplicate bool
	Error     *struct {
		Code        int
		ErrCode     int `json:"err_code"`
		Description string
	}
}

// answers has a handler answer, and returns the acknowledgement.
func answers(t *testing.T, m *nats.Msg, handler http.HandlerFunc) (ack, outcome) {
	t.Helper()
	n := New(slog.New(slog.DiscardHandler))
	n.handler = handler
	o := n.record(m)
	var a ack
	if err := json.Unmarshal(o.body(), &a); err != nil {
		t.Fatal(err)
	}
	return a, o
}

const event = `{"id":"ABC","subject":"note/n"}`

func published(subject, data string, headers ...string) *nats.Msg {
	m := nats.NewMsg(subject)
	m.Data = []byte(data)
	for i := 0; i < len(headers); i += 2 {
		m.Header[headers[i]] = append(m.Header[headers[i]], headers[i+1])
	}
	return m
}

func TestAnEventIsAPost(t *testing.T) {
	m := published("record.geneva.note.n", event, "authorization", "Bearer x", "Traceparent", "00-1", "X-Other", "no", "nats-msg-id", "abc", "Nats-Expected-Last-Sequence", "7")
	a, o := answers(t, m, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || string(body) != event || r.Method != http.MethodPost || r.URL.Path != "/v1/summits/geneva/facts" {
			t.Errorf("%s %s %s, %v", r.Method, r.URL, body, err)
		}
		if h := r.Header; h.Get("Authorization") != "Bearer x" || h.Get("Traceparent") != "00-1" || h.Get("Content-Type") != "application/cloudevents+json" || h.Get("X-Other") != "" {
			t.Errorf("headers %v", h)
		}
		w.Header().Set("Summit-Position", "3f9a1c20-8")
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"seq":8,"outcome":"created"}`)
	})
	if a.Error != nil || a.Stream != "SUMMIT_geneva" || a.Seq != 8 || a.Duplicate || o.position != "3f9a1c20-8" {
		t.Errorf("%+v %+v", a, o)
	}
	a, _ = answers(t, m, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"seq":8}`) })
	if a.Error != nil || a.Seq != 8 || !a.Duplicate {
		t.Errorf("again: %+v", a)
	}
}

func TestARefusalSaysWhatHTTPWouldSay(t *testing.T) {
	refuses := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status); _, _ = io.WriteString(w, body) }
	}
	problem := refuses(http.StatusUnprocessableEntity, `{"detail":"the event is not valid"}`)
	moved := refuses(http.StatusPreconditionFailed, `{"detail":"the log has moved on"}`)
	for name, c := range map[string]struct {
		m       *nats.Msg
		handler http.HandlerFunc
		code    int
		errCode int
		says    string
	}{
		"invalid":             {published("record.geneva.note.n", event), problem, 422, 10_422, "the event is not valid"},
		"moved":               {published("record.geneva.note.n", event, "Nats-Expected-Last-Sequence", "7"), moved, 412, 10_071, "moved on"},
		"moved, unasked":      {published("record.geneva.note.n", event), moved, 412, 10_412, "moved on"},
		"no JSON":             {published("record.geneva.note.n", event), refuses(http.StatusBadGateway, "<html>"), 500, 10_500, "internal error"},
		"a panic":             {published("record.geneva.note.n", event), func(http.ResponseWriter, *http.Request) { panic(errors.New("oh")) }, 500, 10_500, "internal error"},
		"three tokens":        {published("record.geneva.note", event), problem, 400, 10_400, "record.SUMMIT.KIND.ID"},
		"five tokens":         {published("record.geneva.note.n.x", event), problem, 400, 10_400, "record.SUMMIT.KIND.ID"},
		"no summit":           {published("record.GENEVA.note.n", event), problem, 404, 10_404, "there is no summit"},
		"another entity":      {published("record.geneva.note.m", event), problem, 422, 10_422, "/subject"},
		"another id":          {published("record.geneva.note.n", event, "Nats-Msg-Id", "abd"), problem, 422, 10_422, "/id"},
		"one of two ids":      {published("record.geneva.note.n", event, "Nats-Msg-Id", "abc", "nats-msg-id", "abd"), problem, 422, 10_422, "/id"},
		"part of a batch":     {published("record.geneva.note.n", event, "nats-batch-id", "b"), problem, 400, 10_400, "nats-batch-id"},
		"another expectation": {published("record.geneva.note.n", event, "Nats-Expected-Stream", "S"), problem, 400, 10_400, "Nats-Expected-Stream"},
		"a lifetime":          {published("record.geneva.note.n", event, "Nats-TTL", "1s"), problem, 400, 10_400, "Nats-TTL"},
		"no sequence":         {published("record.geneva.note.n", event, "Nats-Expected-Last-Sequence", "-1"), problem, 400, 10_400, "not a sequence number"},
		"two sequences":       {published("record.geneva.note.n", event, "Nats-Expected-Last-Sequence", "1", "Nats-Expected-Last-Sequence", "1"), problem, 400, 10_400, "not a sequence number"},
	} {
		a, o := answers(t, c.m, c.handler)
		if a.Error == nil || a.Error.Code != c.code || a.Error.ErrCode != c.errCode || !strings.Contains(a.Error.Description, c.says) || a.Type == "" {
			t.Errorf("%s: %+v %+v", name, a, a.Error)
		}
		if o.status != c.code {
			t.Errorf("%s: counted as %d", name, o.status)
		}
	}
}

// An answer never makes the server write where only the servers write.
func TestAnswersGoNowhereThatIsReserved(t *testing.T) {
	for subject, want := range map[string]bool{
		"_INBOX.x": false, "mine.answers": false, "": false, "factsheet.x": false, "recorder": false,
		"facts.geneva.note.n": true, "facts": true, "record.geneva.note.n": true, "$JS.API.STREAM.DELETE.X": true, "$SYS.x": true, "_SUMMIT_INBOX.x": true,
	} {
		if got := reserved(subject); got != want {
			t.Errorf("%q: %v", subject, got)
		}
	}
}
