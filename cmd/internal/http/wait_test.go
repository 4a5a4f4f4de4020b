package httpserver_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/http/api"
	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store"
)

// behind is a replica whose views stand still between hold and let: the log goes
// on at the other server meanwhile.
type behind struct {
	*fixture
	mu sync.Mutex // held while the views stand still
}

func newBehind(f *fixture) *behind {
	b := &behind{}
	b.fixture = f.replica(func(_ *store.Options, h *summits.Options) {
		h.Shared, h.Clock = true, time.Now
		h.Commit = func(string, uint64, []string) func(error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			return func(error) {}
		}
	})
	return b
}

// ask sends a request to the handler itself, and does not wait for the answer.
func (b *behind) ask(ctx context.Context, path string) <-chan servertest.Reply {
	answered := make(chan servertest.Reply, 1)
	go func() {
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "http://localhost"+path, http.NoBody)
		b.Handler.ServeHTTP(w, r.WithContext(ctx))
		answered <- b.ReplyOf("GET "+path, w)
	}()
	return answered
}

// A server waits for what another has recorded, whichever parameter names it. If its
// views catch up, it answers like the first server. If not, it answers 503 with
// Retry-After.
func TestAPositionThatTheLogHasIsWaitedForAtEveryReplica(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	for i := range 3 {
		f.Record("geneva", servertest.Note(fmt.Sprint("n", i), "n"))
	}
	b := newBehind(f)
	b.Get("/v1/summits/geneva").Want(http.StatusOK)
	s, _ := b.Registry.Summit("geneva")
	b.Must(s.Views.Wait(t.Context(), 4))
	b.mu.Lock()
	last := f.Record("geneva", servertest.Note("last", "the last one"))
	cursor := f.Timeline("geneva", "?limit=1").Next
	pinned := f.Timeline("geneva", "?limit=1&known="+last.Position).Next
	recordedAt := servertest.RecordedFrom.Add(10 * time.Second).Format(time.RFC3339)
	paths := map[string]string{}
	for _, path := range []string{
		"?known=" + last.Position, "?known=@5", "/timeline?known=" + last.Position, "/timeline?known=@5", "/timeline?known=" + recordedAt,
		"/timeline?limit=1&cursor=" + *cursor, "/timeline?limit=1&known=" + last.Position + "&cursor=" + *pinned, "/timeline.ndjson?known=" + last.Position,
		"/timeline.csv?known=" + last.Position, "/status?known=" + last.Position, "/status?min=" + last.Position,
		"/changes?since=@1&until=" + last.Position, "/changes?since=" + last.Position, "/conflicts?known=@5", "/facts/" + last.ID, "/facts/" + last.ID + "?known=" + last.Position,
		"/proof/inclusion?seq=5", "/proof/inclusion?seq=1&size=5", "/proof/consistency?from=5", "/proof/consistency?from=1&to=5", "/tile/0/000.p/5", "/tile/entries/000.p/5",
		"/log?from=5&to=5",
	} {
		paths["/v1/summits/geneva"+path] = f.Get("/v1/summits/geneva" + path).Want(http.StatusOK).Body
	}
	paths["/v1/summits/geneva/checkpoint?size=5"] = "" // each has a key of its own
	paths["/summits/geneva?known="+last.Position] = ""
	paths["/summits/geneva?fact="+last.ID] = ""
	waiting := map[string]<-chan servertest.Reply{}
	for path := range paths {
		waiting[path] = b.ask(t.Context(), path)
	}
	live := b.follow("geneva", "", "Last-Event-ID", last.Position)
	over, cancel := context.WithDeadline(t.Context(), servertest.RecordedFrom) // there is no time left to wait
	defer cancel()
	for path := range paths {
		if strings.Contains(path, "/log?") {
			continue // it is read from the log itself
		}
		r := <-b.ask(over, path)
		if r.Problem(http.StatusServiceUnavailable); r.Header.Get("Retry-After") == "" {
			t.Errorf("%s: 503 without Retry-After", path)
		}
	}
	b.mu.Unlock()
	for path, want := range paths {
		if r := (<-waiting[path]).Want(http.StatusOK); want != "" && r.Body != want {
			t.Errorf("%s: %s\nwant %s", path, r.Body, want)
		}
	}
	if got := live.until("caught-up"); len(got) != 1 {
		t.Errorf("a reader that has all is told %v", got)
	}
}

// A server does not wait for a position that the log does not have.
func TestAPositionThatNoLogHasIsRefusedAtOnce(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	b := newBehind(f)
	b.Get("/v1/summits/geneva").Want(http.StatusOK)
	for path, status := range map[string]int{
		"/timeline?known=" + f.At("geneva", 2): 400, "/timeline?known=@2": 400, "/timeline?known=00000000-1": 400, "/changes?since=@2": 400, "/changes?since=@1&until=@2": 400,
		"/proof/inclusion?seq=2": 400, "/proof/consistency?from=1&to=2": 400, "/checkpoint?size=2": 400, "/tile/0/000.p/2": 404, "/facts/" + servertest.ID(1): 404,
	} {
		for _, server := range []*fixture{f, b.fixture} {
			server.Get("/v1/summits/geneva" + path).Problem(status)
		}
	}
	got := b.follow("geneva", "", "Last-Event-ID", f.At("geneva", 2)).until("caught-up")
	if got[0].event != "gap" {
		t.Errorf("beyond the end of the log: %v", got)
	}
}

// Every read has what its server has acknowledged, even the first one after a batch or
// a closing.
func TestAServerAnswersWithWhatItHasAcknowledged(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	var list []string
	for round := range 20 {
		list = list[:0]
		for i := range 50 {
			list = append(list, servertest.Note(fmt.Sprintf("n-%d-%d", round, i), "n"))
		}
		f.Post("/v1/summits/geneva/facts", api.BatchType, servertest.Batch(list...)).Want(http.StatusCreated)
		last := uint64(1 + (round+1)*50)
		at := `"position":"` + f.At("geneva", int(last)) + `"`
		path := []string{"/v1/summits/geneva", "/v1/summits/geneva/status", "/v1/summits/geneva/timeline", "/v1/summits/geneva/conflicts", "/v1/summits/geneva/changes?since=@1", "/v1/summits"}[round%6]
		if r := f.Get(path).Want(http.StatusOK); !strings.Contains(r.Body, at) {
			t.Fatalf("%s after event %d: %.300s", path, last, r.Body)
		}
	}
	f.Post("/v1/summits/geneva/facts", events.ContentType, servertest.Event("summit.closed", "summit/geneva", `{"reason":"It is over."}`)).Want(http.StatusCreated)
	if r := f.Get("/v1/summits/geneva").Want(http.StatusOK); !strings.Contains(r.Body, `"phase":"closed"`) {
		t.Errorf("after the closing: %s", r.Body)
	}
}

// Views that stand still answer 503 rather than without what was acknowledged;
// views that have stopped for good answer at once, and say that they are not
// complete.
func TestViewsThatDoNotComeAreNotAnsweredFrom(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	b := newBehind(f)
	b.Get("/v1/summits/geneva").Want(http.StatusOK)
	b.mu.Lock()
	b.Post("/v1/summits/geneva/facts", events.ContentType, servertest.Note("a", "a")).Want(http.StatusCreated)
	over, cancel := context.WithDeadline(t.Context(), servertest.RecordedFrom)
	defer cancel()
	for _, path := range []string{
		"/v1/summits", "/", "/summits/geneva", "/v1/summits/geneva", "/v1/summits/geneva/status", "/v1/summits/geneva/timeline", "/v1/summits/geneva/timeline.atom",
		"/v1/summits/geneva/conflicts", "/v1/summits/geneva/changes?since=@1", "/v1/summits/geneva/digests", "/v1/summits/geneva/checkpoint", "/v1/summits/geneva/archive",
	} {
		if r := <-b.ask(over, path); r.Problem(http.StatusServiceUnavailable).Detail == "" || r.Header.Get("Retry-After") == "" {
			t.Errorf("%s: %v", path, r.Header)
		}
	}
	b.mu.Unlock()
	b.Get("/v1/summits/geneva").Want(http.StatusOK)
	s, _ := b.Registry.Summit("geneva")
	s.Views.Doubt(&projections.InconsistencyError{Kind: projections.Altered, Seq: 1, Reason: "for the test"})
	f.Post("/v1/summits/geneva/facts", events.ContentType, servertest.Note("b", "b")).Want(http.StatusCreated)
	s.Views.Owe(3)
	for _, path := range []string{"", "/status", "/timeline", "/conflicts", "/changes?since=@1"} {
		if r := (<-b.ask(t.Context(), "/v1/summits/geneva"+path)).Want(http.StatusOK); !strings.Contains(r.Body, `"complete":false`) {
			t.Errorf("%s: views that have stopped answer %s", path, r.Body)
		}
	}
}
