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
	"time"

	"github.com/google/uuid"
)

// ledger is what the server has acknowledged: the promise it is held to.
type ledger struct {
	mu    sync.Mutex
	at    map[string]uint64 // id → sequence
	facts map[string]bool   // ids that are facts of the timeline
}

func newLedger() *ledger { return &ledger{at: map[string]uint64{}, facts: map[string]bool{}} }

func (l *ledger) add(id string, seq uint64, fact bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if first, there := l.at[id]; there && first != seq {
		return fmt.Errorf("event %s was acknowledged at %d and then at %d", id, first, seq)
	}
	l.at[id] = seq
	if fact {
		l.facts[id] = true
	}
	return nil
}

// writer records facts and amendments, each until it is acknowledged.
type writer struct {
	s      *server
	summit string
	name   string
	l      *ledger
	client *http.Client
	count  int
	resent int // how often what came of a request was in doubt
}

// write records so many facts, each fifth with a correction of it.
func (w *writer) write(ctx context.Context, facts int) error {
	for range facts {
		w.count++
		id := uuid.NewSHA1(uuid.Nil, fmt.Appendf(nil, "%s %s %d", w.summit, w.name, w.count)).String()
		entity := fmt.Sprintf("note/%s-%d", w.name, w.count)
		fact := fmt.Sprintf(`{"id":%q,"source":"/desks/%s","type":"note.added","subject":%q,"data":{"text":"note %d of %s","sources":[{"id":"s","name":%q}]}}`,
			id, w.name, entity, w.count, w.name, w.name)
		if err := w.record(ctx, id, fact, true); err != nil {
			return err
		}
		if w.count%5 != 0 {
			continue
		}
		amendment := uuid.NewSHA1(uuid.Nil, []byte("amend "+id)).String()
		correction := fmt.Sprintf(`{"id":%q,"source":"/desks/%s","type":"fact.corrected","subject":%q,"data":{"target":%q,"patch":{"text":"corrected"},"class":"corrected","notice":"a slip"}}`,
			amendment, w.name, entity, id)
		if err := w.record(ctx, amendment, correction, false); err != nil {
			return err
		}
	}
	return nil
}

// record posts one event until it is acknowledged: the same event again is
// what a client is told to send when it is in doubt.
func (w *writer) record(ctx context.Context, id, event string, fact bool) error {
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return fmt.Errorf("hung: %s gets no acknowledgement for %s", w.name, id)
		case <-pause.C:
		}
		seq, again, err := w.post(ctx, event)
		if err == nil {
			return w.l.add(id, seq, fact)
		}
		if !again {
			return fmt.Errorf("record %s: %w", id, err)
		}
		w.resent++
		pause.Reset(20 * time.Millisecond)
	}
}

// post sends once; again says whether the outcome is in doubt.
func (w *writer) post(ctx context.Context, event string) (seq uint64, again bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.s.url("/v1/summits/"+w.summit+"/facts"), strings.NewReader(event))
	if err != nil {
		return 0, false, err
	}
	req.Header.Set("Content-Type", "application/cloudevents+json")
	res, err := w.client.Do(req)
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

// http10 is a client whose requests end: a server that is paused must not hold
// its writers for ever.
var http10 = http.Client{Timeout: 10 * time.Second}
