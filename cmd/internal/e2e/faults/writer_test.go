//go:build linux

package faults

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// ledger is what the server has acknowledged: the promise it is held to.
type ledger struct {
	mu    sync.Mutex
	at    map[string]uint64  // id → sequence
	facts map[string]bool    // ids that are facts of the timeline
	by    map[*server]int    // how many each server took
	junk  int                // events that others wrote, and nobody can read
	aside int                // events for nothing, recorded once more: see logged
	gave  error              // why a writer gave up
	doubt map[*server]string // what each server last answered instead of an acknowledgement
}

func newLedger() *ledger {
	return &ledger{at: map[string]uint64{}, facts: map[string]bool{}, by: map[*server]int{}, doubt: map[*server]string{}}
}

func (l *ledger) taken(s *server) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.by[s]
}

func (l *ledger) doubts(s *server, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.doubt[s] = err.Error()
}

// lastDoubt is what a server last answered instead of an acknowledgement.
func (l *ledger) lastDoubt(s *server) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.doubt[s]
}

// gaveUp keeps why a writer gave up, and tells it.
func (l *ledger) gaveUp(err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gave = errors.Join(l.gave, err)
	return l.gave
}

func (l *ledger) size() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.at)
}

func (l *ledger) add(s *server, id string, seq uint64, fact bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.by[s]++
	if first, there := l.at[id]; there && first != seq {
		return fmt.Errorf("event %s was acknowledged at %d and then at %d", id, first, seq)
	}
	l.at[id] = seq
	if fact {
		l.facts[id] = true
	}
	return nil
}

// writer records facts and amendments, each until it is acknowledged. It has a
// server of its own, and asks the next where that one leaves it in doubt.
type writer struct {
	servers []*server
	ways    []way // of handing an event in, at once
	home    int
	summit  string
	name    string
	l       *ledger
	count   int
	resent  atomic.Int64 // how often what came of a request was in doubt
}

// way is one of handing an event in. Over NATS any server may answer.
type way struct {
	hand func(ctx context.Context, s *server, event string) (seq uint64, again bool, err error) // again: the outcome is in doubt
	any  bool
}

// writer makes the n-th of the writers: half of them record over HTTP, and of the
// others some over NATS, some over both at once.
func (t *trial) writer(n int, name string) *writer {
	w := &writer{servers: t.servers, home: n, summit: t.summit, name: name, l: t.ledger}
	posts, publishes := way{hand: w.post}, way{hand: t.publish, any: true}
	w.ways = [][]way{{posts}, {publishes}, {posts}, {publishes, posts}}[n/2%4]
	return w
}

// pace is how long a writer rests between facts once it has written its part.
const pace = 50 * time.Millisecond

// write records facts, each fifth with a correction of it: its part of them,
// and more until the fault has passed.
func (w *writer) write(ctx context.Context, passed <-chan struct{}) error {
	rest := time.NewTicker(pace)
	defer rest.Stop()
	for {
		if w.count >= each {
			select {
			case <-passed:
				return nil
			case <-rest.C:
			}
		}
		w.count++
		id := uuid.NewSHA1(uuid.Nil, fmt.Appendf(nil, "%s %s %d", w.summit, w.name, w.count)).String()
		note := fmt.Sprintf("%s-%d", w.name, w.count)
		if err := w.record(ctx, id, w.fact(id, note, fmt.Sprintf("note %d of %s", w.count, w.name)), true); err != nil {
			return err
		}
		if w.count%5 != 0 {
			continue
		}
		amendment := uuid.NewSHA1(uuid.Nil, []byte("amend "+id)).String()
		correction := fmt.Sprintf(`{"id":%q,"source":"/desks/%s","type":"fact.corrected","subject":"note/%s","data":{"target":%q,"patch":{"text":"corrected"},"class":"corrected","notice":"a slip"}}`,
			amendment, w.name, note, id)
		if err := w.record(ctx, amendment, correction, false); err != nil {
			return err
		}
	}
}

// fact is an event about a note.
func (w *writer) fact(id, note, text string) string {
	return fmt.Sprintf(`{"id":%q,"source":"/desks/%s","type":"note.added","subject":"note/%s","data":{"text":%q,"sources":[{"id":"s","name":%q}]}}`, id, w.name, note, text, w.name)
}

// record hands one event in by every way of the writer.
func (w *writer) record(ctx context.Context, id, event string, fact bool) error {
	var all sync.WaitGroup
	failed := make([]error, len(w.ways))
	for i, by := range w.ways {
		all.Go(func() { failed[i] = w.insist(ctx, by, id, event, fact) })
	}
	all.Wait()
	return errors.Join(failed...)
}

// insist hands one event in until it is acknowledged: the same event again is
// what a client is told to send when it is in doubt.
func (w *writer) insist(ctx context.Context, by way, id, event string, fact bool) error {
	pause := time.NewTimer(0)
	defer pause.Stop()
	for try := w.home; ; try++ {
		select {
		case <-ctx.Done():
			return fmt.Errorf("hung: %s gets no acknowledgement for %s", w.name, id)
		case <-pause.C:
		}
		s := w.servers[try%len(w.servers)]
		seq, again, err := by.hand(ctx, s, event)
		if by.any {
			s = nil
		}
		if err == nil {
			return w.l.add(s, id, seq, fact)
		}
		if !again {
			return fmt.Errorf("record %s: %w", id, err)
		}
		w.resent.Add(1)
		w.l.doubts(s, err)
		pause.Reset(20 * time.Millisecond)
	}
}

// post is the way over HTTP.
func (w *writer) post(ctx context.Context, s *server, event string) (seq uint64, again bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url("/v1/summits/"+w.summit+"/facts"), strings.NewReader(event))
	if err != nil {
		return 0, false, err
	}
	req.Header.Set("Content-Type", "application/cloudevents+json")
	res, err := client.Do(req)
	if err != nil {
		return 0, true, err
	}
	body, err := io.ReadAll(res.Body)
	if err = errors.Join(err, res.Body.Close()); err != nil {
		return 0, true, err
	}
	if res.StatusCode >= http.StatusBadRequest {
		return 0, res.StatusCode >= http.StatusInternalServerError, fmt.Errorf("%s: %s", res.Status, body)
	}
	var answer struct {
		ID  string `json:"id"`
		Seq uint64 `json:"seq"`
	}
	err = json.Unmarshal(body, &answer)
	return answer.Seq, false, err
}

// client is of the writers. Its requests end: a server that is paused must not
// hold them for ever.
var client = http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: writers}}
