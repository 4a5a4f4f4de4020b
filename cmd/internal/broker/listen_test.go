package broker

import (
	"bytes"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/keys/keystest"
	"github.com/summit-timeline/summit/store/embedded"
)

// A listener that others can reach uses TLS.
func TestPasswordsAreNotSentInTheClear(t *testing.T) {
	for name, c := range map[string]struct {
		o    ListenOptions
		says string // "" is fine
	}{
		"nowhere":                {ListenOptions{Listen: Off}, ""},
		"a free port":            {ListenOptions{Listen: Auto}, ""},
		"this machine":           {ListenOptions{Listen: "127.0.0.1:4222", WebSocket: "localhost:4223"}, ""},
		"this machine, IPv6":     {ListenOptions{Listen: "[::1]:4222"}, ""},
		"all of this machine":    {ListenOptions{Listen: "127.8.9.10:4222"}, ""},
		"everybody":              {ListenOptions{Listen: ":4222"}, "--nats-listen :4222 can be reached by others"},
		"everybody, by number":   {ListenOptions{Listen: "0.0.0.0:4222"}, "can be reached by others"},
		"everybody, IPv6":        {ListenOptions{Listen: "[::]:4222"}, "can be reached by others"},
		"a name":                 {ListenOptions{Listen: "news.example:4222"}, "can be reached by others"},
		"a name like the other":  {ListenOptions{Listen: "localhost.example:4222"}, "can be reached by others"},
		"browsers":               {ListenOptions{Listen: Auto, WebSocket: "0.0.0.0:4223"}, "--nats-websocket"},
		"everybody, over TLS":    {ListenOptions{Listen: ":4222", Cert: "c", Key: "k"}, ""},
		"half a pair":            {ListenOptions{Listen: Auto, Cert: "c"}, "must be given together"},
		"the other half":         {ListenOptions{Listen: Auto, Key: "k"}, "must be given together"},
		"browsers alone":         {ListenOptions{Listen: Off, WebSocket: "127.0.0.1:4223"}, "--nats-websocket needs --nats-listen"},
		"without a port":         {ListenOptions{Listen: "127.0.0.1"}, "--nats-listen"},
		"browsers without a one": {ListenOptions{Listen: Auto, WebSocket: "localhost"}, "--nats-websocket"},
	} {
		err := c.o.Check()
		if exit := (*cli.ExitError)(nil); (err == nil) != (c.says == "") || err != nil && (!errors.As(err, &exit) || exit.Code != cli.Misused || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: %v, want %s", name, err, c.says)
		}
		if got := c.o.private(); err == nil && got != !strings.HasPrefix(c.o.Listen, ":") {
			t.Errorf("%s: private is %v", name, got)
		}
	}
	for addr, want := range map[string]string{"127.0.0.1:80": "", "0.0.0.0:80": "put a proxy in front", "example.org:80": "put a proxy in front", "80": "--addr", "": "--addr"} {
		if err := CheckLoopback("addr", addr); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", addr, err)
		}
	}
}

// Pages of the server itself, under each of its names, and of the named origins may
// follow.
func TestWhichPagesMayFollow(t *testing.T) {
	o := ListenOptions{Origins: "https://news.example,https://other.example"}
	got := o.pages(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080})
	if want := []string{"http://127.0.0.1:8080", "http://localhost:8080", "https://news.example", "https://other.example"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if got := o.pages(nil); got != nil {
		t.Errorf("without pages: %q", got)
	}
}

// opened is a broker in this process.
func opened(t *testing.T, o Options) *Opened {
	t.Helper()
	o.Logger, o.Cluster.Durability = slog.New(slog.DiscardHandler), Interval
	b, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Shutdown(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// Print shows where clients connect and who may: everybody if anybody may read
// everything, else users alone.
func TestWhereClientsConnectIsPrinted(t *testing.T) {
	for name, c := range map[string]struct {
		open bool
		says string
	}{"for everybody": {true, "read only: facts.>"}, "for users": {false, "with a user"}} {
		data := t.TempDir()
		o := ListenOptions{Listen: "127.0.0.1:0", WebSocket: "127.0.0.1:0"}
		b := opened(t, Options{Listen: &o, Data: data, Open: c.open})
		if b.Durability.Setting != Interval || len(b.Durability.Warnings) != 1 || b.Replicas != 1 || b.Shared {
			t.Errorf("%+v", b)
		}
		var out bytes.Buffer
		o.Print(&out, data, b)
		if text := out.String(); !strings.Contains(text, "NATS   "+b.URL()) || !strings.Contains(text, c.says) || !strings.Contains(text, filepath.Join(data, UsersFile)) || !strings.Contains(text, "WS     "+b.WebSocketURL()) {
			t.Errorf("%s: %s", name, text)
		}
		anybody, err := nats.Connect(b.URL())
		if (err == nil) != c.open {
			t.Errorf("%s: a client without a user: %v", name, err)
		}
		if err == nil {
			anybody.Close()
		}
	}
}

// A server that does not listen prints no address, and has no users.
func TestAServerThatListensNowhere(t *testing.T) {
	data, o := t.TempDir(), ListenOptions{Listen: Off}
	b := opened(t, Options{Listen: &o, Data: data, Open: true})
	var out bytes.Buffer
	if o.Print(&out, data, b); out.Len() > 0 || b.URL() != "" || o.Reload() != nil || o.Certificate() != nil {
		t.Errorf("%q at %q", &out, b.URL())
	}
	if _, err := os.Stat(filepath.Join(data, UsersFile)); err == nil {
		t.Error("users were made for nobody")
	}
	if conn, err := b.Connect("own"); err != nil {
		t.Error(err)
	} else {
		conn.Close()
	}
}

// Reload reads the users again: a changed password counts, and a missing file is made
// anew.
func TestUsersAreReadAgain(t *testing.T) {
	data, o := t.TempDir(), ListenOptions{Listen: "127.0.0.1:0"}
	b := opened(t, Options{Listen: &o, Data: data})
	path := filepath.Join(data, UsersFile)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	users, err := embedded.LoadCredentials(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	lets := func(password string) bool {
		c, err := nats.Connect(b.URL(), nats.UserInfo("reader", password))
		if err == nil {
			c.Close()
		}
		return err == nil
	}
	if !lets(users.Reader) {
		t.Fatal("a reader is not let in")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := o.Reload()(); err != nil || lets(users.Reader) {
		t.Errorf("the old password counts: %v", err)
	}
	after, err := os.ReadFile(path)
	if err != nil || bytes.Equal(before, after) {
		t.Errorf("no users were made: %v", err)
	}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := o.Reload()(); err == nil {
		t.Error("a damaged file was taken")
	}
}

func TestAListenerOverTLSHasItsCertificate(t *testing.T) {
	dir := t.TempDir()
	cert, key := keystest.Certificate(t, dir)
	o := ListenOptions{Listen: "127.0.0.1:0", Cert: cert, Key: key}
	opened(t, Options{Listen: &o, Data: filepath.Join(dir, "data")})
	if pair, err := o.Certificate().Get(nil); err != nil || len(pair.Certificate) == 0 {
		t.Errorf("%v, %v", pair, err)
	}
	bad := ListenOptions{Listen: "127.0.0.1:0", Cert: cert, Key: cert}
	if _, err := Open(t.Context(), Options{Listen: &bad, Data: t.TempDir(), Logger: slog.New(slog.DiscardHandler)}); err == nil {
		t.Error("a certificate was taken for a key")
	}
}
