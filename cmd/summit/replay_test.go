package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/server"
	"github.com/summit-timeline/summit/cmd/internal/verbs/read"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store/logtest"
)

// told puts a story into a stage: two minutes between its steps, and one bad
// event.
func toldStage(t *testing.T) *stage {
	s := newStage(t, 1, 0)
	list := []string{
		`{"id":"0198a9f2-7c1e-7000-8000-000000000001","source":"/desks/a","type":"aircraft.landed","subject":"aircraft/il-96-300","data":{"headline":"It lands","place":{"name":"Elmendorf"},"sources":[{"id":"r","name":"A reporter"},{"id":"p","name":"A paper","via":["r"]}]}}`,
		`{"id":"0198a9f2-7c1e-7000-8000-000000000002","source":"/desks/a","type":"fact.corrected","subject":"aircraft/il-96-300","data":{"target":"0198a9f2-7c1e-7000-8000-000000000001","patch":{"place":{"name":"Anchorage"}},"class":"corrected","notice":"It was Anchorage"}}`,
		`{"id":"0198a9f2-7c1e-7000-8000-000000000003","source":"/desks/a","type":"fact.retracted","subject":"aircraft/il-96-300","data":{"target":"0198a9f2-7c1e-7000-8000-000000000001","reason":"it never came"}}`,
	}
	var story []events.Event
	for i, text := range list {
		e, err := events.Submit([]byte(text), staged)
		s.must(err)
		e.Recorded = events.Instant{Time: logtest.Opened(staged).Recorded.Add(time.Duration(i+1) * 2 * time.Minute)}
		story = append(story, e)
	}
	s.grow(story)
	return s
}

func TestReplayTellsEachStepAndWhatItChanged(t *testing.T) {
	toldStage(t).serve(server.ScrubOptions{}, func(x *served) {
		x.reach(4)
		_, out := x.verb("replay", staged, "--zone", "UTC")
		for _, want := range []string{
			"@1  Thu 14 Aug 2025 12:00 UTC\n    Test is opened\n    on the word of the desk /desks/test\n",
			"@2  Thu 14 Aug 2025 12:02 UTC\n    It lands\n    on the word of A reporter, via A paper\n      aircraft il-96-300: – → landed, Elmendorf\n",
			"@3  Thu 14 Aug 2025 12:04 UTC\n    CORRECTED  It lands\n    Corrected: It was Anchorage\n    on the word of the desk /desks/a\n      of the fact, place · name: Elmendorf → Anchorage\n      aircraft il-96-300, place, name: Elmendorf → Anchorage\n",
			"@4  Thu 14 Aug 2025 12:06 UTC\n    RETRACTED  It lands\n",
			"      aircraft il-96-300: landed, Anchorage → –\n",
		} {
			if !strings.Contains(out, want) {
				t.Errorf("not told:\n%s\nbut:\n%s", want, out)
			}
		}
		for _, c := range []struct {
			from, to string
			want     []uint64
		}{
			{"@3", "", []uint64{3, 4}},
			{"", "@2", []uint64{1, 2}},
			{"2025-08-14T12:02:00Z", "2025-08-14T12:05:00Z", []uint64{2, 3}},
			{"2025-08-14T12:02:00.001Z", "", []uint64{3, 4}},
			{strings.Split(x.report().Summits[0].Position, "-")[0] + "-4", "", []uint64{4}},
		} {
			_, out := x.verb("replay", staged, "--json", "--from", c.from, "--to", c.to)
			var got []uint64
			for line := range strings.Lines(out) {
				var s struct {
					Seq     uint64
					Event   struct{ ID string }
					Changes struct{ Until string }
				}
				if err := json.Unmarshal([]byte(line), &s); err != nil || s.Event.ID == "" || s.Changes.Until == "" {
					t.Errorf("%v: %s", err, line)
				}
				got = append(got, s.Seq)
			}
			if !bytes.Equal(mustJSON(got), mustJSON(c.want)) {
				t.Errorf("from %q to %q: steps %v, want %v", c.from, c.to, got, c.want)
			}
		}
		for _, args := range [][]string{{"--from", "@9"}, {"--from", "@4", "--to", "@2"}, {"--from", "yesterday"}, {"--speed", "-1"}, {"--speed", "fast"}, {"--from", "2025-08-14T13:00:00Z"}} {
			var out, errs bytes.Buffer
			if code := run(append([]string{"replay", staged, "--server", x.url}, args...), cli.Streams{Out: &out, Err: &errs}); code == cli.Good || out.Len() > 0 {
				t.Errorf("%v: exit %d, %s%s", args, code, out.String(), errs.String())
			}
		}
	})
}

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // numbers always encode
	}
	return b
}

func TestReplayKeepsTheGapsAtItsSpeed(t *testing.T) {
	toldStage(t).serve(server.ScrubOptions{}, func(x *served) {
		x.reach(4)
		var waits []time.Duration
		replay := read.ReplayWith(func(_ context.Context, d time.Duration) error {
			waits = append(waits, d)
			return nil
		})
		var out bytes.Buffer
		p := &cli.Program{Name: "summit", Groups: []cli.Group{{Title: "Read", Verbs: []cli.Verb{replay}}}}
		args := []string{"replay", staged, "--speed", "60x", "--zone", "UTC", "--server", x.url}
		if code := p.RunContext(t.Context(), args, cli.Streams{Out: &out, Err: &out}); code != cli.Good || len(waits) != 3 {
			t.Fatalf("exit %d, waits %v: %s", code, waits, &out)
		}
		for _, d := range waits {
			if d != 2*time.Second {
				t.Errorf("waits %v, want 2 s each", waits)
			}
		}
	})
}

func TestReplayTellsWhatCouldNotBeRead(t *testing.T) {
	s := newStage(t, 3, 0)
	s.remade(func(l [][]byte) [][]byte {
		l[1] = bytes.Replace(l[1], []byte(`"note.added"`), []byte(`"note.unknown"`), 1)
		return l
	})
	s.must(removeAll(s.views()))
	s.serve(server.ScrubOptions{}, func(x *served) {
		x.reach(3)
		_, out := x.verb("replay", staged)
		if !strings.Contains(out, "@2") || !strings.Contains(out, "could not be read: ") || strings.Count(out, "could not be read") != 1 || !strings.Contains(out, "@3") {
			t.Errorf("told:\n%s", out)
		}
		r := x.audit(true)
		if len(r.Quarantined) != 1 || r.Quarantined[0].Seq != 2 || r.Misfiled != 0 {
			t.Errorf("quarantined %+v", r.Quarantined)
		}
		var d struct{ Found []struct{ Bad bool } }
		if code, out := x.verb("doctor", "--json"); code != cli.Good {
			t.Errorf("doctor: exit %d %s", code, out)
		} else if err := json.Unmarshal([]byte(out), &d); err != nil || len(d.Found) != 1 || d.Found[0].Bad {
			t.Errorf("doctor: %v %+v", err, d.Found)
		}
	})
}

func TestAnAuditTellsWhatIsMisfiled(t *testing.T) {
	s := newStage(t, 3, 0)
	s.misfile(logtest.Note(staged, 7))
	s.serve(server.ScrubOptions{}, func(x *served) {
		x.reach(4)
		r := x.audit(true)
		if len(r.Quarantined) != 1 || r.Quarantined[0].Seq != 4 || r.Misfiled != 1 {
			t.Errorf("quarantined %+v, misfiled %d", r.Quarantined, r.Misfiled)
		}
	})
}

func TestMetricsTellTheScrub(t *testing.T) {
	t.Parallel()
	newStage(t, 3, 0).serve(scrubNow, func(x *served) {
		x.until("a scrub", func() bool { return x.report().Summits[0].Scrub.Passes == 1 })
		res, err := http.Get(x.url + "/metrics")
		x.must(err)
		defer res.Body.Close()
		var b bytes.Buffer
		_, err = b.ReadFrom(res.Body)
		x.must(err)
		for _, want := range []string{`summit_scrub_checked_events{summit="geneva"} 3`, `summit_scrub_passes{summit="geneva"} 1`, `summit_in_doubt{summit="geneva"} 0`} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("no %s in\n%s", want, b.String())
			}
		}
	})
}
