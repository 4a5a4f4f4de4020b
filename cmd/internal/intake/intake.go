// Package intake records events that are published over NATS: an event on
// record.SUMMIT.KIND.ID is handled like a POST, and the answer has the form of a JetStream
// acknowledgement, so that a client's JetStream publish works.
//
// [New] returns an [Intake].
package intake

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"

	"github.com/nats-io/nats.go"
	"github.com/prometheus/client_golang/prometheus"
)

const (
	// subjects are where recorders publish.
	subjects = "record.>"
	// queue makes one server answer if there are several.
	queue = "summit"
	// slots is how many events are handed in at a time. Others wait on the
	// connection.
	slots = 1024
)

// Intake answers recorders.
type Intake struct {
	handler  http.Handler // what answers a POST
	conn     *nats.Conn
	logger   *slog.Logger
	outcomes *prometheus.CounterVec
	slots    chan struct{}
	under    sync.WaitGroup
	sub      *nats.Subscription
}

// New makes an intake. Nothing is taken before [Intake.Open].
func New(logger *slog.Logger) *Intake {
	return &Intake{
		logger: logger, slots: make(chan struct{}, slots),
		outcomes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "summit_nats_records_total", Help: "Events received for recording over NATS, by the equivalent HTTP status.",
		}, []string{"status"}),
	}
}

// Figures returns its Prometheus metrics.
func (n *Intake) Figures() prometheus.Collector { return n.outcomes }

// Open receives events from a connection that may answer anybody, and passes them to
// an HTTP handler.
func (n *Intake) Open(conn *nats.Conn, handler http.Handler) (err error) {
	n.conn, n.handler = conn, handler
	if n.sub, err = conn.QueueSubscribe(subjects, queue, n.take); err != nil {
		return fmt.Errorf("receive events over NATS: %w", err)
	}
	if err := conn.Flush(); err != nil {
		return fmt.Errorf("receive events over NATS: %w", err)
	}
	return nil
}

// Close takes no more, and waits until what was taken is answered, or ctx ends.
func (n *Intake) Close(ctx context.Context) {
	if n.sub == nil {
		return
	}
	if err := n.sub.Unsubscribe(); err != nil {
		n.logger.Warn("receiving events over NATS", "error", err)
	}
	answered := make(chan struct{})
	go func() { n.under.Wait(); close(answered) }()
	select {
	case <-answered:
		_ = n.conn.FlushWithContext(ctx) // who is not answered asks again
	case <-ctx.Done():
	}
}

// take submits an event while the next ones are received, so that those that arrive
// together are appended together.
func (n *Intake) take(m *nats.Msg) {
	n.slots <- struct{}{}
	n.under.Add(1)
	go func() {
		defer func() { <-n.slots; n.under.Done() }()
		n.answer(m, n.record(m))
	}()
}

// answer sends what came of an event. An answer never goes to where facts or
// events are published, or to the broker: who asks for that would have the server
// write in its place.
func (n *Intake) answer(m *nats.Msg, o outcome) {
	n.outcomes.WithLabelValues(fmt.Sprint(o.status)).Inc()
	if m.Reply == "" || reserved(m.Reply) {
		return
	}
	reply := nats.NewMsg(m.Reply)
	if o.position != "" {
		reply.Header.Set("Summit-Position", o.position)
	}
	reply.Data = o.body()
	if err := n.conn.PublishMsg(reply); err != nil {
		n.logger.Warn("answering over NATS", "error", err)
	}
}

func reserved(subject string) bool {
	first, _, _ := strings.Cut(subject, ".")
	return first == "facts" || first == "record" || strings.HasPrefix(first, "$") || strings.HasPrefix(first, "_SUMMIT")
}
