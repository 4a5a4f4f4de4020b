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

	"github.com/summit-timeline/summit/cmd/internal/humanize"
)

func TestFollowShowsWhatComesAndEndsWithTheStory(t *testing.T) {
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
	if code := run([]string{"follow", "geneva", "--since", "@0", "--server", p.url}, streams{nil, &out, &errs}); code != exitGood {
		t.Fatalf("exit %d: %s", code, &errs)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	for i, want := range []string{
		"@1     SUMMIT Geneva talks: opened", "@2     time not known  one  A reporter  unverified",
		"@3     CORRECTED @2 two  /data/text: one → two  It is two.  /desks/test", "@4     RETRACTED @2 two", "@5     SUMMIT Geneva talks: closed",
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
		{"follow nowhere --server " + p.url, exitBad},
		{"follow geneva --since x --server " + p.url, exitBad},
		{"follow geneva --zone Nowhere/X --server " + p.url, exitUsage},
		{"follow geneva --server http://127.0.0.1:1", exitReach},
	} {
		if got := run(strings.Fields(c.args), streams{nil, &out, &errs}); got != c.want {
			t.Errorf("%s: exit %d, want %d", c.args, got, c.want)
		}
	}
}

func TestFollowStopsWhenItIsToldTo(t *testing.T) {
	p := start(t, filepath.Join(t.TempDir(), "data"))
	for _, when := range []string{"caught up", "reconnecting"} { // while it reads, and while it waits for the server
		ctx, cancel := context.WithCancel(t.Context())
		said := make(chan string, 64)
		f := follower{summit: "alaska-2025", jitter: func() float64 { return 0.5 }}
		f.server, f.zone, f.params = p.url, "UTC", map[string]*string{"since": new(string)}
		f.std = streams{nil, &bytes.Buffer{}, writerFunc(func(b []byte) { said <- string(b) })}
		done := make(chan error, 1)
		go func() { done <- f.follow(ctx) }()
		if when == "reconnecting" {
			for !strings.Contains(<-said, "caught up") {
			}
			p.end(t, syscall.SIGKILL)
		}
		for !strings.Contains(<-said, when) {
		}
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
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

func TestColoursAreForTerminals(t *testing.T) {
	f := sseFrame{event: "quarantined", id: "0a0b0c0d-3", data: `{"seq":3,"reason":"is\u001b[0m no JSON"}`}
	for colour, want := range map[bool]string{
		false: "@3     CANNOT BE READ: is [0m no JSON\n", true: "\x1b[2m@3    \x1b[0m \x1b[31mCANNOT BE READ\x1b[0m: is [0m no JSON\n",
	} {
		var out bytes.Buffer
		p := newPrinter(&out, humanize.Clock{Zone: time.UTC}, false)
		if p.colour {
			t.Error("a buffer is no terminal")
		}
		p.colour = colour
		if err := p.frame(f); err != nil {
			t.Fatal(err)
		}
		if err := p.flush(); err != nil || out.String() != want {
			t.Errorf("%q, want %q: %v", out.String(), want, err)
		}
	}
}
