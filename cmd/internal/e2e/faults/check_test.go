//go:build linux

package faults

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// read is the answer to a query. A server that says it cannot answer just now
// is asked again.
func (s *server) read(ctx context.Context, path string) (body []byte, err error) {
	s.await("the answer to "+path, func() (bool, error) {
		var again bool
		body, again, err = s.ask(ctx, path)
		return !again, err
	})
	return body, err
}

func (s *server) ask(ctx context.Context, path string) (body []byte, again bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url(path), http.NoBody)
	if err != nil {
		return nil, false, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, false, err
	}
	body, err = io.ReadAll(res.Body)
	if err = errors.Join(err, res.Body.Close()); err != nil {
		return nil, false, fmt.Errorf("read %s: %w", path, err)
	}
	if res.StatusCode != http.StatusOK {
		return nil, res.StatusCode == http.StatusServiceUnavailable, fmt.Errorf("read %s: %s %s", path, res.Status, body)
	}
	return body, false, nil
}

// check holds the log and the timeline against what was acknowledged, and lets
// the audit recompute the rest. It gives the length of the log.
func (s *server) check(ctx context.Context, summit string, l *ledger) (uint64, error) {
	log, last, aside, err := s.logged(ctx, summit)
	if err != nil {
		return 0, err
	}
	l.mu.Lock() // nobody writes now
	defer l.mu.Unlock()
	l.aside = aside
	for id, seq := range l.at {
		if log[id] != seq {
			again, length, _, err := s.logged(ctx, summit)
			return 0, fmt.Errorf("event %s was acknowledged at %d and stands at %d of %d; read again, at %d of %d (%w)", id, seq, log[id], last, again[id], length, err)
		}
	}
	if extra := int(last) - l.junk - aside - len(l.at) - 1; extra != 0 { // the opening is not in the ledger
		return 0, fmt.Errorf("the log holds %d events that nobody wrote", extra)
	}
	shown, err := s.shown(ctx, summit, l.junk+aside == 0)
	if err != nil {
		return 0, err
	}
	for id := range l.facts {
		if shown[id] != 1 {
			return 0, fmt.Errorf("fact %s stands in the timeline %d times", id, shown[id])
		}
	}
	if len(shown) != len(l.facts) {
		return 0, fmt.Errorf("the timeline shows %d facts, %d were recorded", len(shown), len(l.facts))
	}
	_, err = s.verb(ctx, "audit", summit)
	return last, err
}

// root is that of the tree of the first events, as the server signs it.
func (s *server) root(ctx context.Context, summit string, size uint64) (string, error) {
	body, err := s.read(ctx, fmt.Sprintf("/v1/summits/%s/checkpoint?size=%d", summit, size))
	if err != nil {
		return "", err
	}
	lines := strings.Split(string(body), "\n") // origin, size, root, then the signature
	if len(lines) < 4 || lines[1] != fmt.Sprint(size) {
		return "", fmt.Errorf("a checkpoint of %d events: %s", size, body)
	}
	return lines[2], nil
}

// logged returns the sequence of every id in the log, the length of the log and
// how many of its events count for nothing since a clock was set back as they were
// appended: such an event comes from the future for the log, and is recorded once
// more. Any other id that stands twice is an error.
func (s *server) logged(ctx context.Context, summit string) (at map[string]uint64, last uint64, aside int, err error) {
	body, err := s.read(ctx, "/v1/summits/"+summit+"/log")
	if err != nil {
		return nil, 0, 0, err
	}
	at = map[string]uint64{}
	recorded := map[string]time.Time{}
	lines := bufio.NewScanner(bytes.NewReader(body))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		last++
		var e struct {
			ID       string    `json:"id"`
			Recorded time.Time `json:"recordedtime"`
		}
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil || e.ID == "" {
			continue // what nobody can read is counted alone
		}
		id := strings.ToLower(e.ID) // it is the same id, however it is written
		if first := at[id]; first != 0 {
			if back := recorded[id].Sub(e.Recorded); back < time.Minute {
				return nil, 0, 0, fmt.Errorf("event %s stands at %d and at %d, recorded %v apart", id, first, last, -back)
			}
			aside++
		}
		at[id], recorded[id] = last, e.Recorded
	}
	return at, last, aside, lines.Err()
}

// quarantined holds that what nobody can read is all that is quarantined.
func (s *server) quarantined(ctx context.Context, summit string, l *ledger) error {
	body, err := s.read(ctx, "/readyz")
	if err != nil {
		return err
	}
	var health struct {
		Summits map[string]struct{ Quarantined int }
	}
	if err := json.Unmarshal(body, &health); err != nil {
		return fmt.Errorf("%s: %w", body, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := health.Summits[summit].Quarantined; n != l.junk+l.aside {
		return fmt.Errorf("%d events are quarantined, %d cannot be read and %d were set aside", n, l.junk, l.aside)
	}
	return nil
}

// shown counts each fact in the timeline, read page by page.
func (s *server) shown(ctx context.Context, summit string, complete bool) (map[string]int, error) {
	count := map[string]int{}
	for cursor := ""; ; {
		body, err := s.read(ctx, "/v1/summits/"+summit+"/timeline?limit=500&order=recorded"+cursor)
		if err != nil {
			return nil, err
		}
		var page struct {
			Complete bool `json:"complete"`
			Items    []struct {
				Fact string `json:"fact"`
			} `json:"items"`
			Next *string `json:"next"`
		}
		if err := json.Unmarshal(body, &page); err != nil {
			return nil, err
		}
		if page.Complete != complete {
			return nil, fmt.Errorf("the timeline says complete: %v", page.Complete)
		}
		for _, i := range page.Items {
			count[i.Fact]++
		}
		if page.Next == nil {
			return count, nil
		}
		cursor = "&cursor=" + url.QueryEscape(*page.Next)
	}
}
