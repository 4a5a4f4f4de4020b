package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/cmd/internal/broker"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/eventstest"
	"github.com/summit-timeline/summit/store/embedded"
)

// recorder is a connection with the recorder's credential.
func (p *process) recorder(t *testing.T, dir string) *nats.Conn {
	t.Helper()
	c, err := embedded.LoadCredentials(filepath.Join(dir, broker.UsersFile), func() string { t.Fatal("there are no credentials"); return "" })
	if err != nil {
		t.Fatal(err)
	}
	nc, err := nats.Connect(p.nats, nats.UserInfo("recorder", c.Recorder))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}

// answer is what a recorder is answered.
type answer struct {
	Stream    string
	Seq       uint64
	Duplicate bool
	Type      string
	Error     *struct {
		Code        int
		ErrCode     int `json:"err_code"`
		Description string
	}
	position string
}

func publish(t *testing.T, nc *nats.Conn, subject, data string, header ...string) answer {
	t.Helper()
	m := nats.NewMsg(subject)
	m.Data = []byte(data)
	for i := 0; i < len(header); i += 2 {
		m.Header[header[i]] = append(m.Header[header[i]], header[i+1])
	}
	reply, err := nc.RequestMsg(m, time.Minute)
	if err != nil {
		t.Fatalf("%s: %v", subject, err)
	}
	a := answer{position: reply.Header.Get("Summit-Position")}
	if err := json.Unmarshal(reply.Data, &a); err != nil {
		t.Fatalf("%s: %s: %v", subject, reply.Data, err)
	}
	return a
}

// oddNote is a note on note/f with an id.
func oddNote(id, text string) string {
	return strings.Replace(noteEvent("f", text), "{", fmt.Sprintf(`{"id":%q,`, id), 1)
}

func TestAnEventOverNATSIsTakenAsOverHTTP(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	p := start(t, dir)
	nc := p.recorder(t, dir)
	const subject = "record.alaska-2025.note.f"
	id, seq, epoch := foreignID, uint64(26), p.epoch(t, "alaska-2025")
	retraction := fmt.Sprintf(`{"source":"/d","type":"fact.retracted","subject":"note/f","data":{"target":%q,"reason":"r"}}`, id(1))
	for _, c := range []struct {
		name, subject, data string
		header              []string
		status              int // that HTTP would answer
		says                string
	}{
		{"new", subject, oddNote(id(1), "one"), nil, 201, ""},
		{"again", subject, oddNote(id(1), "one"), nil, 200, ""},
		{"again, with its id in capitals", subject, oddNote(strings.ToUpper(id(1)), "one"), []string{"Nats-Msg-Id", strings.ToUpper(id(1))}, 200, ""},
		{"without an id", subject, noteEvent("f", "any"), nil, 201, ""},
		{"with a message id", subject, oddNote(id(2), "two"), []string{"Nats-Msg-Id", id(2)}, 201, ""},
		{"with the small letters of a header", subject, oddNote(id(3), "three"), []string{"nats-msg-id", id(3)}, 201, ""},
		{"its id says something else", subject, oddNote(id(1), "another"), nil, 409, "with different content"},
		{"another message id", subject, oddNote(id(4), "four"), []string{"Nats-Msg-Id", id(5)}, 422, "Nats-Msg-Id"},
		{"a message id and no id", subject, noteEvent("f", "x"), []string{"Nats-Msg-Id", id(6)}, 422, "Nats-Msg-Id"},
		{"what was refused, as it should be", subject, oddNote(id(4), "four"), []string{"Nats-Msg-Id", id(4)}, 201, ""},
		{"another entity", "record.alaska-2025.note.g", oddNote(id(7), "seven"), nil, 422, "/subject"},
		{"another summit in the event", subject, strings.Replace(oddNote(id(7), "seven"), "{", `{"summit":"geneva",`, 1), nil, 422, "/summit"},
		{"another summit in the subject", "record.geneva.note.f", oddNote(id(7), "seven"), nil, 404, ""},
		{"no summit's name", "record.Alaska.note.f", oddNote(id(7), "seven"), nil, 404, "Alaska"},
		{"too few tokens", "record.alaska-2025.note", oddNote(id(7), "seven"), nil, 400, "record.SUMMIT.KIND.ID"},
		{"too many tokens", subject + ".x", oddNote(id(7), "seven"), nil, 400, "record.SUMMIT.KIND.ID"},
		{"no JSON", subject, "\x00\xff rubbish", nil, 422, ""},
		{"nothing", subject, "", nil, 422, ""},
		{"a list", subject, "[" + oddNote(id(7), "seven") + "]", nil, 422, ""},
		{"too large", subject, oddNote(id(7), strings.Repeat("x", events.MaxSize)), nil, 413, "60 KiB"},
		{"an offset that there is not", subject, strings.Replace(oddNote(id(7), "seven"), "{", `{"time":"2026-01-01T00:00:00+24:00",`, 1), nil, 422, "/time"},
		{"an amendment", subject, retraction, nil, 201, ""},
		{"an amendment of nothing", subject, strings.Replace(retraction, id(1), id(99), 1), nil, 422, "/data/target"},
		{"an opening", "record.alaska-2025.summit.alaska-2025", `{"source":"/d","type":"summit.opened","subject":"summit/alaska-2025","data":{"title":"T","zone":"UTC","parties":[]}}`, nil, 422, "/type"},
		{"after the end", subject, oddNote(id(8), "eight"), []string{"Nats-Expected-Last-Sequence", "32"}, 201, ""},
		{"after what is not the end", subject, oddNote(id(9), "nine"), []string{"Nats-Expected-Last-Sequence", "32"}, 412, "wrong last sequence: 33"},
		{"again, after what is not the end", subject, oddNote(id(8), "eight"), []string{"Nats-Expected-Last-Sequence", "32"}, 200, ""},
		{"after no sequence", subject, oddNote(id(9), "nine"), []string{"Nats-Expected-Last-Sequence", "x"}, 400, "Nats-Expected-Last-Sequence"},
		{"expecting something else", subject, oddNote(id(9), "nine"), []string{"Nats-Expected-Last-Subject-Sequence", "1"}, 400, "Nats-Expected-Last-Subject-Sequence"},
		{"part of a batch", subject, oddNote(id(9), "nine"), []string{"Nats-Batch-Id", "b", "Nats-Batch-Sequence", "1"}, 400, "Nats-Batch"},
		{"a rollup", subject, oddNote(id(9), "nine"), []string{"Nats-Rollup", "all"}, 400, "Nats-Rollup"},
		{"a recorded time", subject, strings.Replace(oddNote(id(10), "ten"), "{", `{"recordedtime":"1999-01-01T00:00:00Z",`, 1), nil, 201, ""},
	} {
		a := publish(t, nc, c.subject, c.data, c.header...)
		switch {
		case c.status >= 400:
			if a.Error == nil || a.Error.Code != c.status || a.Error.ErrCode < 10000 || a.Error.Description == "" || !strings.Contains(a.Error.Description, c.says) ||
				a.Type != "io.nats.jetstream.api.v1.pub_ack_response" || a.Seq != 0 {
				t.Errorf("%s: %+v %+v, want %d", c.name, a, a.Error, c.status)
			}
			continue
		case a.Error != nil:
			t.Fatalf("%s: %+v", c.name, a.Error)
		case c.status == http.StatusCreated:
			seq++
		}
		if a.Duplicate != (c.status == http.StatusOK) || a.Stream != "SUMMIT_alaska-2025" || a.position != epoch+"-"+strconv.FormatUint(a.Seq, 10) || !a.Duplicate && a.Seq != seq {
			t.Errorf("%s: %+v, want %d of %d", c.name, a, seq, c.status)
		}
	}
	var after struct {
		Complete bool
		Position string
	}
	last := fmt.Sprintf("%s-%d", epoch, seq)
	if p.get(t, "/v1/summits/alaska-2025/timeline?min="+last, &after); !after.Complete || after.Position != last {
		t.Errorf("%+v, want %d", after, seq)
	}
}

// Every way in which a stock client publishes gets the acknowledgement of JetStream. A
// publish without a reply subject is recorded too.
func TestStockClientsRecord(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	p := start(t, dir)
	nc := p.recorder(t, dir)
	const subject = "record.alaska-2025.note.f"
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	ack, err := js.Publish(t.Context(), subject, []byte(oddNote(foreignID(1), "one")), jetstream.WithMsgID(foreignID(1)))
	if err != nil || ack.Sequence != 27 || ack.Stream != "SUMMIT_alaska-2025" || ack.Duplicate {
		t.Fatalf("jetstream: %+v, %v", ack, err)
	}
	future, err := js.PublishAsync(subject, []byte(oddNote(foreignID(2), "two")))
	if err != nil {
		t.Fatal(err)
	}
	select {
	case ack := <-future.Ok():
		if ack.Sequence != 28 {
			t.Errorf("asynchronous: %+v", ack)
		}
	case err := <-future.Err():
		t.Error(err)
	}
	_, err = js.Publish(t.Context(), subject, []byte(oddNote(foreignID(3), "three")), jetstream.WithExpectLastSequence(3))
	if api := (*jetstream.APIError)(nil); !errors.As(err, &api) || api.ErrorCode != jetstream.JSErrCodeStreamWrongLastSequence {
		t.Errorf("a wrong expectation: %v", err)
	}
	old, err := nc.JetStream()
	if err != nil {
		t.Fatal(err)
	}
	if ack, err := old.Publish(subject, []byte(oddNote(foreignID(1), "one"))); err != nil || ack.Sequence != 27 || !ack.Duplicate {
		t.Errorf("the older interface: %+v, %v", ack, err)
	}
	for _, data := range []string{"{", oddNote(foreignID(4), "four")} { // nobody waits for an answer
		if err := nc.Publish(subject, []byte(data)); err != nil {
			t.Fatal(err)
		}
	}
	eventstest.Eventually(t, "what was not waited for", func() bool {
		figures := p.text(t, "/metrics")
		return strings.Contains(figures, "\nsummit_nats_records_total{status=\"201\"} 3\n") && strings.Contains(figures, "\nsummit_nats_records_total{status=\"422\"} 1\n")
	})
	if status := p.get(t, "/v1/summits/alaska-2025/facts/"+foreignID(4), &struct{}{}); status != http.StatusOK {
		t.Errorf("what nobody waited for: %d", status)
	}
}

// A recorder cannot have the server write for it, by an answer that it has sent to
// where events are.
func TestAnAnswerIsNoEvent(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	p := start(t, dir)
	nc := p.recorder(t, dir)
	for i, reply := range []string{"facts.alaska-2025.note.f", "record.alaska-2025.note.f", "$JS.API.STREAM.DELETE.SUMMIT_alaska-2025"} {
		if err := nc.PublishRequest("record.alaska-2025.note.f", reply, []byte(oddNote(foreignID(i), "x"))); err != nil {
			t.Fatal(err)
		}
	}
	last := publish(t, nc, "record.alaska-2025.note.f", oddNote(foreignID(9), "the last"))
	eventstest.Eventually(t, "all of them", func() bool {
		var s struct{ Position string }
		p.get(t, "/v1/summits/alaska-2025", &s)
		return strings.HasSuffix(s.Position, "-30")
	})
	if a := publish(t, nc, "record.alaska-2025.note.f", oddNote(foreignID(10), "one more")); a.Seq != 31 || last.Error != nil {
		t.Errorf("%+v", a)
	}
}

func TestRecordingOverNATSAsksForATokenWhereHTTPDoes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	anna, reader := madeToken(t, dir, "anna", "recorder"), madeToken(t, dir, "rita", "reader")
	p := start(t, dir)
	nc := p.recorder(t, dir)
	const subject = "record.alaska-2025.note.f"
	mine := strings.Replace(noteEvent("f", "mine"), "/desks/test", "/desks/anna", 1)
	for _, c := range []struct {
		name, data string
		header     []string
		status     int
	}{
		{"without a token", mine, nil, 401},
		{"a token that nobody has", mine, []string{"Authorization", "Bearer x"}, 401},
		{"no Bearer", mine, []string{"Authorization", anna}, 401},
		{"a reader's", mine, []string{"Authorization", "Bearer " + reader}, 403},
		{"another desk's event", noteEvent("f", "theirs"), []string{"Authorization", "Bearer " + anna}, 403},
		{"a recorder's", mine, []string{"Authorization", "Bearer " + anna}, 201},
		{"with a small letter", mine, []string{"authorization", "bearer " + anna}, 201},
	} {
		a := publish(t, nc, subject, c.data, c.header...)
		if got := a.Error; c.status >= 400 && (got == nil || got.Code != c.status) || c.status < 400 && got != nil {
			t.Errorf("%s: %+v %+v", c.name, a, a.Error)
		}
	}
}

// Two replicas answer as one while each of them is killed and started again. A client
// without an answer sends the event again, with the same id.
func TestReplicasTakeEventsOverNATSThroughKills(t *testing.T) {
	f := newHerd(t, -1)
	replica := func(name string) *process {
		return startWith(t, "--data", filepath.Join(f.dir, name), "--addr", "127.0.0.1:0", "--nats", f.url, "--replicas", "1")
	}
	list := []*process{replica("one"), replica("two")}
	const callers, each = 4, 60
	half := make(chan struct{}, callers*each)
	var all sync.WaitGroup
	for k := range callers {
		all.Go(func() {
			for i := range each {
				id := foreignID(k*each + i)
				for first := true; ; first = false {
					reply, err := f.nc.Request("record.alaska-2025.note.f", []byte(oddNote(id, "sent until it is answered")), 5*time.Second)
					var a answer
					if err == nil {
						err = json.Unmarshal(reply.Data, &a)
					}
					if err == nil && a.Error == nil {
						if a.Duplicate && first {
							t.Errorf("%s is a duplicate the first time", id)
						}
						break
					}
					if err == nil && a.Error.Code != http.StatusServiceUnavailable && a.Error.Code != http.StatusNotFound {
						t.Errorf("%s: %+v", id, a.Error)
						break
					}
				}
				half <- struct{}{}
			}
		})
	}
	for i, name := range []string{"one", "two"} {
		for range callers * each / 3 {
			<-half
		}
		list[i].end(t, syscall.SIGKILL)
		list[i] = replica(name)
	}
	all.Wait()
	lines := strings.Split(strings.TrimSpace(list[0].text(t, "/v1/summits/alaska-2025/log")), "\n")
	ids := map[string]int{}
	for _, line := range lines {
		var e struct{ ID string }
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		ids[e.ID]++
	}
	for k := range callers * each {
		if ids[foreignID(k)] != 1 {
			t.Errorf("%s is in the log %d times", foreignID(k), ids[foreignID(k)])
		}
	}
	for _, p := range list {
		var after struct{ Complete bool }
		if p.get(t, "/v1/summits/alaska-2025/timeline?limit=1", &after); !after.Complete {
			t.Error("an acknowledged event is quarantined")
		}
	}
}
