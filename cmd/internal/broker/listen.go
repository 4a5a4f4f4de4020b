package broker

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/keys"
	"github.com/summit-timeline/summit/store/embedded"
)

// ListenOptions define where NATS clients connect to the embedded server.
type ListenOptions struct {
	Listen, WebSocket, Origins, Cert, Key string

	open bool              // a client without a user is a reader
	pair *keys.Certificate // nil where there is no TLS
	// again reads the users again; it is nil if nobody connects
	again func() error
}

// Where the server inside listens: on the customary port or a free one, or nowhere.
const (
	Auto        = "auto"
	Off         = "off"
	DefaultPort = "127.0.0.1:4222"
	// UsersFile is the file of credentials in the folder of the data.
	UsersFile = "nats-users.json"
)

// Check refuses options with which passwords, or facts, would be sent where anybody can
// read them.
func (f *ListenOptions) Check() error {
	if (f.Cert == "") != (f.Key == "") {
		return cli.Usage("--nats-tls-cert and --nats-tls-key must be given together")
	}
	if f.WebSocket != "" && f.Listen == Off {
		return cli.Usage("--nats-websocket needs --nats-listen too")
	}
	for name, addr := range map[string]string{"nats-listen": f.Listen, "nats-websocket": f.WebSocket} {
		if addr == Auto || addr == Off || addr == "" {
			continue
		}
		inside, err := IsLoopback(addr)
		if err != nil {
			return cli.Usage("--%s %q: %v", name, addr, err)
		}
		if !inside && f.Cert == "" {
			return cli.Usage("--%s %s can be reached by others: give --nats-tls-cert and --nats-tls-key, because passwords must not be sent in the clear", name, addr)
		}
	}
	return nil
}

// private reports whether nobody else can reach the listeners.
func (f *ListenOptions) private() bool {
	for _, addr := range []string{f.Listen, f.WebSocket} {
		if inside, _ := IsLoopback(addr); !inside && addr != Auto && addr != Off && addr != "" {
			return false
		}
	}
	return true
}

// start starts the embedded server. If anybody may read everything, a client without
// a user that only this machine can be is a reader.
func (f *ListenOptions) start(ctx context.Context, data string, web net.Addr, interval time.Duration, all bool, logger *slog.Logger) (*embedded.Server, error) {
	f.open = f.private() && all
	o := embedded.Options{
		Dir: filepath.Join(data, "nats"), Secret: rand.Text(), Logger: logger, Interval: interval, Forced: true,
		WebSocket: f.WebSocket, Origins: f.pages(web), Anonymous: f.open,
	}
	if f.Cert != "" {
		var err error
		if f.pair, err = keys.OpenCertificate(f.Cert, f.Key); err != nil {
			return nil, err
		}
		o.Certificate = f.pair.Get
	}
	switch f.Listen {
	case Off:
	case Auto:
		o.Listen = "127.0.0.1:0"
		if l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", DefaultPort); err == nil {
			o.Listen = DefaultPort
			if err := l.Close(); err != nil {
				return nil, fmt.Errorf("look for a free port: %w", err)
			}
		}
	default:
		o.Listen = f.Listen
	}
	if o.Listen == "" {
		return embedded.Start(o)
	}
	users := func() (embedded.Credentials, error) {
		return embedded.LoadCredentials(filepath.Join(data, UsersFile), rand.Text)
	}
	var err error
	if o.Users, err = users(); err != nil {
		return nil, err
	}
	inside, err := embedded.Start(o)
	if err != nil {
		return nil, err
	}
	f.again = func() error {
		now, err := users()
		if err != nil {
			return err
		}
		return inside.Reload(now)
	}
	return inside, nil
}

// pages are the origins of the pages that may follow over the WebSocket.
func (f *ListenOptions) pages(web net.Addr) []string {
	if web == nil {
		return nil
	}
	list := []string{"http://" + web.String()}
	if _, port, err := net.SplitHostPort(web.String()); err == nil {
		list = append(list, "http://localhost:"+port)
	}
	if f.Origins != "" {
		list = append(list, strings.Split(f.Origins, ",")...)
	}
	return list
}

// Print prints where NATS clients connect.
func (f *ListenOptions) Print(w io.Writer, data string, b Broker) {
	url := b.URL()
	if url == "" {
		return
	}
	who := "read only: facts.>"
	if !f.open {
		who = "with a user"
	}
	fmt.Fprintf(w, "NATS   %s (%s; users: %s)\n", url, who, filepath.Join(data, UsersFile))
	if url := b.WebSocketURL(); url != "" {
		fmt.Fprintf(w, "WS     %s (NATS for browsers)\n", url)
	}
}

// Certificate returns the certificate of the listeners, or nil if there is none.
func (f *ListenOptions) Certificate() *keys.Certificate { return f.pair }

// Reload returns what reads the users of the listeners again, and makes the file of
// them if it is gone, or nil if nobody connects.
func (f *ListenOptions) Reload() func() error { return f.again }

// IsLoopback reports whether only this machine can reach host:port.
func IsLoopback(addr string) (bool, error) {
	name, _, err := net.SplitHostPort(addr)
	return LoopbackHost(name), err
}

// LoopbackHost reports whether a host is this machine.
func LoopbackHost(name string) bool {
	ip := net.ParseIP(name)
	return name == "localhost" || (ip != nil && ip.IsLoopback())
}

// CheckLoopback refuses an address that others can reach.
func CheckLoopback(flagName, addr string) error {
	inside, err := IsLoopback(addr)
	if err != nil {
		return cli.Usage("--%s %q: %v", flagName, addr, err)
	}
	if !inside {
		return cli.Usage("--%s %s can be reached by others: listen on 127.0.0.1 and put a proxy in front of it", flagName, addr)
	}
	return nil
}
