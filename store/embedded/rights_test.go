package embedded

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const patience = 10 * time.Second

// broker is a server with two logs and a client of its own.
type broker struct {
	*testing.T
	*Server
	js jetstream.JetStream
}

var passwords = Credentials{Reader: "reader-secret", Recorder: "recorder-secret"}

func newBroker(t *testing.T, change func(*Options)) *broker {
	t.Helper()
	o := Options{Dir: t.TempDir(), Listen: "127.0.0.1:0", Secret: "own-secret", Interval: time.Hour, Users: passwords, Anonymous: true}
	if change != nil {
		change(&o)
	}
	s, err := Start(o)
	if err != nil {
		t.Fatal(err)
	}
	b := &broker{T: t, Server: s}
	t.Cleanup(func() { b.must(s.Shutdown()) })
	own, err := s.Connect("test")
	b.must(err)
	t.Cleanup(own.Close)
	b.js, err = jetstream.New(own)
	b.must(err)
	for _, id := range []string{"a", "b"} {
		_, err := b.js.CreateStream(t.Context(), jetstream.StreamConfig{
			Name: "SUMMIT_" + id, Subjects: []string{"facts." + id + ".>"}, DenyDelete: true, DenyPurge: true, AllowDirect: true, Discard: jetstream.DiscardNew,
		})
		b.must(err)
	}
	for n := range 3 {
		b.publish(fmt.Sprintf("facts.a.note.n%d", n))
	}
	return b
}

func (b *broker) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *broker) publish(subject string) {
	b.Helper()
	_, err := b.js.Publish(b.Context(), subject, []byte(subject))
	b.must(err)
}

// holds returns how many events a log has.
func (b *broker) holds(stream string) uint64 {
	b.Helper()
	s, err := b.js.Stream(b.Context(), stream)
	b.must(err)
	info, err := s.Info(b.Context())
	b.must(err)
	return info.State.Msgs
}

// client is one over the network; what it is denied comes to denied.
type client struct {
	*nats.Conn
	js     jetstream.JetStream
	denied chan error
}

func (b *broker) client(o ...nats.Option) *client {
	b.Helper()
	c := &client{denied: make(chan error, 64)}
	var err error
	c.Conn, err = nats.Connect(b.URL(), append(o, nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { c.denied <- err }))...)
	b.must(err)
	b.Cleanup(c.Close)
	c.js, err = jetstream.New(c.Conn)
	b.must(err)
	return c
}

func (c *client) mustDeny(b *broker, subject string, data string) {
	b.Helper()
	b.must(c.Publish(subject, []byte(data)))
	b.must(c.Flush())
	select {
	case err := <-c.denied:
		if !errors.Is(err, nats.ErrPermissionViolation) || !strings.Contains(err.Error(), strings.TrimPrefix(subject, api)) {
			b.Errorf("%s: %v", subject, err)
		}
	case <-time.After(patience):
		b.Errorf("%s was not denied", subject)
	}
}

// settings are requests that change logs.
func settings() []string {
	list := []string{"$JS.API.CONSUMER.DURABLE.CREATE.SUMMIT_a.x", "$JS.API.CONSUMER.DELETE.SUMMIT_a.x", "$JS.API.CONSUMER.PAUSE.SUMMIT_a.x", "$JS.API.SERVER.REMOVE", "$JS.API.ACCOUNT.PURGE.x"}
	for _, verb := range []string{"CREATE", "UPDATE", "DELETE", "PURGE", "MSG.DELETE", "RESTORE", "SNAPSHOT", "PEER.REMOVE", "LEADER.STEPDOWN"} {
		list = append(list, "$JS.API.STREAM."+verb+".SUMMIT_a")
	}
	return list
}

func TestAReaderFollowsAndReplays(t *testing.T) {
	b := newBroker(t, nil)
	for name, o := range map[string][]nats.Option{"anonymous": nil, "reader": {nats.UserInfo("reader", passwords.Reader)}} {
		c := b.client(o...)
		live, err := c.SubscribeSync("facts.a.>")
		b.must(err)
		b.must(c.Flush())
		b.publish("facts.a.note.live")
		if m, err := live.NextMsg(patience); err != nil || m.Subject != "facts.a.note.live" || string(m.Data) != m.Subject {
			t.Fatalf("%s follows: %v %v", name, m, err)
		}
		ordered, err := c.js.OrderedConsumer(t.Context(), "SUMMIT_a", jetstream.OrderedConsumerConfig{})
		b.must(err)
		messages, err := ordered.Messages()
		b.must(err)
		for want := uint64(1); want <= b.holds("SUMMIT_a"); want++ {
			m, err := messages.Next(jetstream.NextMaxWait(patience))
			b.must(err)
			if meta, err := m.Metadata(); err != nil || meta.Sequence.Stream != want {
				t.Fatalf("%s replays %v instead of %d: %v", name, meta, want, err)
			}
		}
		b.publish("facts.a.note.later") // history goes over into the present
		if m, err := messages.Next(jetstream.NextMaxWait(patience)); err != nil || m.Subject() != "facts.a.note.later" {
			t.Errorf("%s goes on: %v %v", name, m, err)
		}
		messages.Stop()
		stream, err := c.js.Stream(t.Context(), "SUMMIT_a")
		b.must(err)
		if m, err := stream.GetMsg(t.Context(), 2); err != nil || m.Subject != "facts.a.note.n1" {
			t.Errorf("%s gets %v %v", name, m, err)
		}
	}
}

func TestAReaderWritesNothing(t *testing.T) {
	b := newBroker(t, nil)
	c := b.client()
	for _, subject := range append(settings(), "facts.a.note.x", "_INBOX.x", passed+"STREAM.DELETE.SUMMIT_a", ownInbox+".x") {
		c.mustDeny(b, subject, "")
	}
	for _, subject := range []string{"$JS.>", ownInbox + ".>", ">"} {
		if _, err := c.SubscribeSync(subject); err != nil {
			t.Fatal(err)
		}
		b.must(c.Flush())
		if err := <-c.denied; !errors.Is(err, nats.ErrPermissionViolation) {
			t.Errorf("listens on %s: %v", subject, err)
		}
	}
	if n := b.holds("SUMMIT_a"); n != 3 {
		t.Errorf("%d events", n)
	}
}

// A reader may not have the server write in its place, by an answer or the
// events of a consumer that it asks to be sent where facts are recorded.
func TestAReaderHasNothingWrittenForIt(t *testing.T) {
	b := newBroker(t, nil)
	c := b.client()
	for _, reply := range []string{"facts.b.note.x", "$JS.API.STREAM.DELETE.SUMMIT_b", ownInbox + ".x"} {
		b.must(c.PublishRequest("$JS.API.DIRECT.GET.SUMMIT_a", reply, []byte(`{"seq":1}`)))
		b.must(c.PublishRequest("$JS.API.STREAM.INFO.SUMMIT_a", reply, nil))
	}
	for name, config := range map[string]jetstream.ConsumerConfig{
		"push":   {DeliverSubject: "facts.b.note.x"},
		"delete": {DeliverSubject: "$JS.API.STREAM.DELETE.SUMMIT_b", HeadersOnly: true},
		"inbox":  {DeliverSubject: "_INBOX.x"},
		"kept":   {Durable: "kept"},
		"long":   {Name: "long", InactiveThreshold: time.Hour},
	} {
		request, err := json.Marshal(map[string]any{"stream_name": "SUMMIT_a", "config": config})
		b.must(err)
		m, err := c.Request("$JS.API.CONSUMER.CREATE.SUMMIT_a.c"+name, request, patience)
		b.must(err)
		if !strings.Contains(string(m.Data), `"code":403`) {
			t.Errorf("%s: %s", name, m.Data)
		}
	}
	// The gate takes questions in order: what came before has been seen.
	_, err := c.js.Stream(t.Context(), "SUMMIT_a")
	b.must(err)
	if n := b.holds("SUMMIT_b"); n != 0 {
		t.Errorf("%d events were written", n)
	}
	s, err := b.js.Stream(t.Context(), "SUMMIT_a")
	b.must(err)
	if n := s.CachedInfo().State.Consumers; n != 0 {
		t.Errorf("%d consumers were made", n)
	}
}

// A recorder hands events in to whoever answers for the logs, and is answered
// like a client of JetStream; it writes nothing itself.
func TestARecorderHandsEventsInAndDoesNothingElse(t *testing.T) {
	b := newBroker(t, nil)
	own, err := b.Connect("servers")
	b.must(err)
	defer own.Close()
	_, err = own.QueueSubscribe(record, "summit", func(m *nats.Msg) {
		if err := m.Respond([]byte(`{"stream":"SUMMIT_a","seq":4}`)); err != nil {
			t.Error(err)
		}
	})
	b.must(err)
	b.must(own.Flush())
	c := b.client(nats.UserInfo("recorder", passwords.Recorder))
	ack, err := c.js.Publish(t.Context(), "record.a.note.mine", []byte("x"), jetstream.WithMsgID("1"))
	if err != nil || ack.Sequence != 4 || ack.Stream != "SUMMIT_a" {
		t.Fatal(ack, err)
	}
	for _, subject := range append(settings(), "facts.a.note.mine", "$JS.API.INFO", "$JS.API.STREAM.INFO.SUMMIT_a", "$JS.API.CONSUMER.CREATE.SUMMIT_a", "_INBOX.x", ownInbox+".x") {
		c.mustDeny(b, subject, "")
	}
	// Not by an answer either, wherever it is sent to.
	for _, reply := range []string{"facts.a.note.mine", "$JS.API.STREAM.DELETE.SUMMIT_a", ownInbox + ".x"} {
		b.must(c.PublishRequest("record.a.note.mine", reply, []byte("x")))
	}
	for _, subject := range []string{facts, record, "$JS.>", ownInbox + ".>", ">"} {
		if _, err := c.SubscribeSync(subject); err != nil {
			t.Fatal(err)
		}
		b.must(c.Flush())
		if err := <-c.denied; !errors.Is(err, nats.ErrPermissionViolation) {
			t.Errorf("listens on %s: %v", subject, err)
		}
	}
	_, err = c.js.Publish(t.Context(), "record.a.note.mine", []byte("x")) // what came before has been answered
	b.must(err)
	if n := b.holds("SUMMIT_a"); n != 3 {
		t.Errorf("%d events", n)
	}
}

func TestStrangersAreRefused(t *testing.T) {
	b := newBroker(t, func(o *Options) { o.Anonymous = false })
	for name, o := range map[string][]nats.Option{
		"anonymous": nil, "wrong password": {nats.UserInfo("reader", "x")}, "no password": {nats.UserInfo("recorder", "")},
		"another's": {nats.UserInfo("recorder", passwords.Reader)}, "own": {nats.UserInfo("summit", "")},
	} {
		if c, err := nats.Connect(b.URL(), o...); !errors.Is(err, nats.ErrAuthorization) {
			t.Errorf("%s: %v", name, err)
			c.Close()
		}
	}
	b.client(nats.UserInfo("reader", passwords.Reader))
}

// pair reads a certificate at every handshake.
func pair(cert, key string) func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	return func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		c, err := tls.LoadX509KeyPair(cert, key)
		return &c, err
	}
}

func TestTLSAndWebSocket(t *testing.T) {
	cert, key := certificate(t)
	for name, change := range map[string]func(*Options){
		"plain": func(o *Options) { o.WebSocket, o.Origins = "127.0.0.1:0", []string{"http://127.0.0.1:8080"} },
		"TLS":   func(o *Options) { o.WebSocket, o.Certificate = "127.0.0.1:0", pair(cert, key) },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBroker(t, change)
			scheme := map[string][2]string{"plain": {"nats", "ws"}, "TLS": {"tls", "wss"}}[name]
			for i, url := range []string{b.URL(), b.WebSocketURL()} {
				if !strings.HasPrefix(url, scheme[i]+"://127.0.0.1:") {
					t.Errorf("URL %s", url)
				}
				var o []nats.Option
				if name == "TLS" {
					o = append(o, nats.RootCAs(cert))
				}
				c, err := nats.Connect(url, o...)
				b.must(err)
				defer c.Close()
				if state, err := c.TLSConnectionState(); name == "TLS" && i == 0 && (err != nil || !state.HandshakeComplete) {
					t.Error(state, err)
				}
				sub, err := c.SubscribeSync("facts.>")
				b.must(err)
				b.must(c.Flush())
				b.publish("facts.a.note.x")
				if m, err := sub.NextMsg(patience); err != nil || m.Subject != "facts.a.note.x" {
					t.Error(m, err)
				}
			}
		})
	}
}

func TestPagesOfOthersMayNotUseTheWebSocket(t *testing.T) {
	b := newBroker(t, func(o *Options) { o.WebSocket, o.Origins = "127.0.0.1:0", []string{"http://127.0.0.1:8080"} })
	for origin, good := range map[string]bool{"http://127.0.0.1:8080": true, "http://127.0.0.1:9": false, "https://elsewhere.example": false} {
		c, err := nats.Connect(b.WebSocketURL(), nats.WebSocketConnectionHeaders(http.Header{"Origin": {origin}}))
		if (err == nil) != good {
			t.Errorf("%s: %v", origin, err)
		}
		if err == nil {
			c.Close()
		}
	}
}

func TestCredentialsAreMadeOnceAndKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "users.json")
	n := 0
	secret := func() string { n++; return fmt.Sprint("secret", n) }
	first, err := LoadCredentials(path, secret)
	if err != nil || first != (Credentials{"secret1", "secret2"}) {
		t.Fatal(first, err)
	}
	if again, err := LoadCredentials(path, secret); err != nil || again != first {
		t.Error(again, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
	for _, bad := range []string{"", "{", `{"reader":"x"}`} {
		if err := os.WriteFile(path, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if c, err := LoadCredentials(path, secret); err == nil {
			t.Errorf("%q gives %v", bad, c)
		}
	}
}

func TestLogsAreThereAgainAfterARestart(t *testing.T) {
	dir := t.TempDir()
	var names []string
	for range 2 {
		s, err := Start(Options{Dir: dir, Secret: "x"})
		if err != nil {
			t.Fatal(err)
		}
		c, err := s.Connect("test")
		if err != nil {
			t.Fatal(err)
		}
		js, err := jetstream.New(c)
		if err != nil {
			t.Fatal(err)
		}
		for name := range js.StreamNames(context.Background()).Name() {
			names = append(names, name)
		}
		if len(names) == 0 {
			if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "SUMMIT_a", Subjects: []string{"facts.a.>"}}); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Health(); err != nil {
			t.Error(err)
		}
		c.Close()
		if err := s.Shutdown(); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(names, []string{"SUMMIT_a"}) {
		t.Error(names)
	}
}
