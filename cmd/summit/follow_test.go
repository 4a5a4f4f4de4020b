package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/cli"
)

func TestFollowShowsWhatComesAndEndsWithTheStory(t *testing.T) {
	t.Parallel()
	p := start(t, filepath.Join(t.TempDir(), "data"))
	facts := "/v1/summits/geneva/facts"
	p.post(t, "/v1/summits", "application/json", `{"id":"geneva","title":"Geneva talks","zone":"Europe/Zurich","parties":[]}`)
	_, fact := p.post(t, facts, eventType, noteEvent("a", "one"))
	for _, e := range []string{
		`{"source":"/desks/test","type":"fact.corrected","subject":"note/a","data":{"target":%q,"patch":{"text":"two"},"class":"corrected","notice":"It is two."}}`,
		`{"source":"/desks/test","type":"fact.retracted","subject":"note/a","data":{"target":%q,"reason":"It was nothing."}}`,
	} {
		if status, a := p.post(t, facts, eventType, fmt.Sprintf(e, fact["id"])); status != http.StatusCreated {
			t.Fatal(status, a)
		}
	}
	p.post(t, facts, eventType, `{"source":"/d","type":"summit.closed","subject":"summit/geneva","data":{}}`)
	var out, errs bytes.Buffer
	if code := run([]string{"follow", "geneva", "--since", "@0", "--server", p.url}, cli.Streams{Out: &out, Err: &errs}); code != cli.Good {
		t.Fatalf("exit %d: %s", code, &errs)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	for i, want := range []string{
		"@1     SUMMIT Geneva talks: opened", "@2     time not known  one  A reporter  unverified",
		"@3     CORRECTED @2 two  text: one → two  It is two.  /desks/test", "@4     RETRACTED @2 two", "@5     SUMMIT Geneva talks: closed",
	} {
		if i >= len(lines) || !strings.HasPrefix(lines[i], want) {
			t.Errorf("line %d of %q, want %q", i+1, lines, want)
		}
	}
	if !strings.Contains(errs.String(), "caught up") || !strings.Contains(errs.String(), "the summit is closed") {
		t.Errorf("said %s", &errs)
	}
	for _, c := range []struct {
		args string
		want int
	}{
		{"follow nowhere --server " + p.url, cli.Bad},
		{"follow geneva --since x --server " + p.url, cli.Misused},
		{"follow geneva --zone Nowhere/X --server " + p.url, cli.Misused},
		{"follow geneva --server http://127.0.0.1:1", cli.Unreachable},
	} {
		if got := run(strings.Fields(c.args), cli.Streams{Out: &out, Err: &errs}); got != c.want {
			t.Errorf("%s: exit %d, want %d", c.args, got, c.want)
		}
	}
}

func TestFollowStopsWhenItIsToldTo(t *testing.T) {
	p := start(t, filepath.Join(t.TempDir(), "data"))
	for _, when := range []string{"caught up", "reconnecting"} { // while it reads, and while it waits for the server
		ctx, cancel := context.WithCancel(t.Context())
		said := make(chan string, 64)
		std := cli.Streams{Out: &bytes.Buffer{}, Err: writerFunc(func(b []byte) { said <- string(b) })}
		done := make(chan int, 1)
		go func() {
			done <- program().RunContext(ctx, []string{"follow", "alaska-2025", "--zone", "UTC", "--server", p.url}, std)
		}()
		if when == "reconnecting" {
			for !strings.Contains(<-said, "caught up") {
			}
			p.end(t, syscall.SIGKILL)
		}
		for !strings.Contains(<-said, when) {
		}
		cancel()
		select {
		case code := <-done:
			if code != cli.Good {
				t.Errorf("exit %d", code)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("it goes on")
		}
	}
}

type writerFunc func([]byte)

func (f writerFunc) Write(b []byte) (int, error) {
	f(b)
	return len(b), nil
}
