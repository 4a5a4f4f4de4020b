package embedded

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// running is one NATS server, from its start to its end.
type running struct {
	ns     *server.Server
	opts   *server.Options // those that ns runs with
	log    *logger
	gate   *nats.Conn
	secret string
}

// startWait is how long a server may take to read its streams again.
const startWait = 60 * time.Second

// startProbed starts a server that does not sync by itself where its files can be
// synced from outside, and reports whether they have to be.
func startProbed(o Options) (r *running, forces bool, err error) {
	if !o.takesNotes() {
		r, err = start(o, o.Interval == 0)
		return r, false, err
	}
	if r, err = start(o, false); err != nil {
		return nil, false, err
	}
	why := r.findsEvents(o)
	if why == nil {
		return r, true, nil
	}
	r.log.Warnf("syncing each event on its own, which is slower: %v", why)
	r.close()
	r, err = start(o, true)
	return r, false, err
}

// start starts a server and waits until it takes connections and has read its
// streams. If each, it syncs each event before it acknowledges it.
func start(o Options, each bool) (*running, error) {
	if err := clearLeftovers(o.Dir); err != nil {
		return nil, err
	}
	opts, err := o.server(each)
	if err != nil {
		return nil, err
	}
	ns, err := server.NewServer(opts)
	if err != nil {
		return nil, err
	}
	r := &running{ns: ns, opts: opts, log: newLogger(o.Logger), secret: o.Secret}
	ns.SetLoggerV2(r.log, false, false, false)
	ns.Start()
	err = r.await()
	if err == nil {
		err = r.open()
	}
	if err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

// await waits until the server takes connections.
func (r *running) await() error {
	deadline := time.NewTimer(startWait)
	defer deadline.Stop()
	for !r.ns.ReadyForConnections(10 * time.Millisecond) {
		select {
		case reason := <-r.log.fatal:
			return errors.New(reason)
		case <-deadline.C:
			return errors.New("the server was not ready in time")
		default:
		}
	}
	return nil
}

// open reads the logs, and lets readers and recorders in.
func (r *running) open() error {
	logs := r.ns.GlobalAccount()
	if !logs.JetStreamEnabled() { // which it is where there is no other account
		if err := logs.EnableJetStream(nil, nil); err != nil {
			return fmt.Errorf("read the logs again: %w", err)
		}
	}
	readers, err := r.ns.LookupAccount(readersAccount)
	if err != nil {
		return fmt.Errorf("let readers in: %w", err)
	}
	recorders, err := r.ns.LookupAccount(recordersAccount)
	if err != nil {
		return fmt.Errorf("let recorders in: %w", err)
	}
	if err := errors.Join(export(logs), importForReaders(readers, logs), importForRecorders(recorders, logs)); err != nil {
		return fmt.Errorf("let readers and recorders in: %w", err)
	}
	if r.gate, err = connect(r.ns, r.secret, "gate", nats.UserInfo(gateUser, r.secret)); err != nil {
		return err
	}
	return (&gate{readers: r.gate, logger: r.log}).open()
}

func (r *running) close() {
	if r.gate != nil {
		r.gate.Close()
	}
	r.ns.Shutdown()
	r.ns.WaitForShutdown()
}

// addresses returns where clients find the server, or "" if it does not listen
// for them.
func (r *running) addresses(o Options) (nats, webSocket string) {
	if r.ns.Addr() != nil {
		nats = r.ns.ClientURL()
	}
	if o.WebSocket != "" {
		webSocket = r.ns.WebsocketURL()
	}
	return nats, webSocket
}

// pin puts the ports that were found in the place of those that were any, so that
// clients find the server again when it is restarted.
func (r *running) pin(o Options) Options {
	if tcp, ok := r.ns.Addr().(*net.TCPAddr); ok {
		o.Listen = withPort(o.Listen, strconv.Itoa(tcp.Port))
	}
	if o.WebSocket != "" {
		if u, err := url.Parse(r.ns.WebsocketURL()); err == nil {
			o.WebSocket = withPort(o.WebSocket, u.Port())
		}
	}
	return o
}

func withPort(addr, port string) string {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	return net.JoinHostPort(host, port)
}
