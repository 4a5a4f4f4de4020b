//go:build linux

package faults

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// unreadable is how many events that nobody can read a stranger publishes.
const unreadable = 10_000

// rubbish are the kinds of them: no JSON, no event, an event of a later
// version, and one that says less than it must.
var rubbish = []string{
	`rubbish %d`, `{"number":%d}`,
	`{"specversion":"1.0","type":"note.added","dataschema":"/schemas/note.added/99","data":{"number":%d}}`,
	`{"specversion":"1.0","type":"note.added","dataschema":"/schemas/note.added/1","data":{"text":"%d"}}`,
}

// strange lets somebody who may publish write past the server what nobody can
// read, all of it acknowledged.
func (t *trial) strange() {
	conn := t.recorder()
	defer conn.Close()
	js, err := jetstream.New(conn, jetstream.WithPublishAsyncMaxPending(256), jetstream.WithPublishAsyncTimeout(patience))
	t.must(err)
	acks := make([]jetstream.PubAckFuture, unreadable)
	for i := range acks {
		m := nats.NewMsg(fmt.Sprintf("facts.%s.note.strange-%d", t.summit, i%100))
		m.Data = fmt.Appendf(nil, rubbish[i%len(rubbish)], i)
		acks[i], err = js.PublishMsgAsync(m, jetstream.WithStallWait(patience))
		t.must(err)
	}
	late := time.NewTimer(patience)
	defer late.Stop()
	for i, ack := range acks {
		select {
		case <-ack.Ok():
		case err := <-ack.Err():
			t.Fatalf("a stranger's event %d: %v", i, err)
		case <-late.C:
			t.Fatalf("hung: a stranger's event %d is not acknowledged", i)
		}
	}
	t.ledger.mu.Lock()
	defer t.ledger.mu.Unlock()
	t.ledger.junk += unreadable
}

// recorder connects with the right to publish facts.
func (t *trial) recorder() *nats.Conn {
	b, err := os.ReadFile(filepath.Join(t.s.data, "nats-users.json"))
	t.must(err)
	var users struct {
		Recorder string `json:"recorder"`
	}
	t.must(json.Unmarshal(b, &users))
	conn, err := nats.Connect(t.s.nats, nats.UserInfo("recorder", users.Recorder))
	t.must(err)
	return conn
}
