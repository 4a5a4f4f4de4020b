package embedded

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

var others = Credentials{Reader: "another-reader-secret", Recorder: "another-recorder-secret"}

// answers has the servers' side answer recorders.
func (b *broker) answers() {
	b.Helper()
	own, err := b.Connect("servers")
	b.must(err)
	b.Cleanup(own.Close)
	_, err = own.QueueSubscribe(record, "summit", func(m *nats.Msg) { _ = m.Respond([]byte(`{"stream":"SUMMIT_a","seq":4}`)) })
	b.must(err)
	b.must(own.Flush())
}

// mustLetIn connects as everybody, and does what each may do.
func (b *broker) mustLetIn(users Credentials) {
	b.Helper()
	for name, o := range map[string][]nats.Option{"anonymous": nil, "reader": {nats.UserInfo("reader", users.Reader)}} {
		c := b.client(o...)
		if _, err := c.js.Stream(b.Context(), "SUMMIT_a"); err != nil {
			b.Errorf("%s: %v", name, err)
		}
		c.mustDeny(b, "facts.a.note.x", "")
	}
	c := b.client(nats.UserInfo("recorder", users.Recorder))
	if ack, err := c.js.Publish(b.Context(), "record.a.note.n", []byte("x")); err != nil || ack.Sequence != 4 {
		b.Errorf("recorder: %v, %v", ack, err)
	}
	c.mustDeny(b, "facts.a.note.x", "")
}

// mustRefuse finds that the passwords are those of nobody.
func (b *broker) mustRefuse(users Credentials) {
	b.Helper()
	for user, password := range map[string]string{"reader": users.Reader, "recorder": users.Recorder} {
		if c, err := nats.Connect(b.URL(), nats.UserInfo(user, password)); !errors.Is(err, nats.ErrAuthorization) {
			b.Errorf("%s: %v", user, err)
			c.Close()
		}
	}
}

func TestOtherPasswordsCountAtOnceAndNobodyElseNotices(t *testing.T) {
	b := newBroker(t, nil)
	b.answers()
	cut := make(chan string, 2)
	for user, password := range map[string]string{"reader": passwords.Reader, "recorder": passwords.Recorder} {
		b.client(nats.UserInfo(user, password), nats.ClosedHandler(func(*nats.Conn) { cut <- user }), nats.ReconnectWait(time.Millisecond))
	}
	anonymous := b.client()
	live, err := anonymous.SubscribeSync("facts.a.>")
	b.must(err)
	b.must(anonymous.Flush())

	b.must(b.Reload(others))
	seen := map[string]bool{}
	for range 2 {
		select {
		case user := <-cut:
			seen[user] = true
		case <-time.After(patience):
			t.Fatalf("only %v were cut off", seen)
		}
	}
	b.mustRefuse(passwords)
	b.mustLetIn(others)
	b.publish("facts.a.note.later")
	if m, err := live.NextMsg(patience); err != nil || m.Subject != "facts.a.note.later" {
		t.Errorf("who came without a user hears %v, %v", m, err)
	}
	if n := anonymous.Stats().Reconnects; n != 0 {
		t.Errorf("who came without a user was cut off %d times", n)
	}
	if n := b.holds("SUMMIT_a"); n != 4 {
		t.Errorf("%d events", n)
	}
	b.must(b.Health())
}

// What one user gets does not cut off another, however often.
func TestOneUserIsChangedWithoutTheOther(t *testing.T) {
	b := newBroker(t, func(o *Options) { o.WebSocket, o.Anonymous = "127.0.0.1:0", false })
	b.answers()
	recorder := b.client(nats.UserInfo("recorder", passwords.Recorder))
	users := passwords
	for n := range 5 {
		before := users
		users.Reader = fmt.Sprint("secret", n)
		b.must(b.Reload(users))
		b.must(b.Reload(users))
		if c, err := nats.Connect(b.URL(), nats.UserInfo("reader", before.Reader)); !errors.Is(err, nats.ErrAuthorization) {
			t.Errorf("the password of before: %v", err)
			c.Close()
		}
		for _, url := range []string{b.URL(), b.WebSocketURL()} {
			c, err := nats.Connect(url, nats.UserInfo("reader", users.Reader))
			b.must(err)
			c.Close()
		}
		if ack, err := recorder.js.Publish(t.Context(), "record.a.note.n", []byte("x")); err != nil || ack.Sequence != 4 {
			t.Fatalf("the recorder: %v, %v", ack, err)
		}
	}
	if stats := recorder.Stats(); stats.Reconnects != 0 {
		t.Errorf("the recorder was cut off %d times", stats.Reconnects)
	}
}

// A server that is restarted after a write error lets in those of now.
func TestAServerThatIsStartedAnewHasTheUsersOfNow(t *testing.T) {
	b := newBroker(t, nil)
	b.must(b.Reload(others))
	b.mu.Lock()
	b.now.close()
	b.now = nil
	b.mu.Unlock()
	if !b.mend() {
		t.Fatal("it was not started anew")
	}
	b.answers()
	b.mustRefuse(passwords)
	b.mustLetIn(others)
	b.must(b.Reload(passwords)) // what it was started with can change again
	b.mustLetIn(passwords)
}
