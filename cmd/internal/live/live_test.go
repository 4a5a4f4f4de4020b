package live

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/summit-timeline/summit/events/eventstest"
)

func TestEveryProtocolIsServed(t *testing.T) {
	for name, start := range map[string]func(*httptest.Server){
		"HTTP/1.1": (*httptest.Server).Start, "HTTP/1.1 over TLS": (*httptest.Server).StartTLS,
		"HTTP/2.0": func(s *httptest.Server) { s.EnableHTTP2 = true; s.StartTLS() },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, start)
			r.tell(1000, 600, "note/a")
			transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: name == "HTTP/2.0"}
			defer transport.CloseIdleConnections()
			s := r.follow(&http.Client{Transport: transport}, "", at(0))
			if !strings.HasPrefix(name, s.res.Proto) {
				t.Errorf("served over %s", s.res.Proto)
			}
			if first := s.block(); first != "retry: 3000\n" {
				t.Errorf("first %q", first)
			}
			if got, _ := s.until("caught-up"); !slices.Equal(got, upTo(1, 1000)) {
				t.Errorf("%d frames", len(got))
			}
			for n := range 300 { // across the end of a segment
				r.tell(1, 10, "note/a")
				if b := s.block(); !strings.HasPrefix(b, "id: "+at(uint64(1001+n))+"\nevent: fact\ndata: {") {
					t.Fatalf("frame %q", b)
				}
			}
			if parked := r.waiting(); parked != (name == "HTTP/1.1") {
				t.Errorf("waits without a goroutine: %t", parked)
			}
			r.stop()
			if b := s.block(); b != "" {
				t.Errorf("after the end: %q", b)
			}
		})
	}
}

func TestFramesAreEncodedOnceForAll(t *testing.T) {
	r := newRig(t, (*httptest.Server).Start)
	var all []*stream
	for range 20 {
		s := r.follow(http.DefaultClient, "", "")
		s.until("caught-up")
		all = append(all, s)
	}
	r.tell(2000, 100, "note/a")
	for _, s := range all {
		for n := range 2000 {
			if b := s.block(); !strings.HasPrefix(b, "id: "+at(uint64(n)+1)+"\n") {
				t.Fatalf("frame %d: %q", n+1, b)
			}
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.read > 2*2000 {
		t.Errorf("%d frames were read for 2000", r.read)
	}
}

func TestAReaderThatStallsIsToldBeforeItIsCutAndHoldsUpNobody(t *testing.T) {
	r := newRig(t, (*httptest.Server).Start)
	stalled := r.follow(http.DefaultClient, "", "")
	stalled.until("caught-up")
	eventstest.Eventually(t, "wait", r.waiting)
	const frames = 1000
	r.tell(frames, 32<<10, "note/a") // more than the buffers on the way hold
	eventstest.Eventually(t, "stall", func() bool { return !r.waiting() })
	other := r.follow(http.DefaultClient, "", at(0))
	if got, _ := other.until("caught-up"); !slices.Equal(got, upTo(1, frames)) {
		t.Errorf("the other saw %d frames", len(got))
	}
	for range 100 { // the stalled reader is in the middle of a write
		r.ahead.Add(int64(time.Second))
	}
	got, last := stalled.until("lagging")
	if len(got) == 0 || len(got) == frames || !slices.Equal(got, upTo(1, got[len(got)-1])) {
		t.Fatalf("%d frames before it was told", len(got))
	}
	if want := fmt.Sprintf("event: lagging\ndata: {\"position\":%q,\"head\":%q}\n", at(got[len(got)-1]), at(frames)); last != want {
		t.Errorf("told %q, want %q", last, want)
	}
	if b := stalled.block(); b != "" {
		t.Errorf("after the end: %.100q", b)
	}
	again := r.follow(http.DefaultClient, "", at(got[len(got)-1]))
	if rest, _ := again.until("caught-up"); !slices.Equal(rest, upTo(got[len(got)-1]+1, frames)) {
		t.Errorf("%d frames afterwards", len(rest))
	}
}

func TestASlowReaderCatchesUpAndWaitsAgain(t *testing.T) {
	r := newRig(t, (*httptest.Server).Start)
	s := r.follow(http.DefaultClient, "", "")
	s.until("caught-up")
	eventstest.Eventually(t, "wait", r.waiting)
	const frames = 1000
	r.tell(frames, 32<<10, "note/a")
	eventstest.Eventually(t, "fill the connection", func() bool { return !r.waiting() })
	for n := range uint64(frames) {
		if b := s.block(); !strings.HasPrefix(b, "id: "+at(n+1)+"\n") {
			t.Fatalf("frame %.100q", b)
		}
	}
	eventstest.Eventually(t, "wait again", r.waiting)
	r.tell(1, 10, "note/a")
	if b := s.block(); !strings.HasPrefix(b, "id: "+at(frames+1)+"\n") {
		t.Errorf("frame %.100q", b)
	}
}

func TestAReaderThatIsCutBeforeItsFirstFactLosesNothing(t *testing.T) {
	r := newRig(t, (*httptest.Server).Start)
	r.tell(3, 10, "note/a")
	s := r.follow(http.DefaultClient, "", "")
	if b := s.block(); b != "retry: 3000\n" {
		t.Errorf("first %q", b)
	}
	if b := s.block(); b != "id: "+at(3)+"\n" {
		t.Errorf("then %q", b)
	}
	if _, b := s.until("caught-up"); b != "event: caught-up\ndata: {\"position\":\""+at(3)+"\"}\n" {
		t.Errorf("then %q", b)
	}
}

func TestAFilteredReaderOfAClosedStoryIsDone(t *testing.T) {
	r := newRig(t, (*httptest.Server).Start)
	r.tell(2, 10, "note/a")
	r.end()
	r.tell(600, 10, "note/b") // amendments to what the reader does not want
	for after, want := range map[uint64][]uint64{0: {1, 2, 3}, 2: {3}} {
		s := r.follow(http.DefaultClient, "?entity=note/a", at(after))
		if got, _ := s.until("caught-up"); !slices.Equal(got, want) {
			t.Errorf("after %d: %v", after, got)
		}
		if b := s.block(); b != "" {
			t.Errorf("after the end: %q", b)
		}
	}
	if s := r.follow(http.DefaultClient, "?entity=note/a", at(3)); s.res.StatusCode != http.StatusNoContent {
		t.Errorf("status %d", s.res.StatusCode)
	}
	if s := r.follow(http.DefaultClient, "?entity=note/b", at(3)); s.res.StatusCode != http.StatusOK {
		t.Errorf("status %d", s.res.StatusCode)
	}
}

func TestReadersThatHangUpAreForgotten(t *testing.T) {
	r := newRig(t, (*httptest.Server).Start)
	transport := &http.Transport{}
	s := r.follow(&http.Client{Transport: transport}, "", "")
	s.until("caught-up")
	eventstest.Eventually(t, "wait", r.waiting)
	if held := r.held.Load(); held != 1 {
		t.Errorf("the story of a reader that waits is held by %d", held)
	}
	_ = s.res.Body.Close()
	transport.CloseIdleConnections()
	eventstest.Eventually(t, "forget", func() bool {
		r.tell(1, 10, "note/a")
		return r.hub.Readers("x") == 0
	})
	eventstest.Eventually(t, "end the shard", func() bool { return !r.waiting() })
}

// sent is a sink that keeps what it is sent.
type sent struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *sent) send(b []byte, _ time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.Write(b)
	return nil
}

func (s *sent) finish() {}

func (s *sent) take() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.text.Reset()
	return s.text.String()
}

func TestAQuietStreamIsKeptWarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		story, done := newTale(), make(chan struct{})
		hub := New(Options{Clock: time.Now, Jitter: func() float64 { return 0 }, Logger: slog.New(slog.DiscardHandler), Done: done})
		out := &sent{}
		story.tell(1, 10, "note/a")
		x := &reader{feed: hub.feed("x", "en", story), out: out, filter: NewFilter(nil, "note/a"), at: 1, lastID: 1}
		hub.open.Add(1)
		go x.run(t.Context())
		expect := func(wait time.Duration, want string) {
			t.Helper()
			time.Sleep(wait) // in the bubble's time
			synctest.Wait()
			if got := out.take(); got != want {
				t.Errorf("sent %q, want %q", got, want)
			}
		}
		expect(0, "event: caught-up\ndata: {\"position\":\""+at(1)+"\"}\n\n")
		expect(beatEvery, string(comment))
		story.tell(1, 10, "note/b")
		expect(0, "")
		expect(beatEvery, "id: "+at(2)+"\n\n") // what was left out need not be read again
		expect(beatEvery, fmt.Sprintf("event: tick\ndata: {\"position\":%q,\"time\":%q}\n\n", at(2), time.Now().Add(beatEvery).UTC().Format(time.RFC3339)))
		expect(beatEvery, string(comment))
		close(done)
		synctest.Wait()
		hub.Drain(t.Context())
	})
}

func TestAReaderWhoMayReadNoMoreIsToldFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		story, done := newTale(), make(chan struct{})
		hub := New(Options{Clock: time.Now, Jitter: func() float64 { return 0 }, Logger: slog.New(slog.DiscardHandler), Done: done})
		out, revoked := &sent{}, errors.New("the token was revoked")
		var refuse atomic.Bool
		story.tell(1, 10, "note/a")
		x := &reader{feed: hub.feed("x", "en", story), out: out, filter: NewFilter(nil, ""), at: 1, lastID: 1, allow: func() error {
			if refuse.Load() {
				return revoked
			}
			return nil
		}}
		hub.open.Add(1)
		go x.run(t.Context())
		time.Sleep(beatEvery) // in the bubble's time
		synctest.Wait()
		refuse.Store(true)
		out.take()
		time.Sleep(beatEvery)
		synctest.Wait()
		if got, want := out.take(), "event: refused\ndata: {\"reason\":\"the token was revoked\"}\n\n"; got != want {
			t.Errorf("sent %q, want %q", got, want)
		}
		story.tell(1, 10, "note/a")
		time.Sleep(beatEvery)
		synctest.Wait()
		if got := out.take(); got != "" {
			t.Errorf("after it was refused it was sent %q", got)
		}
		close(done)
		hub.Drain(t.Context())
	})
}
