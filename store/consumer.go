package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

// consumer brings the events of a log in order, from a sequence on, for as long
// as its server and the connection to it last. It is never mended: whoever
// reads makes another where it stopped, under another name. One that is asked
// for again under its name, as nats.go's ordered consumer does, may have been
// given to a server that is gone, and then nothing comes until that is back.
type consumer struct {
	jetstream.MessagesContext
	leave func()
	count uint64 // what it has brought
}

const (
	// idle is how long the broker keeps a consumer for a reader who is gone
	// without a word.
	idle = time.Minute
	// beats are so many in the time after which silence is looked into: two
	// that are missing say that the consumer's server is gone.
	beats = 5
	// shortestBeat and longestBeat are within what nats.go takes.
	shortestBeat, longestBeat = 500 * time.Millisecond, 10 * time.Second
)

// errLost is the error of a consumer of which something got lost on the way.
var errLost = errors.New("a message of the consumer was lost")

// consumer makes one.
func (l *Log) consumer(ctx context.Context, from uint64) (*consumer, error) {
	ask, cancel := context.WithTimeout(ctx, askWait)
	defer cancel()
	stream, name, conn := streamPrefix+l.summit, nuid.Next(), l.read.Conn()
	remove := func() { // a broker that is out of reach does so by itself
		_ = conn.Publish("$JS.API.CONSUMER.DELETE."+stream+"."+name, nil)
	}
	made, err := l.read.CreateConsumer(ask, stream, jetstream.ConsumerConfig{
		Name: name, DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: from, AckPolicy: jetstream.AckNonePolicy,
		MemoryStorage: true, Replicas: 1, InactiveThreshold: idle,
	})
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil, fmt.Errorf("follow the log of %s: %w", l.summit, ErrNotFound)
	}
	if err != nil {
		remove() // it may be there all the same
		return nil, fmt.Errorf("follow the log of %s: %w", l.summit, unavailable(err))
	}
	messages, err := made.Messages(jetstream.PullMaxMessages(prefetch),
		jetstream.PullHeartbeat(min(max(l.silence/beats, shortestBeat), longestBeat)), jetstream.WithMessagesErrOnMissingHeartbeat(true))
	if err != nil {
		remove()
		return nil, fmt.Errorf("follow the log of %s: %w", l.summit, err)
	}
	reconnected := conn.StatusChanged(nats.CONNECTED)
	go func() {
		for range reconnected { // until it is no longer listened to
			messages.Stop()
		}
	}()
	return &consumer{MessagesContext: messages, leave: func() {
		conn.RemoveStatusListener(reconnected)
		messages.Stop()
		remove()
	}}, nil
}

// next waits for an event, at most as long as most.
func (c *consumer) next(most time.Duration) (jetstream.Msg, *jetstream.MsgMetadata, error) {
	m, err := c.Next(jetstream.NextMaxWait(most))
	if err != nil {
		return nil, nil, err //nolint:wrapcheck // it is in what reads
	}
	meta, err := m.Metadata()
	if err != nil {
		return nil, nil, fmt.Errorf("read the position of a message: %w", err)
	}
	if c.count++; meta.Sequence.Consumer != c.count {
		return nil, nil, errLost
	}
	return m, meta, nil
}
