package read

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/client"
	"github.com/summit-timeline/summit/cmd/internal/locale"
	"github.com/summit-timeline/summit/events"
)

// Follow shows what is recorded, as it is recorded.
func Follow() cli.Verb {
	return cli.Verb{
		Name: "follow", Args: "ID", Short: "show what is recorded as it arrives, resuming after interruptions",
		Example:  "summit follow alaska-2025\nsummit follow alaska-2025 --since @1 --types 'aircraft.*,fact.corrected'\nsummit follow alaska-2025 --json | jq .data.headline",
		Complete: client.ByServer(),
		Setup: func(f *cli.Flags) cli.Run {
			x := follower{jitter: rand.Float64}
			x.flags(f, "since", "types", "entity")
			return func(ctx context.Context, std cli.Streams, args []string) error {
				x.summit, x.std = args[0], std
				return x.follow(ctx)
			}
		},
	}
}

const (
	// silenceAllowed is how long a server may send nothing at all, heartbeats
	// included, before the connection is taken for dead.
	silenceAllowed = 30 * time.Second
	firstWait      = time.Second
	longestWait    = 30 * time.Second
)

// follower follows one summit through restarts of the server and cut connections.
type follower struct {
	query
	summit string
	std    cli.Streams
	jitter func() float64 // 0 to 1, spreads the reconnects of many

	print  *printer
	at     string // the position to go on from
	reach  bool   // whether the server was reached before
	failed int    // attempts since then
	wait   time.Duration
}

// errClosed is returned once a closed story has been shown to its end.
var errClosed = errors.New("the story is closed")

func (f *follower) follow(ctx context.Context) error {
	clock, err := f.clock(ctx, f.summit)
	if err != nil {
		return err
	}
	f.print, f.wait = newPrinter(f.std.Out, clock, f.asJSON), firstWait
	for {
		err := f.stream(ctx)
		var code *cli.ExitError
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, errClosed):
			f.say("closed")
			return nil
		case errors.As(err, &code) && (!f.reach || code.Code != cli.Unreachable), isFinal(err):
			return err
		}
		f.reconnecting(err)
		if !f.pause(ctx) {
			return nil
		}
	}
}

// isFinal reports whether the server refuses, and will refuse again.
func isFinal(err error) bool {
	var p *client.Problem
	return errors.As(err, &p) && p.Status < http.StatusInternalServerError && !p.Passes
}

// say tells the reader a text of the catalogue beside what is followed.
func (f *follower) say(key string, args ...any) {
	fmt.Fprintf(f.std.Err, "summit follow: %s\n", cli.Clean(say(f.print.clock, "follow."+key, args...)))
}

// reconnecting tells why the connection is made anew, and from where on.
func (f *follower) reconnecting(err error) {
	var why any = err.Error()
	if errors.Is(err, client.ErrStreamEnded) {
		why = locale.Words(say(f.print.clock, "follow.ended"))
	}
	if f.at == "" {
		f.say("restart", "error", why)
		return
	}
	f.say("reconnect", "error", why, "position", f.at)
}

// pause waits before the next attempt, longer each time. It returns false if the
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
	r := &client.FrameReader{Lines: bufio.NewReaderSize(res.Body, 64<<10), ID: f.at, Heard: func() { silent.Reset(silenceAllowed) }}
	for {
		frame, err := r.Next()
		if err != nil {
			return errors.Join(err, f.print.flush())
		}
		if frame.Retry > 0 {
			f.wait = min(frame.Retry, longestWait)
		}
		if err := f.take(frame); err != nil {
			return cli.Exit(cli.Bad, err)
		}
		f.at = frame.ID
		if r.Lines.Buffered() == 0 {
			if err := f.print.flush(); err != nil {
				return cli.Exit(cli.Bad, fmt.Errorf("write: %w", err))
			}
		}
	}
}

func (f *follower) connect(ctx context.Context) (*http.Response, error) {
	values, err := f.values(ctx, f.summit)
	if err != nil {
		return nil, err
	}
	if f.at != "" {
		values.Del("since")
	}
	header := http.Header{"Accept": {"text/event-stream"}}
	if f.at != "" {
		header.Set("Last-Event-ID", f.at)
	}
	return f.Open(ctx, client.Path(f.summit, "/live?"+values.Encode()), header)
}

// tellBehind reports how much is to be read before the present.
func (f *follower) tellBehind(head string) {
	last, err := events.ParsePosition(head)
	from, errAt := events.ParsePosition(f.at)
	switch {
	case err != nil:
	case errAt == nil && from.Epoch == last.Epoch && from.Seq < last.Seq:
		f.say("behind", "count", last.Seq-from.Seq, "position", last.String())
	case errAt != nil && *f.params["since"] != "":
		f.say("reading", "position", last.String())
	}
}

// take shows a frame, or says what it means for the reader.
func (f *follower) take(frame client.Frame) error {
	switch frame.Event {
	case "fact", "summit", "quarantined":
		return f.print.frame(frame)
	case "caught-up":
		var x struct{ Position string }
		if err := json.Unmarshal([]byte(frame.Data), &x); err != nil {
			return fmt.Errorf("read a frame: %w", err)
		}
		f.say("caughtup", "position", x.Position)
	case "gap":
		f.say("gap", "detail", frame.Data)
	case "refused":
		var x struct{ Reason string }
		_ = json.Unmarshal([]byte(frame.Data), &x) // it ends all the same
		return cli.Exit(cli.Bad, fmt.Errorf("the server ended the stream: %s", cli.Clean(x.Reason)))
	case "lagging":
		f.say("lagging", "detail", frame.Data)
	}
	return nil
}
