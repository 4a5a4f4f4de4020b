package projections

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/storytest"
	"github.com/summit-timeline/summit/store"
)

// recordedStory records a story of storytest as a server would: a minute
// between two events, long after all of it.
func recordedStory(t testing.TB, story []storytest.Event) *memory {
	t.Helper()
	m := &memory{}
	for i, x := range story {
		e, err := events.Submit(x.JSON(), storytest.Summit)
		if err != nil {
			t.Fatalf("event %d of the story, %s: %v", i+1, x.JSON(), err)
		}
		e.Recorded = events.Instant{Time: storytest.Opening.AddDate(1, 0, 0).Add(time.Duration(i) * time.Minute)}
		raw, err := events.Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		m.records = append(m.records, store.NewRecord(storytest.Summit, uint64(i+1), e.Recorded.Time, raw, store.Subject(e), e.ID))
	}
	return m
}

// TestStatusAndTimelineAreWhatTheContractSays holds random stories with plans,
// actuals, reschedules, cancellations, omissions, nulls and amendments against a
// model that was written from the contract and shares no code with the fold. A
// longer run:
//
//	go test ./projections -run TestStatusAndTimelineAreWhatTheContractSays -stories 10000
func TestStatusAndTimelineAreWhatTheContractSays(t *testing.T) {
	for seed := *firstStory; seed < *firstStory+*stories; seed++ {
		story := storytest.New(seed, 5+int(seed%60))
		m := recordedStory(t, story)
		e := openStory(t, m, m.records, 1+int(seed%7))
		dice := rand.New(rand.NewPCG(seed, 3))
		for _, n := range []int{len(story), 1 + dice.IntN(len(story))} {
			holdAgainst(t, e, storytest.Of(story, n), n, storytest.Opening.Add(time.Duration(dice.IntN(30*24))*time.Hour))
		}
		if t.Failed() {
			for i, x := range story {
				t.Logf("%d %s", i+1, x.JSON())
			}
			t.Fatalf("story %d", seed)
		}
	}
}

func holdAgainst(t *testing.T, e *Engine, want *storytest.Model, n int, when time.Time) {
	t.Helper()
	at, stands, disputed := AsOf{Seq: uint64(n), Pinned: true}, want.Data(), want.Disputed()
	for _, when := range []time.Time{{}, when} {
		s, err := e.Status(context.Background(), at, when)
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range want.Check(s.JSON, when) {
			t.Errorf("known @%d at %v: %s", n, when, fault)
		}
	}
	for _, q := range []Query{{}, {Desc: true}, {Recorded: true}, {Recorded: true, Desc: true}} {
		ids := want.Occurred(q.Desc)
		if q.Recorded {
			ids = want.Recorded(q.Desc)
		}
		q.Reading, q.Limit = at, MaxLimit
		page, err := e.Timeline(context.Background(), q, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, raw := range page.Items {
			var item struct {
				Fact     string         `json:"fact"`
				Standing string         `json:"standing"`
				Data     map[string]any `json:"data"`
			}
			if err := json.Unmarshal(raw, &item); err != nil {
				t.Fatal(err)
			}
			got = append(got, item.Fact)
			if want := disputed[item.Fact]; want != item.Standing && (want != "" || item.Standing == StandingDisputed || item.Standing == StandingRetracted) {
				t.Errorf("known @%d: %s must be %q, is %s", n, item.Fact, want, item.Standing)
			}
			if data := stands[item.Fact]; !reflect.DeepEqual(asJSON(t, data), asJSON(t, item.Data)) {
				t.Errorf("known @%d: the data of %s must be %v, is %v", n, item.Fact, data, item.Data)
			}
		}
		if !slices.Equal(got, ids) {
			t.Errorf("known @%d, recorded %v, descending %v: the items must be\n%v, are\n%v", n, q.Recorded, q.Desc, ids, got)
		}
	}
}

// asJSON returns a value as it is after a way through JSON.
func asJSON(t testing.TB, v any) (out any) {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}
