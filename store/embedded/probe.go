package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	probeStream = "PROBE"
	probeText   = "an event that must stand in the last block of its stream once it is acknowledged"
	// probeWait is how long a probe may take.
	probeWait = 5 * time.Second
)

// findsEvents appends an event to a stream of its own, and returns an error if the event
// is not in the file that Force would sync. How nats-server lays its files out is its
// own affair: another version may do it in another way.
func (r *running) findsEvents(o Options) error {
	c, err := connect(r.ns, r.secret, "probe")
	if err != nil {
		return err
	}
	defer c.Close()
	js, err := jetstream.New(c)
	if err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), probeWait)
	defer cancel()
	if err := js.DeleteStream(ctx, probeStream); err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
		return fmt.Errorf("probe: %w", err)
	}
	if _, err := js.CreateStream(ctx, jetstream.StreamConfig{Name: probeStream, Subjects: []string{probeStream}}); err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	_, err = js.Publish(ctx, probeStream, []byte(probeText))
	if err == nil {
		err = newBlocks(o.Dir, probeStream, o.syncFile()).holds(probeText)
	}
	if err := errors.Join(err, js.DeleteStream(ctx, probeStream)); err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	return nil
}

// holds forces a stream that has one block and returns an error if a text is not in it.
func (b *blocks) holds(text string) error {
	if err := b.force(); err != nil {
		return err
	}
	content, err := os.ReadFile(b.path(1))
	if err != nil {
		return err
	}
	if !bytes.Contains(content, []byte(text)) {
		return errors.New("an acknowledged event is not in the file where it was expected")
	}
	return nil
}
