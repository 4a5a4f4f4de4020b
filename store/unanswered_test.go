package store

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/store/embedded"
)

// unanswered is a JetStream whose first consumer is given to a server that is
// gone: nobody answers for it.
type unanswered struct {
	jetstream.JetStream
	asked int
}

func (u *unanswered) CreateConsumer(ctx context.Context, stream string, c jetstream.ConsumerConfig) (jetstream.Consumer, error) {
	if u.asked++; u.asked == 1 {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return u.JetStream.CreateConsumer(ctx, stream, c)
}

func TestAConsumerOfAServerThatIsGoneIsGivenUp(t *testing.T) {
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	s, err := embedded.Start(embedded.Options{Dir: t.TempDir(), Secret: uuid.NewString()})
	must(err)
	defer s.Shutdown() //nolint:errcheck // the folder goes with the test
	conn, err := s.Connect("read")
	must(err)
	defer conn.Close()
	js, err := jetstream.New(conn)
	must(err)
	stream, err := js.CreateStream(t.Context(), settings("geneva", 1, -1))
	must(err)
	m := nats.NewMsg("facts.geneva.note.a")
	m.Data = []byte("what was said")
	_, err = js.PublishMsg(t.Context(), m)
	must(err)
	l := &Log{summit: "geneva", write: js, read: &unanswered{JetStream: js}, stream: stream, servers: 1, silence: silence}
	for rec, err := range l.Follow(t.Context(), 1) {
		if must(err); string(rec.Raw) != "what was said" {
			t.Errorf("read %q", rec.Raw)
		}
		return
	}
}
