package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/client"
	"github.com/summit-timeline/summit/events/eventstest"
)

// seam is a server that is killed and started again, a writer that continues all
// the while, and subscribers that are compared with the log in the end.
type seam struct {
	*testing.T
	dir    string
	server *process
	url    string
	epoch  string
	random *rand.Rand

	followed eventstest.Buffer // what the verb has printed
	consumes atomic.Bool       // there is a consumer
}

// seen is what a subscriber was told: positions and the ids of facts, in order.
type seen struct{ positions, facts []string }

const seamDeadline = 2 * time.Minute

// kills is how often the server is killed: SUMMIT_SEAM_KILLS for longer.
func kills(t *testing.T) int {
	t.Helper()
	text := os.Getenv("SUMMIT_SEAM_KILLS")
	if text == "" {
		return 3
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Nothing is lost and nothing comes twice, wherever subscribers come back and
// whenever the server is killed.
func TestThereIsNoSeam(t *testing.T) {
	t.Parallel()
	const part = 80 // facts between two kills
	times := kills(t)
	s := &seam{T: t, dir: filepath.Join(t.TempDir(), "data"), random: rand.New(rand.NewPCG(1, uint64(times)))}
	s.server = start(t, s.dir)
	s.url = s.server.url
	if status, a := s.server.post(t, "/v1/summits", "application/json", `{"id":"seam","title":"Seam","zone":"UTC","parties":[]}`); status != http.StatusCreated {
		t.Fatal(status, a)
	}
	s.epoch = s.server.epoch(t, "seam")
	ctx, cancel := context.WithTimeout(t.Context(), seamDeadline+time.Duration(times)*5*time.Second)
	defer cancel()
	subscribers := map[string]func(context.Context, *rand.Rand) (seen, error){
		"header": s.subscriber("", false), "query": s.subscriber("", true), "filter": s.subscriber("&types=note.added", false),
		"follow": s.follower, "nats": s.consumer,
	}
	got, failed := map[string]seen{}, map[string]error{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for name, run := range subscribers {
		random := rand.New(rand.NewPCG(uint64(len(name)), 2))
		all.Go(func() {
			x, err := run(ctx, random)
			mu.Lock()
			defer mu.Unlock()
			got[name], failed[name] = x, err
		})
	}
	// Who meets no server at all the first time gives up, as it should.
	eventstest.Eventually(t, "follow and the consumer have begun", func() bool {
		return s.consumes.Load() && strings.Contains(s.followed.String(), "\n")
	})
	for range times {
		s.write(ctx, part, true)
	}
	s.write(ctx, part, false)
	if status, a := s.server.post(t, "/v1/summits/seam/facts", eventType, `{"source":"/d","type":"summit.closed","subject":"summit/seam","data":{}}`); status != http.StatusCreated {
		t.Fatal(status, a)
	}
	all.Wait()
	want := s.log()
	if len(want.positions) != (times+1)*part+2 {
		t.Errorf("the log has %d events", len(want.positions))
	}
	for name := range subscribers {
		x := got[name]
		if failed[name] != nil {
			t.Errorf("%s: %v", name, failed[name])
		}
		if !slices.Equal(x.positions, want.positions) || !slices.Equal(x.facts, want.facts) {
			t.Errorf("%s saw %d positions and %d facts instead of %d and %d, or in another order: %v", name, len(x.positions), len(x.facts), len(want.positions), len(want.facts), x.positions)
		}
	}
}

// write records facts one by one, each again until it is acknowledged; where
// told to, the server is killed somewhere among them and started again.
func (s *seam) write(ctx context.Context, n int, kill bool) {
	at := s.random.IntN(n)
	for i := range n {
		if kill && i == at {
			if err := s.server.cmd.Process.Signal(syscall.SIGKILL); err != nil {
				s.Fatal(err)
			}
			_ = s.server.cmd.Wait() // it was killed
			s.server = startAt(s.T, s.dir, strings.TrimPrefix(s.url, "http://"), strings.TrimPrefix(s.server.nats, "nats://"))
		}
		s.record(ctx, strings.Replace(noteEvent(fmt.Sprint("n", s.random.IntN(1000)), "text"), "{", `{"id":"`+uuid.NewString()+`",`, 1))
	}
}

func (s *seam) record(ctx context.Context, event string) {
	for ctx.Err() == nil {
		res, err := http.Post(s.url+"/v1/summits/seam/facts", eventType, strings.NewReader(event))
		if err != nil {
			continue
		}
		_ = res.Body.Close() // the status says it
		if res.StatusCode == http.StatusCreated || res.StatusCode == http.StatusOK {
			return
		}
	}
	s.Fatal("a fact was not taken in time")
}

func (s *seam) log() seen {
	res, err := http.Get(s.url + "/v1/summits/seam/log")
	if err != nil {
		s.Fatal(err)
	}
	defer res.Body.Close()
	var x seen
	lines := bufio.NewScanner(res.Body)
	for n := 1; lines.Scan(); n++ {
		x.add(fmt.Sprintf("%s-%d", s.epoch, n), lines.Bytes())
	}
	if lines.Err() != nil {
		s.Fatal(lines.Err())
	}
	return x
}

// add notes a position, and the fact that an event or an item is.
func (x *seen) add(position string, data []byte) {
	var e struct{ ID, Fact, Type string }
	_ = json.Unmarshal(data, &e) // what cannot be read differs from the log
	x.positions = append(x.positions, position)
	if !strings.HasPrefix(e.Type, "summit.") && e.ID+e.Fact != "seam" {
		x.facts = append(x.facts, e.ID+e.Fact)
	}
}

// subscriber reads the live stream and hangs up at random points.
func (s *seam) subscriber(filter string, byQuery bool) func(context.Context, *rand.Rand) (seen, error) {
	return func(ctx context.Context, random *rand.Rand) (seen, error) {
		var x seen
		at := ""
		for ctx.Err() == nil {
			closed, err := s.read(ctx, &x, &at, filter, byQuery, random.IntN(60))
			if closed || err != nil {
				return x, err
			}
		}
		return x, ctx.Err()
	}
}

// read reads so many frames of one connection.
func (s *seam) read(ctx context.Context, x *seen, at *string, filter string, byQuery bool, frames int) (closed bool, err error) {
	ctx, hangUp := context.WithCancel(ctx)
	defer hangUp()
	path := s.url + "/v1/summits/seam/live?since=@0" + filter
	if byQuery && *at != "" {
		path += "&last_event_id=" + *at
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, path, http.NoBody)
	if err != nil {
		return false, err
	}
	if !byQuery && *at != "" {
		r.Header.Set("Last-Event-ID", *at)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return false, nil // the server is down
	}
	defer res.Body.Close()
	switch res.StatusCode {
	case http.StatusNoContent:
		return true, nil
	case http.StatusOK:
	default:
		return false, fmt.Errorf("status %d", res.StatusCode)
	}
	stream := &client.FrameReader{Lines: bufio.NewReader(res.Body), ID: *at, Heard: func() {}}
	for range frames + 1 {
		f, err := stream.Next()
		if err != nil {
			return false, nil // it was cut
		}
		if *at = f.ID; f.Event == "gap" {
			return false, errors.New("a gap was told: " + f.Data)
		}
		if f.Event == "fact" || f.Event == "summit" || f.Event == "quarantined" {
			x.add(f.ID, []byte(f.Data))
		}
	}
	return false, nil
}

// follower is the verb itself.
func (s *seam) follower(ctx context.Context, _ *rand.Rand) (seen, error) {
	var errs bytes.Buffer
	code := program().RunContext(ctx, []string{"follow", "seam", "--since", "@0", "--json", "--server", s.url}, cli.Streams{Out: &s.followed, Err: &errs})
	var x seen
	for lines := bufio.NewScanner(strings.NewReader(s.followed.String())); lines.Scan(); {
		var l struct {
			ID   string
			Data json.RawMessage
		}
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return x, err
		}
		x.add(l.ID, l.Data)
	}
	if !strings.Contains(errs.String(), "reconnecting") || !strings.Contains(errs.String(), "closed") {
		return x, errors.New("it did not say what went on: " + errs.String())
	}
	if code != cli.Good {
		return x, fmt.Errorf("exit %d: %s", code, &errs)
	}
	return x, nil
}

// consumer follows the events themselves over NATS.
func (s *seam) consumer(ctx context.Context, _ *rand.Rand) (seen, error) {
	var x seen
	nc, err := nats.Connect(s.server.nats, nats.MaxReconnects(-1), nats.ReconnectWait(100*time.Millisecond))
	if err != nil {
		return x, err
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		return x, err
	}
	c, err := js.OrderedConsumer(ctx, "SUMMIT_seam", jetstream.OrderedConsumerConfig{MaxResetAttempts: -1})
	if err != nil {
		return x, err
	}
	messages, err := c.Messages(jetstream.PullHeartbeat(time.Second), jetstream.PullExpiry(5*time.Second))
	if err != nil {
		return x, err
	}
	defer messages.Stop()
	s.consumes.Store(true)
	for ctx.Err() == nil {
		m, err := messages.Next(jetstream.NextContext(ctx))
		if err != nil {
			continue // it resets itself
		}
		meta, err := m.Metadata()
		if err != nil {
			return x, err
		}
		x.add(fmt.Sprintf("%s-%d", s.epoch, meta.Sequence.Stream), m.Data())
		if strings.HasSuffix(m.Subject(), ".summit.seam") && meta.Sequence.Stream > 1 {
			return x, nil
		}
	}
	return x, ctx.Err()
}
