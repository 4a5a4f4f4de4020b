package broker

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"
)

const (
	// askEvery is how often each connection asks whether the logs can be reached
	// over it.
	askEvery = 2 * time.Second
	// leaveAfter is how many questions in a row may fail before another server
	// is taken. A cluster that elects a leader answers sooner.
	leaveAfter = 4
)

// Run leaves servers that are cut off from the others: they answer their
// clients, and can do nothing for them. Where no server can, that changes
// nothing.
func (c *Cluster) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, conn := range c.conns {
		g.Go(func() error { return leaveCutOff(ctx, conn, c.logger) })
	}
	return g.Wait()
}

func leaveCutOff(ctx context.Context, conn *nats.Conn, logger *slog.Logger) error {
	js, err := jetstream.New(conn)
	if err != nil {
		return err
	}
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for failed := 0; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		ask, cancel := context.WithTimeout(ctx, askEvery)
		_, err := js.AccountInfo(ask)
		cancel()
		if failed++; err == nil || !conn.IsConnected() {
			failed = 0
		}
		if failed < leaveAfter || ctx.Err() != nil {
			continue
		}
		failed = 0
		logger.Warn("leaving a NATS server that cannot reach the logs", "connection", conn.Opts.Name, "server", conn.ConnectedUrlRedacted(), "error", err)
		if err := conn.ForceReconnect(); err != nil && !errors.Is(err, nats.ErrConnectionClosed) {
			logger.Warn("leaving a NATS server", "connection", conn.Opts.Name, "error", err)
		}
	}
}
