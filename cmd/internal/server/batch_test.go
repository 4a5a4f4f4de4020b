package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"

	"github.com/summit-timeline/summit/cmd/internal/broker"
	"github.com/summit-timeline/summit/store/embedded"
)

// runs starts a server with nothing in it until the test ends, and returns it with its
// address.
func runs(t *testing.T) (*Server, string) {
	t.Helper()
	out, in := io.Pipe()
	s, err := New(Options{
		Data: t.TempDir(), Addr: "127.0.0.1:0", NATS: broker.ListenOptions{Listen: "127.0.0.1:0"}, Cluster: broker.ClusterOptions{Durability: broker.Interval},
	}, in, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	s.logger = slog.New(slog.DiscardHandler)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		go io.Copy(io.Discard, out) //nolint:errcheck // it ends with the server
		if err := <-ended; err != nil {
			t.Error(err)
		}
		_ = in.Close()
	})
	line := make([]byte, 1<<10)
	n, err := out.Read(line)
	url, found := strings.CutPrefix(string(line[:n]), "HTTP   ")
	if err != nil || !found {
		t.Fatalf("it says %q: %v", line[:n], err)
	}
	go io.Copy(io.Discard, out) //nolint:errcheck // it ends with the server
	return s, strings.TrimSpace(url)
}

// batched is a message of an atomic batch that is not the last.
func batched(subject, batch string, seq int) *nats.Msg {
	m := nats.NewMsg(subject)
	m.Header.Set("Nats-Batch-Id", batch)
	m.Header.Set("Nats-Batch-Sequence", fmt.Sprint(seq))
	m.Data = []byte(`{"source":"/desks/test","type":"note.added","subject":"note/n","data":{"text":"t"}}`)
	return m
}

const patience = 30 * time.Second

// atOnce is how many atomic batches a stream may have begun at a time; one more is
// refused until one of them ends or is given up, seconds later.
const atOnce = 50

// Batches over HTTP need atomic batches of the broker. Batches that recorders begin and
// abandon take no room from them.
func TestBatchesThatRecordersBeginLeaveTheRoomToHTTP(t *testing.T) {
	s, url := runs(t)
	post := func(path, contentType, body string) {
		t.Helper()
		res, err := http.Post(url+path, contentType, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if b, err := io.ReadAll(res.Body); err != nil || res.StatusCode != http.StatusCreated {
			t.Fatalf("%s: %d %s (%v)", path, res.StatusCode, b, err)
		}
	}
	post("/v1/summits", "application/json", `{"id":"geneva","title":"Geneva","zone":"Europe/Zurich","parties":[]}`)

	users, err := embedded.LoadCredentials(filepath.Join(s.o.Data, broker.UsersFile), func() string { t.Fatal("there are no credentials"); return "" })
	if err != nil {
		t.Fatal(err)
	}
	denied := make(chan error, 2*atOnce)
	recorder, err := nats.Connect(s.broker.URL(), nats.UserInfo("recorder", users.Recorder), nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { denied <- err }))
	if err != nil {
		t.Fatal(err)
	}
	defer recorder.Close()
	for n := range atOnce + 10 {
		subject := fmt.Sprintf("geneva.note.n%d", n)
		answer, err := recorder.RequestMsgWithContext(t.Context(), batched("record."+subject, uuid.NewString(), 1))
		if err != nil || !strings.Contains(string(answer.Data), `"code":400`) {
			t.Fatalf("begun: %v, %v", answer, err)
		}
		if err := recorder.PublishMsg(batched("facts."+subject, uuid.NewString(), 1)); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-denied:
			if !errors.Is(err, nats.ErrPermissionViolation) {
				t.Error(err)
			}
		case <-time.After(patience):
			t.Fatal("a recorder may write into the log")
		}
	}

	list := make([]string, 20)
	for i := range list {
		list[i] = fmt.Sprintf(`{"source":"/desks/test","type":"note.added","subject":"note/n%d","data":{"text":"t","sources":[{"id":"s","name":"S"}]}}`, i)
	}
	post("/v1/summits/geneva/facts", "application/cloudevents-batch+json", "["+strings.Join(list, ",")+"]")

	// There is room for as many as ever, and for no more.
	own, err := s.broker.Connect("test")
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	for n := range atOnce + 1 {
		answer, err := own.RequestMsgWithContext(t.Context(), batched("facts.geneva.note.n", uuid.NewString(), 1))
		if err != nil || (len(answer.Data) == 0) != (n < atOnce) {
			t.Fatalf("the batch %d of the server's own: %s, %v", n+1, answer.Data, err)
		}
	}
}
