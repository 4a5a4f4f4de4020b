package embedded

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Options of a server.
type Options struct {
	// Dir holds the streams.
	Dir string
	// Listen is the host:port for NATS clients; "" listens nowhere. Port 0 is
	// any free one.
	Listen string
	// WebSocket is the host:port for NATS clients in browsers; "" is nowhere.
	WebSocket string
	// Origins are those whose pages may use the WebSocket.
	Origins []string
	// Certificate returns the certificate of TLS for both, asked at every
	// handshake; nil is without TLS.
	Certificate func(*tls.ClientHelloInfo) (*tls.Certificate, error)
	// Users are those who come over the network.
	Users Credentials
	// Anonymous lets a client without a user do what a reader may.
	Anonymous bool
	// Interval is how often written events are forced to the disk; 0 is before
	// each acknowledgement, the only setting that survives a loss of power.
	Interval time.Duration
	// Forced says that the caller calls [Server.Force] before it counts on an
	// acknowledgement, if [Server.Forces] says that it has to.
	Forced bool
	// Sync syncs the content of a file; nil is by the system. Tests take note by it
	// of what is on the disk.
	Sync func(*os.File) error
	// Secret is the password of the process's own connections. It must not be
	// guessable.
	Secret string
	Logger *slog.Logger
}

const (
	ownUser      = "summit"
	gateUser     = "gate"
	readerUser   = "reader"
	recorderUser = "recorder"
	// anonymousUser is who comes without a user.
	anonymousUser = "anonymous"
	ownInbox      = "_SUMMIT_INBOX"
	// readersAccount keeps readers apart from the logs: see gate.
	readersAccount = "READERS"
	// recordersAccount keeps recorders apart from them: what answers to their
	// events are sent to, wherever that is, stays among them.
	recordersAccount = "RECORDERS"
	facts            = "facts.>"
	// record is where recorders hand events in.
	record = "record.>"
	// networkClients is how many clients may be connected at a time.
	networkClients = 10_000
)

// server returns the options of the server. If each, it syncs each event before it
// acknowledges it.
func (o Options) server(each bool) (*server.Options, error) {
	opts := &server.Options{
		ServerName: "summit", NoSigs: true, NoLog: false, DontListen: o.Listen == "" && o.WebSocket == "",
		JetStream: true, StoreDir: o.Dir, JetStreamMaxStore: 1 << 42, JetStreamMaxMemory: 256 << 20,
		SyncAlways: each, MaxPayload: 1 << 20, NoSystemAccount: true, MaxConn: networkClients,
	}
	if o.Interval > 0 {
		opts.SyncInterval = o.Interval
	}
	o.admit(opts, server.NewAccount(readersAccount), server.NewAccount(recordersAccount))
	return opts, o.listeners(opts)
}

func (o Options) listeners(opts *server.Options) (err error) {
	var encrypted *tls.Config
	if o.Certificate != nil {
		encrypted = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: o.Certificate}
		opts.TLS, opts.TLSConfig, opts.TLSTimeout = true, encrypted, server.TLS_TIMEOUT.Seconds()
	}
	switch {
	case o.Listen != "":
		if opts.Host, opts.Port, err = hostPort(o.Listen); err != nil {
			return err
		}
	case o.WebSocket != "":
		return errors.New("the WebSocket listener needs the NATS listener too")
	}
	if o.WebSocket == "" {
		return nil
	}
	ws := &opts.Websocket
	if ws.Host, ws.Port, err = hostPort(o.WebSocket); err != nil {
		return err
	}
	ws.TLSConfig, ws.NoTLS, ws.AllowedOrigins = encrypted.Clone(), encrypted == nil, o.Origins
	return nil
}

func hostPort(addr string) (host string, port int, err error) {
	host, text, err := net.SplitHostPort(addr)
	if err != nil {
		return "", 0, err
	}
	if port, err = strconv.Atoi(text); err != nil {
		return "", 0, fmt.Errorf("port %q is not a number", text)
	}
	if port == 0 {
		port = server.RANDOM_PORT
	}
	return host, port, nil
}
