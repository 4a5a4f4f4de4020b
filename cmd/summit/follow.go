package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"github.com/summit-timeline/summit/events"
)

var followVerb = verb{
	name: "follow", args: "ID", short: "what comes, as it comes, resuming by itself",
	example: "  summit follow alaska-2025\n  summit follow alaska-2025 --since @1 --types 'aircraft.*,fact.corrected'\n  summit follow alaska-2025 --json | jq .data.headline",
	setup: func(fs *flag.FlagSet) func(context.Context, streams, []string) error {
		f := follower{jitter: rand.Float64}
		f.flags(fs, "since", "types", "entity")
		return func(ctx context.Context, std streams, args []string) error {
			f.summit, f.std = args[0], std
			return f.follow(ctx)
		}
	},
}

const (
	// silenceAllowed is how long a server may send nothing at all, heartbeats
	// included, before the connection is taken for dead.
	silenceAllowed = 30 * time.Second
	firstWait      = time.Second
	longestWait    = 30 * time.Second
)

// follower follows one summit through whatever becomes of the server.
type follower struct {
	query
	summit string
	std    streams
	jitter func() float64 // 0 to 1, spreads the reconnects of many

	print  *printer
	at     string // the position to go on from
	reach  bool   // whether the server was reached before
	failed int    // attempts since then
	wait   time.Duration
}

// errClosed is the error of a story that is closed and told to its end.
var errClosed = errors.New("the story is closed")

func (f *follower) follow(ctx context.Context) error {
	clock, err := f.clock(ctx, f.summit)
	if err != nil {
		return err
	}
	f.print, f.wait = newPrinter(f.std.out, clock, f.asJSON), firstWait
	for {
		err := f.stream(ctx)
		var code *codeError
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, errClosed):
			f.say("the summit is closed, and this was all of it")
			return nil
		case errors.As(err, &code) && (!f.reach || code.code != exitReach), isProblem(err):
			return err
		}
		f.say("%v; reconnecting after %s", err, f.from())
		if !f.pause(ctx) {
			return nil
		}
	}
}

// isProblem says whether the server refuses, for good.
func isProblem(err error) bool {
	var p *problem
	return errors.As(err, &p) && p.Status < http.StatusInternalServerError
}

func (f *follower) say(format string, args ...any) {
	fmt.Fprintf(f.std.err, "summit follow: %s\n", clean(fmt.Sprintf(format, args...)))
}

func (f *follower) from() string {
	if f.at == "" {
		return "the beginning asked for"
	}
	return f.at
}

// pause waits before the next attempt, longer each time; false where the
// follower is told to stop.
func (f *follower) pause(ctx context.Context) bool {
	wait := min(f.wait<<min(f.failed, 8), longestWait)
	f.failed++
	timer := time.NewTimer(time.Duration(float64(wait) * (0.5 + f.jitter())))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// stream reads one connection to its end.
func (f *follower) stream(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	silent := time.AfterFunc(silenceAllowed, cancel)
	defer silent.Stop()
	res, err := f.connect(ctx)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusNoContent {
		return errClosed
	}
	f.reach, f.failed = true, 0
	f.tellBehind(res.Header.Get("Summit-Position"))
	r := &sseReader{lines: bufio.NewReaderSize(res.Body, 64<<10), id: f.at, heard: func() { silent.Reset(silenceAllowed) }}
	for {
		frame, err := r.next()
		if err != nil {
			return errors.Join(err, f.print.flush())
		}
		if frame.retry > 0 {
			f.wait = frame.retry
		}
		if err := f.take(frame); err != nil {
			return &codeError{exitBad, err}
		}
		f.at = frame.id
		if r.lines.Buffered() == 0 {
			if err := f.print.flush(); err != nil {
				return &codeError{exitBad, fmt.Errorf("write: %w", err)}
			}
		}
	}
}

func (f *follower) connect(ctx context.Context) (*http.Response, error) {
	values := url.Values{}
	for name, value := range f.values() {
		if name != "since" || f.at == "" {
			values[name] = value
		}
	}
	header := http.Header{"Accept": {"text/event-stream"}}
	if f.at != "" {
		header.Set("Last-Event-ID", f.at)
	}
	return f.open(ctx, summitPath(f.summit, "/live?"+values.Encode()), header)
}

// tellBehind says how much is to be read before the present.
func (f *follower) tellBehind(head string) {
	last, err := events.ParsePosition(head)
	from, errAt := events.ParsePosition(f.at)
	switch {
	case err != nil:
	case errAt == nil && from.Epoch == last.Epoch && from.Seq < last.Seq:
		f.say("behind by %d: reading up to %s", last.Seq-from.Seq, last)
	case errAt != nil && *f.params["since"] != "":
		f.say("reading up to %s", last)
	}
}

// take shows a frame, or says what it means for the reader.
func (f *follower) take(frame sseFrame) error {
	switch frame.event {
	case "fact", "summit", "quarantined":
		return f.print.frame(frame)
	case "caught-up":
		var x struct{ Position string }
		if err := json.Unmarshal([]byte(frame.data), &x); err != nil {
			return fmt.Errorf("read a frame: %w", err)
		}
		f.say("caught up at %s", clean(x.Position))
	case "gap":
		f.say("GAP: what comes does not follow on what came before: %s", frame.data)
	case "refused":
		var x struct{ Reason string }
		_ = json.Unmarshal([]byte(frame.data), &x) // it ends all the same
		return &codeError{exitBad, fmt.Errorf("the server refuses to go on: %s", clean(x.Reason))}
	case "lagging":
		f.say("too slow, the server cuts the stream: %s", frame.data)
	}
	return nil
}
