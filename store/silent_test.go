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

func TestWhatASilentServerDoesNotGiveIsReadFromTheLeader(t *testing.T) {
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
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	stream, err := js.CreateStream(ctx, settings("geneva", 1, -1))
	must(err)
	m := nats.NewMsg("facts.geneva.note.a")
	m.Data = []byte("what was said")
	_, err = js.PublishMsg(ctx, m)
	must(err)
	l := &Log{summit: "geneva", write: js, read: js, stream: silent{stream}, servers: 1}
	if rec, err := l.Get(ctx, 1); err != nil || string(rec.Raw) != "what was said" {
		t.Errorf("read %q, %v", rec.Raw, err)
	}
}
