package projections

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
)

// memory is a log in memory.
type memory struct{ records []store.Record }

func (m *memory) Summit() string { return "story" }

func (m *memory) Get(_ context.Context, seq uint64) (store.Record, error) {
	return m.records[seq-1], nil
}

func (m *memory) Info(context.Context) (store.Info, error) {
	return store.Info{First: 1, Last: uint64(len(m.records)), Messages: uint64(len(m.records))}, nil
}

func (m *memory) Follow(ctx context.Context, from uint64) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		for _, r := range m.records[from-1:] {
			if !yield(r, nil) {
				return
			}
		}
		<-ctx.Done()
	}
}

var opening = time.Date(2025, 8, 14, 0, 0, 0, 0, time.UTC)

// add appends an event as the server would write it down.
func (m *memory) add(t testing.TB, typ string, entity events.Entity, data events.Payload) string {
	t.Helper()
	seq := uint64(len(m.records) + 1)
	e := events.Event{
		ID: uuid.NewSHA1(uuid.Nil, fmt.Appendf(nil, "%d", seq)).String(), Source: "/desks/test", Type: typ, Subject: entity,
		Summit: "story", Recorded: events.Instant{Time: opening.Add(time.Duration(seq) * time.Minute)}, Data: data,
	}
	raw, err := events.Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	m.records = append(m.records, store.NewRecord("story", seq, opening, raw, store.Subject(e), e.ID))
	return e.ID
}

func newStory(t testing.TB) *memory {
	m := &memory{}
	m.add(t, events.TypeSummitOpened, events.Entity{Kind: events.KindSummit, ID: "story"},
		&events.SummitOpened{Title: "Story", Zone: "UTC", Parties: []events.Party{{ID: "a", Name: "A"}}})
	return m
}

func openStory(t testing.TB, m *memory, records []store.Record, batch int) *Engine {
	t.Helper()
	e, err := Open(filepath.Join(t.TempDir(), "views.db"), m, Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	for len(records) > 0 {
		n := min(batch, len(records))
		if err := e.commit(records[:n]); err != nil {
			t.Fatal(err)
		}
		records = records[n:]
	}
	return e
}

func word(name string) events.Common {
	return events.Common{Sources: events.Sources{{ID: "s", Name: name}}}
}

// random adds an event that may or may not be sound: amendments of amendments
// and of nothing, plans, out-of-order moves.
func (m *memory) random(t testing.TB, r *rand.Rand, ids *[]string, subjects map[string]events.Entity) {
	common := word(fmt.Sprintf("source %d", r.IntN(3)))
	if r.IntN(3) > 0 {
		at := events.Instant{Time: opening.Add(time.Duration(r.IntN(48)) * time.Hour)}
		common.When = &events.Moment{Earliest: at}
		switch r.IntN(3) {
		case 0:
			common.When = &events.Moment{Best: at}
		case 1:
			common.When.Latest = events.Instant{Time: at.Add(3 * time.Hour)}
		}
		if r.IntN(4) == 0 {
			common.When.Phase = events.PhasePlanned
		}
	}
	plane := events.Entity{Kind: events.KindAircraft, ID: fmt.Sprintf("p%d", r.IntN(2))}
	meeting := events.Entity{Kind: events.KindMeeting, ID: "m"}
	target := (*ids)[r.IntN(len(*ids))]
	place := &events.Place{Name: fmt.Sprintf("place %d", r.IntN(3))}
	entity, typ, data := plane, "", events.Payload(nil)
	switch r.IntN(12) {
	case 0, 1:
		typ, data = events.TypeAircraftDeparted, &events.AircraftDeparted{Common: common, From: place}
	case 2, 3:
		typ, data = events.TypeAircraftLanded, &events.AircraftLanded{Common: common, Place: place}
	case 4:
		entity, typ, data = meeting, events.TypeMeetingScheduled, &events.MeetingScheduled{Common: common, Schedule: events.Schedule{Title: "M", Kind: "talks"}}
	case 5:
		entity, typ, data = meeting, events.TypeMeetingStarted, &events.MeetingStarted{Common: common}
	case 6:
		entity = events.Entity{Kind: events.KindTopic, ID: "t"}
		typ, data = events.TypePositionStated, &events.PositionStated{Common: common, Actor: fmt.Sprintf("actor %d", r.IntN(2)), Stance: []string{"for", "against"}[r.IntN(2)], Detail: "d"}
	case 7, 8:
		entity, typ = subjects[target], events.TypeFactRetracted
		data = &events.FactRetracted{Target: events.Target{Target: target}, Reason: "r"}
	case 9:
		entity, typ = subjects[target], events.TypeFactCorrected
		patch := []string{`{"note":"n"}`, `{"when":{"best":"2025-08-15T05:00:00Z","earliest":null,"latest":null}}`, `{"place":{"name":"elsewhere"}}`, `{"notice":"other"}`}[r.IntN(4)]
		data = &events.FactCorrected{Target: events.Target{Target: target}, Patch: []byte(patch), Class: events.ClassCorrected, Notice: "c"}
	case 10:
		entity, typ = subjects[target], events.TypeFactCorroborated
		data = &events.FactCorroborated{Common: word("another"), Target: events.Target{Target: target}}
	default:
		entity, typ = subjects[target], events.TypeFactDisputed
		data = &events.FactDisputed{Common: word("another"), Target: events.Target{Target: target}}
	}
	id := m.add(t, typ, entity, data)
	*ids = append(*ids, id)
	subjects[id] = entity
}

func randomStory(t testing.TB, seed uint64, length int) *memory {
	m := newStory(t)
	r := rand.New(rand.NewPCG(seed, 1))
	ids := []string{m.records[0].Event.ID}
	subjects := map[string]events.Entity{ids[0]: {Kind: events.KindSummit, ID: "story"}}
	for range length {
		m.random(t, r, &ids, subjects)
	}
	return m
}

// reads is every read at a position, as text.
func reads(t testing.TB, e *Engine, at Reading) map[string]string {
	t.Helper()
	ctx, now := context.Background(), opening.Add(24*time.Hour)
	out := map[string]string{}
	for name, q := range map[string]Query{
		"occurred": {}, "desc": {Desc: true}, "recorded": {Recorded: true}, "window": {From: opening.Add(6 * time.Hour), To: opening.Add(20 * time.Hour)},
		"entity": {Entity: "aircraft/p0"}, "retracted": {Standing: StandingRetracted}, "overdue": {Standing: StandingOverdue},
	} {
		q.Reading, q.Limit = at, MaxLimit
		page, err := e.Timeline(ctx, q, now)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = fmt.Sprintf("%s", page.Items)
	}
	for name, when := range map[string]time.Time{"status": {}, "status at": opening.Add(12 * time.Hour)} {
		s, err := e.Status(ctx, at, when)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = string(s.JSON)
	}
	conflicts, _, err := e.Conflicts(ctx, at)
	if err != nil {
		t.Fatal(err)
	}
	out["conflicts"] = fmt.Sprint(conflicts)
	return out
}

// The law: a read as known at n is the same read after a fresh fold of the
// first n events.
func TestAnOldPositionReadsAsItDidThen(t *testing.T) {
	const stories, length = 60, 40
	for seed := range uint64(stories) {
		m := randomStory(t, seed, length)
		whole := openStory(t, m, m.records, 7)
		for _, n := range []int{1, 9, 17, 33, len(m.records)} {
			fresh := openStory(t, m, m.records[:n], n)
			at := Reading{Seq: uint64(n), Pinned: true}
			got, want := reads(t, whole, at), reads(t, fresh, at)
			if !reflect.DeepEqual(got, want) {
				for k := range want {
					if got[k] != want[k] {
						t.Fatalf("story %d at %d: %s\n got %s\nwant %s", seed, n, k, got[k], want[k])
					}
				}
			}
		}
	}
}

func TestPagesNeitherSkipNorRepeat(t *testing.T) {
	m := randomStory(t, 5, 120)
	e := openStory(t, m, m.records[:100], 20)
	for _, q := range []Query{{Limit: 7}, {Limit: 7, Desc: true}, {Limit: 7, Recorded: true}, {Limit: 3, Entity: "aircraft/p1"}, {Limit: 3, From: opening, To: opening.Add(30 * time.Hour)}} {
		q.Reading = e.Latest()
		all := q
		all.Limit = MaxLimit
		whole, err := e.Timeline(context.Background(), all, opening)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for {
			page, err := e.Timeline(context.Background(), q, opening)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range page.Items {
				got = append(got, string(i))
			}
			if page.Next == "" {
				break
			}
			q.Cursor = page.Next
			if seq := e.Head().Seq; int(seq) < len(m.records) { // the story moves on meanwhile
				if err := e.commit(m.records[seq : seq+1]); err != nil {
					t.Fatal(err)
				}
			}
		}
		if len(got) != len(whole.Items) {
			t.Fatalf("%+v: %d items in pages, %d at once", q, len(got), len(whole.Items))
		}
		for i := range got {
			if got[i] != string(whole.Items[i]) {
				t.Fatalf("%+v: item %d differs", q, i)
			}
		}
	}
}
