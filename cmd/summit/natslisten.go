package main

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"time"

	"github.com/summit-timeline/summit/store/embedded"
)

// natsFlags say where NATS clients are let in.
type natsFlags struct {
	listen, webSocket, origins, cert, key string

	open bool     // a client without a user is a reader
	pair *keyPair // nil where there is no TLS
}

const (
	natsAuto = "auto"
	natsOff  = "off"
	natsPort = "127.0.0.1:4222"
	// natsUsers is the file of credentials in the folder of the data.
	natsUsers = "nats-users.json"
)

func (f *natsFlags) flags(fs *flag.FlagSet) {
	fs.StringVar(&f.listen, "nats-listen", natsAuto, "host:port for NATS clients; off; auto is "+natsPort+", or a free port where that is taken")
	fs.StringVar(&f.webSocket, "nats-websocket", "", "host:port for NATS clients in browsers")
	fs.StringVar(&f.origins, "nats-websocket-origins", "", "comma list of the origins whose pages may use it, besides this server's own")
	fs.StringVar(&f.cert, "nats-tls-cert", "", "PEM file of the certificate for both")
	fs.StringVar(&f.key, "nats-tls-key", "", "PEM file of its key")
}

// check refuses what would send passwords, or the facts, where anybody can
// read them.
func (f *natsFlags) check() error {
	if (f.cert == "") != (f.key == "") {
		return usage("--nats-tls-cert and --nats-tls-key go together")
	}
	if f.webSocket != "" && f.listen == natsOff {
		return usage("--nats-websocket needs --nats-listen beside it")
	}
	for name, addr := range map[string]string{"nats-listen": f.listen, "nats-websocket": f.webSocket} {
		if addr == natsAuto || addr == natsOff || addr == "" {
			continue
		}
		inside, err := isLoopback(addr)
		if err != nil {
			return usage("--%s %q: %v", name, addr, err)
		}
		if !inside && f.cert == "" {
			return usage("--%s %s can be reached by others: give --nats-tls-cert and --nats-tls-key, for passwords must not be sent in the clear", name, addr)
		}
	}
	return nil
}

// private says whether nobody else can reach the listeners.
func (f *natsFlags) private() bool {
	for _, addr := range []string{f.listen, f.webSocket} {
		if inside, _ := isLoopback(addr); !inside && addr != natsAuto && addr != natsOff && addr != "" {
			return false
		}
	}
	return true
}

// start starts the server inside. Where anybody may read all, a client without
// a user that only this machine can be is a reader.
func (f *natsFlags) start(ctx context.Context, data string, web net.Addr, interval time.Duration, all bool, logger *slog.Logger) (*embedded.Server, error) {
	f.open = f.private() && all
	o := embedded.Options{
		Dir: filepath.Join(data, "nats"), Secret: rand.Text(), Logger: logger, Interval: interval,
		WebSocket: f.webSocket, Origins: f.pages(web), Anonymous: f.open,
	}
	if f.cert != "" {
		var err error
		if f.pair, err = openKeyPair(f.cert, f.key); err != nil {
			return nil, err
		}
		o.Certificate = f.pair.get
	}
	switch f.listen {
	case natsOff:
	case natsAuto:
		o.Listen = "127.0.0.1:0"
		if l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", natsPort); err == nil {
			o.Listen = natsPort
			if err := l.Close(); err != nil {
				return nil, fmt.Errorf("look for a free port: %w", err)
			}
		}
	default:
		o.Listen = f.listen
	}
	if o.Listen != "" {
		var err error
		if o.Users, err = embedded.LoadCredentials(filepath.Join(data, natsUsers), rand.Text); err != nil {
			return nil, err
		}
	}
	return embedded.Start(o)
}

// pages are the origins of the pages that may follow over the WebSocket.
func (f *natsFlags) pages(web net.Addr) []string {
	if web == nil {
		return nil
	}
	list := []string{"http://" + web.String()}
	if _, port, err := net.SplitHostPort(web.String()); err == nil {
		list = append(list, "http://localhost:"+port)
	}
	if f.origins != "" {
		list = append(list, strings.Split(f.origins, ",")...)
	}
	return list
}

// tell prints where NATS clients are let in.
func (f *natsFlags) tell(w io.Writer, data string, b broker) {
	url := b.URL()
	if url == "" {
		return
	}
	who := "read only: facts.>"
	if !f.open {
		who = "with a user"
	}
	fmt.Fprintf(w, "NATS   %s (%s; users: %s)\n", url, who, filepath.Join(data, natsUsers))
	if url := b.WebSocketURL(); url != "" {
		fmt.Fprintf(w, "WS     %s (NATS for browsers)\n", url)
	}
}
