package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// publisher records facts over HTTP, as anybody would.
type publisher struct {
	ctx    context.Context
	url    string // of the summit
	n      int
	client *http.Client // nil is the usual one
}

// open opens a summit on a server.
func open(ctx context.Context, server, id string) (*publisher, error) {
	return openWith(ctx, nil, server, id)
}

// openWith is open with a client of its own.
func openWith(ctx context.Context, client *http.Client, server, id string) (*publisher, error) {
	p := &publisher{ctx: ctx, url: server + "/v1/summits/" + id, client: client}
	body := fmt.Sprintf(`{"id":%q,"title":"Benchmark","zone":"UTC","parties":[]}`, id)
	return p, p.post(server+"/v1/summits", "application/json", body)
}

// event is a note of about the size that events have; its frame says when it
// was sent.
func (p *publisher) event() string {
	p.n++
	return fmt.Sprintf(`{"source":"/desks/bench","type":"note.added","subject":"note/n-%d","data":{"text":"%s%d",`+
		`"note":"what a reader should know besides, to give an event the size that events have","when":{"best":"2025-08-15T10:00:00-08:00","zone":"America/Anchorage"},`+
		`"sources":[{"id":"s1","name":"A reporter","kind":"witness","role":"originator"},{"id":"s2","name":"An outlet","kind":"outlet","role":"relay","via":["s1"]}]}}`,
		p.n%1000, stampMark, time.Now().UnixNano())
}

func (p *publisher) one() error {
	return p.post(p.url+"/facts", "application/cloudevents+json", p.event())
}

// batchSize is how many facts are recorded at once where many are.
const batchSize = 100

// many records facts in batches.
func (p *publisher) many(n int) error {
	for n > 0 {
		list := make([]string, min(n, batchSize))
		for i := range list {
			list[i] = p.event()
		}
		if err := p.post(p.url+"/facts", "application/cloudevents-batch+json", "["+strings.Join(list, ",")+"]"); err != nil {
			return err
		}
		n -= len(list)
	}
	return nil
}

func (p *publisher) post(url, contentType, body string) error {
	r, err := http.NewRequestWithContext(p.ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	r.Header.Set("Content-Type", contentType)
	client := p.client
	if client == nil {
		client = http.DefaultClient
	}
	res, err := client.Do(r)
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	if res.StatusCode != http.StatusCreated && res.StatusCode != http.StatusOK {
		return fmt.Errorf("record: status %d: %s", res.StatusCode, answer)
	}
	return nil
}

// about is what the summit says of itself.
type about struct{ Facts, Events int }

func (p *publisher) about() (s about, err error) {
	r, err := http.NewRequestWithContext(p.ctx, http.MethodGet, p.url, http.NoBody)
	if err != nil {
		return s, fmt.Errorf("ask the summit: %w", err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return s, fmt.Errorf("ask the summit: %w", err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&s); err != nil {
		return s, fmt.Errorf("ask the summit: %w", err)
	}
	return s, nil
}

// served waits until the summit serves so many facts.
func (p *publisher) served(n int) error {
	for until := time.Now().Add(stepWait); time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		if got, err := p.about(); err != nil || got.Facts >= n {
			return err
		}
	}
	return errTooLong
}

// reaches waits until the summit serves a log to its end, for as long as it
// continues.
func (p *publisher) reaches(n int) error {
	last, until := 0, time.Now().Add(stepWait)
	for time.Now().Before(until) {
		got, err := p.about()
		if err != nil || got.Events >= n {
			return err
		}
		if got.Events > last {
			last, until = got.Events, time.Now().Add(stepWait)
		}
		time.Sleep(100 * time.Millisecond)
	}
	return errTooLong
}

// tag is the ETag of an answer.
func (p *publisher) tag(path string) (string, error) {
	r, err := http.NewRequestWithContext(p.ctx, http.MethodGet, p.url+path, http.NoBody)
	if err != nil {
		return "", fmt.Errorf("ask for the tag: %w", err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", fmt.Errorf("ask for the tag: %w", err)
	}
	return res.Header.Get("Etag"), res.Body.Close()
}

// newClient is a client with a connection for each of so many callers.
func newClient(callers int) *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: callers}}
}
