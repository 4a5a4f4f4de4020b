package projections

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/events"
)

// The law that an old position reads as it did then is held against this many
// random stories. A long run, in shards where wanted:
//
//	go test ./projections -run TestAnOldPositionReadsAsItDidThen -stories 10000 -timeout 2h
//	go test ./projections -run TestAnOldPositionReadsAsItDidThen -stories 5000 -first-story 5000 -timeout 2h
var (
	stories    = flag.Uint64("stories", manyStories, "how many random stories")
	firstStory = flag.Uint64("first-story", 0, "seed of the first story")
)

// queries ask for every filter and order of the timeline.
var queries = map[string]Query{
	"all": {}, "desc": {Desc: true}, "recorded": {Recorded: true}, "recorded desc": {Recorded: true, Desc: true},
	"window": {From: opening.Add(6 * time.Hour), To: opening.Add(20 * time.Hour)}, "from": {From: opening.Add(9 * time.Hour), Desc: true}, "to": {To: opening.Add(9 * time.Hour)},
	"entity": {Entity: "aircraft/p0"}, "entity recorded": {Entity: "meeting/m0", Recorded: true}, "entity window": {Entity: "meeting/m1", From: opening},
	"type": {Types: []string{"aircraft.*", events.TypeNoteAdded}}, "actor": {Actor: "actor 0"}, "party": {Party: "a"}, "place": {Place: "anchorage"},
	"source": {Source: "tower"}, "words": {Text: "fog Runway"}, "graded": {MinGrade: &events.Grade{Source: "B", Info: 4}},
	"retracted": {Standing: StandingRetracted}, "disputed": {Standing: StandingDisputed}, "superseded": {Standing: StandingSuperseded}, "overdue": {Standing: StandingOverdue},
	"corrected": {Standing: StandingCorrected}, "corroborated": {Standing: StandingCorroborated}, "unverified": {Standing: StandingUnverified},
	"several": {Standing: StandingUnverified, Source: "wire one", Types: []string{"meeting.*", "position.*"}, From: opening},
}

// answers collects reads as text, by name.
type answers struct {
	t   testing.TB
	out map[string]string
}

func (a *answers) add(err error, name string, values ...any) {
	a.t.Helper()
	if err != nil {
		a.t.Fatal(name, err)
	}
	a.out[name] = fmt.Sprintf("%s", values)
}

// reads is every read at a position, as text.
func reads(t testing.TB, e *Engine, at AsOf) map[string]string {
	t.Helper()
	ctx, a := context.Background(), &answers{t, map[string]string{}}
	for name, q := range queries {
		q.Reading, q.Limit = at, MaxLimit
		page, err := e.Timeline(ctx, q, at.Now)
		a.add(err, name, page.Items, page.Known, page.Complete)
	}
	for name, when := range map[string]time.Time{
		"status": {}, "status at the middle": opening.Add(12 * time.Hour), "status before": opening.Add(-time.Hour), "status at the epoch": time.Unix(0, 0),
	} {
		s, err := e.Status(ctx, at, when)
		a.add(err, name, withoutPosition(s))
		var status any
		must(t, json.Unmarshal(s.JSON, &status))
		uniqueIDs(t, status, name)
	}
	list, stamp, err := e.Conflicts(ctx, at)
	a.add(err, "conflicts", fmt.Sprint(list), stamp.Known)
	for seq := uint64(1); seq <= at.Seq; seq++ {
		f, err := e.Fact(ctx, numbered(seq), at, at.Now)
		if err == nil {
			a.add(nil, "fact "+numbered(seq), f.Item, fmt.Sprint(f.History))
		} else {
			a.add(nil, "fact "+numbered(seq), err)
		}
	}
	for _, since := range []uint64{0, at.Seq / 2, at.Seq - 1} {
		c, err := e.Changes(ctx, AsOf{Seq: since, Pinned: true}, at, at.Now)
		a.add(err, fmt.Sprint("changes since ", since), c.Added, fmt.Sprint(c.Corrected), c.Retracted, c.Restored, fmt.Sprint(c.Standing, c.Status))
	}
	s, err := e.Summary(ctx, at)
	s.Position = events.Position{}
	b, encodeErr := json.Marshal(s)
	a.add(errors.Join(err, encodeErr), "summary", string(b))
	_, err = e.Frames(at.Seq/2, int(at.Seq-at.Seq/2), nil, func(f Frame) bool {
		if f.Position.Seq <= at.Seq {
			a.add(nil, fmt.Sprint("frame ", f.Position), fmt.Sprintf("%+v", f))
		}
		return true
	})
	a.add(err, "frames")
	return a.out
}

// withoutPosition leaves out how far the views are, which is no part of what
// was read.
func withoutPosition(s StatusAnswer) string {
	return strings.Replace(string(s.JSON), `"position":"`+s.Position.String()+`"`, "", 1)
}

func compareReads(t testing.TB, what string, got, want map[string]string) {
	t.Helper()
	for k := range want {
		if got[k] != want[k] {
			t.Fatalf("%s: %s\n got %s\nwant %s", what, k, got[k], want[k])
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%s: %d answers, want %d", what, len(got), len(want))
	}
}

// The law: any read as known at n is the same read after a fresh fold of the
// first n events; and who reads the present at n reads the same as then.
func TestAnOldPositionReadsAsItDidThen(t *testing.T) {
	for seed := *firstStory; seed < *firstStory+*stories; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			holdsAtEveryPosition(t, seed)
		})
	}
}

func holdsAtEveryPosition(t *testing.T, seed uint64) {
	const length = 40
	m := randomStory(t, seed, length)
	whole := openStory(t, m, m.records, 7)
	for i := range 3 {
		n := 1 + (int(seed)*7+i*14)%len(m.records) // every position comes up in some story
		fresh := openStory(t, m, m.records[:n], n)
		for _, at := range []AsOf{{Seq: uint64(n), Pinned: true}, {Seq: uint64(n), Now: opening.Add(24 * time.Hour)}} {
			compareReads(t, fmt.Sprintf("%+v", at), reads(t, whole, at), reads(t, fresh, at))
		}
	}
	sameDigests(t, whole, openStory(t, m, m.records, len(m.records)))
}

// sameDigests holds the tables of two engines against each other.
func sameDigests(t testing.TB, a, b *Engine) {
	t.Helper()
	one, _, x, err := a.Digests(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	two, _, y, err := b.Digests(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if one != two {
		t.Fatalf("at %s and %s", one, two)
	}
	for i := range x {
		if x[i] != y[i] {
			t.Fatalf("table %s: %d rows, %x; %d rows, %x", x[i].Table, x[i].Rows, x[i].Sum, y[i].Rows, y[i].Sum)
		}
	}
}
