//go:build linux

package faults

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

// recorder connects with the right to hand events in, and comes back whatever
// happens.
func (h *site) recorder() *nats.Conn {
	h.Helper()
	if h.cluster != nil {
		return h.cluster.connect(recorder)
	}
	s := h.servers[0]
	b, err := os.ReadFile(filepath.Join(s.data, "nats-users.json"))
	if err != nil {
		h.Fatal(err)
	}
	var users struct {
		Recorder string `json:"recorder"`
	}
	if err := json.Unmarshal(b, &users); err != nil {
		h.Fatal(err)
	}
	return joined(h, s.nats, nats.UserInfo("recorder", users.Recorder))
}

// connect connects one of the users of a cluster.
func (c *cluster) connect(user string) *nats.Conn {
	c.Helper()
	key, err := nats.NkeyOptionFromSeed(c.seedFile(user))
	if err != nil {
		c.Fatal(err)
	}
	return joined(c, c.url(), key)
}

func joined(t testing.TB, url string, user nats.Option) *nats.Conn {
	t.Helper()
	conn, err := nats.Connect(url, user, nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return conn
}

// acknowledgement is what a recorder is answered over NATS.
type acknowledgement struct {
	Stream    string `json:"stream"`
	Seq       uint64 `json:"seq"`
	Duplicate bool   `json:"duplicate"`
	Error     *struct {
		Code        int    `json:"code"`
		Description string `json:"description"`
	} `json:"error"`
}

// publish is the way over NATS, without the header that JetStream knows an event
// again by.
func (t *trial) publish(ctx context.Context, _ *server, event string) (seq uint64, again bool, err error) {
	var e struct{ Subject string }
	if err := json.Unmarshal([]byte(event), &e); err != nil {
		return 0, false, err
	}
	a, err := t.hand(ctx, nats.NewMsg(fmt.Sprintf("record.%s.%s", t.summit, strings.ReplaceAll(e.Subject, "/", "."))), event)
	switch {
	case err != nil:
		return 0, true, err
	case a.Error != nil:
		return 0, a.Error.Code >= http.StatusInternalServerError, fmt.Errorf("over NATS: %d %s", a.Error.Code, a.Error.Description)
	}
	return a.Seq, false, nil
}

// answerWait is how long a recorder waits for an answer: one of a server that ends
// beyond a cluster never comes.
const answerWait = 3 * time.Second

// hand publishes a message and waits for the answer.
func (t *trial) hand(ctx context.Context, m *nats.Msg, event string) (a acknowledgement, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	defer t.cutOff(cancel)()
	m.Data = []byte(event)
	reply, err := t.wire.RequestMsgWithContext(ctx, m)
	if err != nil {
		return a, err
	}
	return a, json.Unmarshal(reply.Data, &a)
}

// cutOff returns when the connection of recorders is lost, and with it the answers that
// are under way, until stop is called.
func (t *trial) cutOff(tell func()) (stop func()) {
	lost, done := t.wire.StatusChanged(nats.RECONNECTING), make(chan struct{})
	go func() {
		select {
		case <-lost:
			tell()
		case <-done:
		}
		t.wire.RemoveStatusListener(lost)
	}()
	return func() { close(done) }
}
