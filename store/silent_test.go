package store

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/store/embedded"
)

// silent is a stream of which one server, that is asked first, does not answer.
type silent struct{ jetstream.Stream }

func (silent) GetMsg(ctx context.Context, _ uint64, _ ...jetstream.GetMsgOpt) (*jetstream.RawStreamMsg, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// said returns a stream in which one thing was said.
func said(t *testing.T) (jetstream.JetStream, jetstream.Stream) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	s, err := embedded.Start(embedded.Options{Dir: t.TempDir(), Secret: uuid.NewString()})
	must(err)
	t.Cleanup(func() { _ = s.Shutdown() }) // the folder goes with the test
	conn, err := s.Connect("read")
	must(err)
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	must(err)
	stream, err := js.CreateStream(t.Context(), settings("geneva", 1, -1))
	must(err)
	m := nats.NewMsg("facts.geneva.note.a")
	m.Data = []byte("what was said")
	_, err = js.PublishMsg(t.Context(), m)
	must(err)
	return js, stream
}

func TestWhatASilentServerDoesNotGiveIsReadFromTheLeader(t *testing.T) {
	js, stream := said(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	l := &Log{summit: "geneva", write: js, read: js, stream: silent{stream}, servers: 1}
	if rec, err := l.Get(ctx, 1); err != nil || string(rec.Raw) != "what was said" {
		t.Errorf("read %q, %v", rec.Raw, err)
	}
}

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
	t.Parallel()
	js, stream := said(t)
	l := &Log{summit: "geneva", write: js, read: &unanswered{JetStream: js}, stream: stream, servers: 1, silence: silence}
	for rec, err := range l.Follow(t.Context(), 1) {
		if err != nil || string(rec.Raw) != "what was said" {
			t.Errorf("read %q, %v", rec.Raw, err)
		}
		return
	}
}
