package read

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/client"
	"github.com/summit-timeline/summit/events"
)

// replayOptions are the flags of replay.
type replayOptions struct {
	query
	from, to, speed string
}

// Replay shows a story again.
func Replay() cli.Verb { return ReplayWith(client.Pause) }

// ReplayWith is [Replay] with another way to wait between two steps.
func ReplayWith(pause func(context.Context, time.Duration) error) cli.Verb {
	return cli.Verb{
		Name: "replay", Args: "ID", Short: "replay the story in the order it became known",
		Example:  "summit replay alaska-2025\nsummit replay alaska-2025 --from @10 --to 2025-08-15T12:00:00-08:00 --speed 60x",
		Complete: client.ByServer(),
		Setup: func(fs *cli.Flags) cli.Run {
			var f replayOptions
			fs.StringVar(&f.from, "from", "", "first step"+knowledge)
			fs.StringVar(&f.to, "to", "", "last step"+knowledge)
			fs.StringVar(&f.speed, "speed", "", "how many `TIMES` as fast as it became known, such as 60x (default: all at once)")
			f.flags(fs)
			return func(ctx context.Context, std cli.Streams, args []string) error {
				return f.replay(ctx, std, args[0], pause)
			}
		},
	}
}

// step is one event and what it changed.
type step struct {
	Seq     uint64          `json:"seq"`
	Known   events.Instant  `json:"known"` // knowledge time
	Fault   string          `json:"fault,omitempty"`
	Event   json.RawMessage `json:"event"`
	Changes json.RawMessage `json:"changes"`

	event events.Event
}

func (f *replayOptions) replay(ctx context.Context, std cli.Streams, summit string, wait func(context.Context, time.Duration) error) error {
	speed, err := parseSpeed(f.speed)
	if err != nil {
		return err
	}
	from, to, err := f.bounds(ctx, summit)
	if err != nil {
		return err
	}
	show := showJSON
	if !f.asJSON {
		clock, err := f.clock(ctx, summit)
		if err != nil {
			return err
		}
		show = (&narrator{Client: &f.Client, clock: clock, summit: summit}).show
	}
	var known time.Time
	for next := from; next <= to; {
		lines, err := f.lines(ctx, summit, next, min(to, next+readAhead-1))
		if err != nil {
			return err
		}
		for _, raw := range lines {
			s := newStep(next, raw, known)
			if gap := s.Known.Sub(known); speed > 0 && !known.IsZero() && gap > 0 {
				if err := wait(ctx, time.Duration(float64(gap)/speed)); err != nil {
					return nil //nolint:nilerr // the viewer has seen enough
				}
			}
			if s.Changes, err = f.stepChanges(ctx, summit, next); err != nil {
				return err
			}
			if err := show(ctx, std, s); err != nil {
				return err
			}
			known, next = s.Known.Time, next+1
		}
	}
	return nil
}

// The speeds of a replay. A year at the slowest is still a time that can be waited for.
const (
	slowest = 0.01
	fastest = 1e12
)

func parseSpeed(text string) (float64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseFloat(strings.TrimSuffix(text, "x"), 64)
	if err != nil || !(n >= slowest && n <= fastest) {
		return 0, cli.Usage("--speed %q must be a number from %g to %g, such as 60x", text, slowest, fastest)
	}
	return n, nil
}

// bounds turns the ends into sequences. An instant to begin at is the first
// step that became known at or after it.
func (f *replayOptions) bounds(ctx context.Context, summit string) (from, to uint64, err error) {
	if err := f.words(ctx, summit); err != nil {
		return 0, 0, err
	}
	if to, err = f.resolve(ctx, summit, f.to); err != nil {
		return 0, 0, fmt.Errorf("--to: %w", err)
	}
	if f.from == "" {
		return 1, to, nil
	}
	instant, isTime := events.ParseInstant(f.from)
	if isTime == nil {
		before := instant.Add(-time.Nanosecond)
		from, err = f.resolve(ctx, summit, before.Format(time.RFC3339Nano))
		from++
	} else {
		from, err = f.resolve(ctx, summit, f.from)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("--from: %w", err)
	}
	if from > to {
		return 0, 0, cli.Usage("there is no step from %s to %s: the first would be %d and the last %d", f.from, orHead(f.to), from, to)
	}
	return max(from, 1), to, nil
}

// words turns times in words into instants.
func (f *replayOptions) words(ctx context.Context, summit string) error {
	for name, end := range map[string]struct {
		text *string
		end
	}{"from": {&f.from, end{}}, "to": {&f.to, end{latest: true, past: true}}} {
		if *end.text == "" || !inWords(*end.text) {
			continue
		}
		t, err := f.moment(ctx, summit, *end.text, end.end)
		if err != nil {
			return cli.Usage("--%s: %w", name, err)
		}
		*end.text = t.Format(time.RFC3339Nano)
	}
	return nil
}

func orHead(text string) string {
	if text == "" {
		return "the last"
	}
	return text
}

// resolve asks the server which sequence a moment of knowledge is.
func (f *replayOptions) resolve(ctx context.Context, summit, known string) (uint64, error) {
	query := url.Values{}
	if known != "" {
		query.Set("known", known)
	}
	var a struct{ Known string }
	if _, err := f.Get(ctx, client.Path(summit, ""), query, &a); err != nil {
		return 0, err
	}
	at, err := events.ParsePosition(a.Known)
	return at.Seq, err
}

// readAhead is how many events are fetched at a time: a replay may take its
// time, and a download must not.
const readAhead = 256

func (f *replayOptions) lines(ctx context.Context, summit string, from, to uint64) (lines [][]byte, err error) {
	for line, err := range f.Log(ctx, summit, from, to) {
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("event %d is no longer in the log: run summit doctor", from)
	}
	return lines, nil
}

func (f *replayOptions) stepChanges(ctx context.Context, summit string, seq uint64) (json.RawMessage, error) {
	query := url.Values{"since": {fmt.Sprintf("@%d", seq-1)}, "until": {fmt.Sprintf("@%d", seq)}}
	var answer json.RawMessage
	return f.Get(ctx, client.Path(summit, "/changes"), query, &answer)
}

// newStep reads an event. Knowledge time never runs back.
func newStep(seq uint64, raw []byte, known time.Time) step {
	s := step{Seq: seq, Event: raw, Known: events.Instant{Time: known}}
	e, err := events.Decode(raw)
	if err != nil {
		s.Fault = err.Error()
		if !json.Valid(raw) {
			s.Event, _ = json.Marshal(string(raw)) // a text always encodes
		}
		return s
	}
	s.event = e
	if e.Recorded.After(known) {
		s.Known = e.Recorded
	}
	return s
}

func showJSON(_ context.Context, std cli.Streams, s step) error {
	if err := cli.PrintJSON(std.Out, s); err != nil {
		return fmt.Errorf("step %d: %w", s.Seq, err)
	}
	return nil
}
