package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/cmd/internal/broker"
	"github.com/summit-timeline/summit/cmd/internal/broker/brokertest"
	"github.com/summit-timeline/summit/cmd/internal/keys"
	"github.com/summit-timeline/summit/cmd/internal/keys/keystest"
	"github.com/summit-timeline/summit/store/embedded"
)

// follows reports whether a client may follow facts.
func (p *process) follows(t *testing.T, o ...nats.Option) error {
	t.Helper()
	c, err := nats.Connect(p.nats, o...)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.SubscribeSync("facts.>"); err != nil {
		return err
	}
	return c.Flush()
}

// Where HTTP asks for a token, NATS asks for a user, on this machine too.
func TestNATSAsksForAUserWhereHTTPAsksForAToken(t *testing.T) {
	for name, c := range map[string]struct {
		token  bool
		more   []string
		nobody bool // is let in
	}{
		"no token": {false, nil, true}, "a token": {true, nil, false}, "a token, and one summit public": {true, []string{"--public", "alaska-2025"}, false},
		"a token, and all public": {true, []string{"--public", "*"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			if c.token {
				madeToken(t, dir, "op", "operator")
			}
			p := start(t, dir, c.more...)
			if err := p.follows(t); (err == nil) != c.nobody || err != nil && !errors.Is(err, nats.ErrAuthorization) {
				t.Errorf("without a user: %v", err)
			}
			users, err := embedded.LoadCredentials(filepath.Join(dir, broker.UsersFile), func() string { t.Fatal("there are no credentials"); return "" })
			if err != nil {
				t.Fatal(err)
			}
			if err := p.follows(t, nats.UserInfo("reader", users.Reader)); err != nil {
				t.Errorf("as the reader: %v", err)
			}
		})
	}
}

// A renewed certificate needs no restart.
func TestNATSTakesARenewedCertificate(t *testing.T) {
	certs := t.TempDir()
	cert, key := keystest.Certificate(t, certs)
	p := start(t, filepath.Join(t.TempDir(), "data"), "--nats-tls-cert", cert, "--nats-tls-key", key)
	if err := p.follows(t, nats.RootCAs(cert)); err != nil {
		t.Fatal(err)
	}
	keystest.Certificate(t, certs)
	if err := p.follows(t, nats.RootCAs(cert)); err != nil {
		t.Errorf("renewed: %v", err)
	}
	if err := p.follows(t); err == nil {
		t.Error("a certificate that nobody vouches for is trusted")
	}
}

// The recorders of a cluster hand events in to its replicas, and write nothing.
func TestRecordersOfAClusterHandEventsInAndWriteNothing(t *testing.T) {
	seeds := map[string]string{}
	for _, name := range []string{"replica", "recorder"} {
		var out strings.Builder
		seeds[name] = filepath.Join(t.TempDir(), name)
		if err := keys.MakeNATS(&out, seeds[name]); err != nil {
			t.Fatal(err)
		}
		t.Setenv(map[string]string{"replica": "SUMMIT_NKEY", "recorder": "RECORDER"}[name], strings.TrimSpace(out.String()))
	}
	shipped, err := os.ReadFile("../../deploy/cluster/nats.conf")
	if err != nil {
		t.Fatal(err)
	}
	conf := filepath.Join(t.TempDir(), "nats.conf")
	with := strings.Replace(string(shipped), "#{nkey: UA…,", "{nkey: $RECORDER,", 1)
	if with == string(shipped) {
		t.Fatal("the configuration shows no recorder")
	}
	if err := os.WriteFile(conf, []byte(with), 0o600); err != nil {
		t.Fatal(err)
	}
	ports := brokertest.FreePorts(t, 2)
	for name, value := range map[string]string{"HOST": "127.0.0.1", "NODE": "n1", "STORE": t.TempDir(), "CLIENT_PORT": fmt.Sprint(ports[0]), "ROUTE_PORT": fmt.Sprint(ports[1])} {
		t.Setenv(name, value)
	}
	for i := range 3 {
		t.Setenv(fmt.Sprintf("ROUTE_%d", i+1), fmt.Sprintf("nats://127.0.0.1:%d", ports[1]))
	}
	opts, err := server.ProcessConfigFile(conf)
	if err != nil {
		t.Fatal(err)
	}
	brokertest.Run(t, opts)
	url, denied := fmt.Sprintf("nats://127.0.0.1:%d", ports[0]), make(chan error, 8)
	connect := func(o ...nats.Option) *nats.Conn {
		c, err := nats.Connect(url, append(o, nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { denied <- err }))...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		return c
	}
	keyed := func(name string) *nats.Conn {
		o, err := nats.NkeyOptionFromSeed(seeds[name])
		if err != nil {
			t.Fatal(err)
		}
		return connect(o)
	}
	replica, recorder, reader := keyed("replica"), keyed("recorder"), connect()
	if _, err := replica.QueueSubscribe("record.>", "summit", func(m *nats.Msg) { _ = m.Respond([]byte(`{"stream":"SUMMIT_a","seq":4}`)) }); err != nil {
		t.Fatal(err)
	}
	if err := replica.Flush(); err != nil {
		t.Fatal(err)
	}
	js, err := jetstream.New(recorder)
	if err != nil {
		t.Fatal(err)
	}
	if ack, err := js.Publish(t.Context(), "record.a.note.n", []byte("x")); err != nil || ack.Sequence != 4 {
		t.Errorf("%+v, %v", ack, err)
	}
	for subject, c := range map[string]*nats.Conn{"facts.a.note.n": recorder, "$JS.API.STREAM.DELETE.SUMMIT_a": recorder, "record.a.note.n": reader} {
		if err := c.Publish(subject, []byte("x")); err != nil {
			t.Fatal(err)
		}
		if err := c.Flush(); err != nil {
			t.Fatal(err)
		}
		if err := <-denied; !errors.Is(err, nats.ErrPermissionViolation) || !strings.Contains(err.Error(), "Publish") {
			t.Errorf("%s: %v", subject, err)
		}
	}
}
