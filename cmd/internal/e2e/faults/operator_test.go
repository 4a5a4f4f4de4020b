//go:build linux

package faults

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/store/embedded"
)

const (
	// unreadable is how many events that nobody can read are put into the log of a
	// lone server, and fewer how many into that of a cluster.
	unreadable = 10_000
	fewer      = 1000
	// beside is how many facts an operator puts there.
	beside = 100
)

// rubbish are the kinds of what nobody can read: no JSON, no event, an event of a
// later version, one that says less than it must, and one whose time cannot be.
var rubbish = []string{
	`rubbish %d`, `{"number":%d}`,
	`{"specversion":"1.0","type":"note.added","dataschema":"/schemas/note.added/99","data":{"number":%d}}`,
	`{"specversion":"1.0","type":"note.added","dataschema":"/schemas/note.added/1","data":{"text":"%d"}}`,
	`{"specversion":"1.0","id":"0198a9f2-7c1e-7000-8000-%012d","source":"/o","type":"note.added","subject":"note/strange","recordedtime":"2026-01-01T00:00:00+24:00","data":{}}`,
}

// strange puts into the log of a lone server what recorders of older versions
// could write there, while the server is stopped.
func (t *trial) strange() {
	t.after(200)
	t.s.stop()
	broker, err := embedded.Start(embedded.Options{
		Dir: filepath.Join(t.s.data, "nats"), Secret: rand.Text(), Logger: slog.New(slog.DiscardHandler), Interval: time.Second,
	})
	t.must(err)
	conn, err := broker.Connect("stranger")
	t.must(err)
	t.litter(conn, unreadable)
	conn.Close()
	t.must(broker.Shutdown())
	t.s.mustStart()
}

// operates lets an operator of the cluster write beside the replicas: what
// nobody can read, and facts, which a desk then hands in too.
func (t *trial) operates() {
	conn := t.c.connect(operator)
	defer conn.Close()
	t.after(200)
	t.litter(conn, fewer)
	js, err := jetstream.New(conn)
	t.must(err)
	for i := range beside {
		w := t.writer(i, "operator")
		id, note := uuid.NewString(), fmt.Sprint("operator-", i)
		event := w.fact(id, note, "put into the log, and handed in")
		_, err := js.Publish(t.ctx, "facts."+t.summit+".note."+note, t.stored(event), jetstream.WithRetryAttempts(0))
		t.must(err)
		t.must(w.record(t.ctx, id, event, true))
	}
}

// stored is an event as a server would store it.
func (t *trial) stored(event string) []byte {
	var e map[string]any
	t.must(json.Unmarshal([]byte(event), &e))
	for name, value := range map[string]string{
		"specversion": "1.0", "summit": t.summit, "datacontenttype": "application/json", "dataschema": "/schemas/note.added/1",
		"recordedtime": time.Now().UTC().Format("2006-01-02T15:04:05.000Z"),
	} {
		e[name] = value
	}
	b, err := json.Marshal(e)
	t.must(err)
	return b
}

// litter publishes events that nobody can read, and waits until all of them are
// acknowledged.
func (t *trial) litter(conn *nats.Conn, n int) {
	js, err := jetstream.New(conn, jetstream.WithPublishAsyncMaxPending(256), jetstream.WithPublishAsyncTimeout(patience))
	t.must(err)
	t.ledger.mu.Lock()
	before := t.ledger.junk // what has an id has one of its own
	t.ledger.mu.Unlock()
	acks := make([]jetstream.PubAckFuture, n)
	for i := range acks {
		m := nats.NewMsg(fmt.Sprintf("facts.%s.note.strange-%d", t.summit, i%100))
		m.Data = fmt.Appendf(nil, rubbish[i%len(rubbish)], before+i)
		acks[i], err = js.PublishMsgAsync(m, jetstream.WithStallWait(patience))
		t.must(err)
	}
	late := time.NewTimer(patience)
	defer late.Stop()
	for i, ack := range acks {
		select {
		case <-ack.Ok():
		case err := <-ack.Err():
			t.Fatalf("event %d that nobody can read: %v", i, err)
		case <-late.C:
			t.Fatalf("hung: event %d that nobody can read is not acknowledged", i)
		}
	}
	t.ledger.mu.Lock()
	defer t.ledger.mu.Unlock()
	t.ledger.junk += n
}
