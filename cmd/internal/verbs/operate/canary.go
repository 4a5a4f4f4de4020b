package operate

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"

	"github.com/summit-timeline/summit/cmd/internal/client"
	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/events"
)

// canary is how long one fact took through the whole path, each time from when
// it was sent.
type canary struct {
	Position     string `json:"position"`
	Acknowledged millis `json:"acknowledged_ms"` // it is in the log
	Queryable    millis `json:"queryable_ms"`    // the timeline has it
	Live         millis `json:"live_ms"`         // a live stream has told it
}

// millis is a time that is told in milliseconds.
type millis float64

func (m millis) String() string { return fmt.Sprintf("%.1f ms", float64(m)) }

func since(t time.Time) millis { return millis(time.Since(t).Seconds() * 1000) }

// canaryWait is how long the whole may take.
const canaryWait = 15 * time.Second

// flyCanary records a note, and waits until it is in the timeline and in a live
// stream that was opened before.
func flyCanary(ctx context.Context, c *client.Client) (*canary, error) {
	ctx, cancel := context.WithTimeout(ctx, canaryWait)
	defer cancel()
	at, err := canaryHead(ctx, c)
	if err != nil {
		return nil, err
	}
	res, err := c.Open(ctx, client.Path(summits.Canary, "/live?since="+url.QueryEscape(at)), nil) //nolint:bodyclose // it is closed below; the linter loses it to the other goroutine
	if err != nil {
		return nil, fmt.Errorf("open the live stream: %w", err)
	}
	defer res.Body.Close()
	id, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("make an id: %w", err)
	}
	sent := time.Now()
	heard := make(chan heardFact, 1) // what reads the stream never waits
	go func() { heard <- hear(res, id.String(), sent) }()
	flown, err := send(ctx, c, id.String(), sent)
	if err != nil {
		return nil, err
	}
	told := <-heard // it ends with the stream, and that with the context
	if told.err != nil {
		return flown, fmt.Errorf("the fact at %s did not arrive in the live stream within %s: %w", flown.Position, canaryWait, told.err)
	}
	flown.Live = told.after
	if told.position != flown.Position {
		return flown, fmt.Errorf("the fact is at %s, but the live stream had it at %s", flown.Position, told.position)
	}
	return flown, nil
}

// canaryHead is the position of the canary's summit, which is opened where it
// is not there.
func canaryHead(ctx context.Context, c *client.Client) (string, error) {
	var s struct{ Position string }
	_, err := c.Get(ctx, client.Path(summits.Canary, ""), nil, &s)
	var missing *client.Problem
	if errors.As(err, &missing) && missing.Status == http.StatusNotFound {
		body := fmt.Sprintf(`{"id":%q,"title":"Canary of summit doctor","zone":"UTC","parties":[],"source":"/desks/doctor"}`, summits.Canary)
		if _, err = c.Call(ctx, http.MethodPost, "/v1/summits", "application/json", []byte(body)); err == nil {
			_, err = c.Get(ctx, client.Path(summits.Canary, ""), nil, &s)
		}
	}
	if err != nil {
		return "", fmt.Errorf("open the summit of the canary: %w", err)
	}
	return s.Position, nil
}

// send records the note and asks the timeline for it.
func send(ctx context.Context, c *client.Client, id string, sent time.Time) (*canary, error) {
	event := fmt.Sprintf(`{"id":%q,"source":"/desks/doctor","type":"note.added","subject":"note/canary","data":{"text":"tried by summit doctor","sources":[{"id":"s1","name":"summit doctor","kind":"sensor"}]}}`, id)
	answer, err := c.Call(ctx, http.MethodPost, client.Path(summits.Canary, "/facts"), events.ContentType, []byte(event))
	if err != nil {
		return nil, fmt.Errorf("record a fact: %w", err)
	}
	flown := &canary{Acknowledged: since(sent)}
	if err := json.Unmarshal(answer, flown); err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	var page struct{ Items []struct{ Fact string } }
	query := url.Values{"min": {flown.Position}, "order": {"recorded"}, "dir": {"desc"}, "limit": {"1"}}
	if _, err := c.Get(ctx, client.Path(summits.Canary, "/timeline"), query, &page); err != nil {
		return flown, fmt.Errorf("read the fact at %s: %w", flown.Position, err)
	}
	if len(page.Items) != 1 || page.Items[0].Fact != id {
		return flown, fmt.Errorf("the timeline is at %s, but does not show the fact %s", flown.Position, id)
	}
	flown.Queryable = since(sent)
	return flown, nil
}

// heardFact is what a live stream told of the fact.
type heardFact struct {
	position string
	after    millis
	err      error
}

// hear reads the stream until it tells the fact.
func hear(res *http.Response, id string, sent time.Time) heardFact {
	r := &client.FrameReader{Lines: bufio.NewReader(res.Body), Heard: func() {}}
	for {
		frame, err := r.Next()
		if err != nil {
			return heardFact{err: err}
		}
		var item struct{ Fact string }
		if frame.Event != "fact" || json.Unmarshal([]byte(frame.Data), &item) != nil || item.Fact != id {
			continue
		}
		return heardFact{position: frame.ID, after: since(sent)}
	}
}
