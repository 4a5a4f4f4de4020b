package projections

import (
	"context"
	"encoding/binary"
	"fmt"
	"iter"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/keys"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/viewdb"
)

// A long story: notes, moves of 200 aircraft, statements on topics; where
// amended is set, each twentieth event amends an earlier one, and each
// thousandth brings a contradiction.
func longStory(b *testing.B, length int, amended bool) *memory {
	b.Helper()
	m := newStory(b)
	for i := len(m.records); i < length; i++ {
		common := word(fmt.Sprintf("source %d", i%7))
		common.When = &events.Moment{Best: events.Instant{Time: opening.Add(time.Duration(i) * time.Second)}, Zone: "America/Anchorage"}
		common.Note = "what a reader should know besides, in some fifty words or so, to give an event the size that events have"
		plane := events.Entity{Kind: events.KindAircraft, ID: fmt.Sprintf("p-%d", i%200)}
		place := &events.Place{Name: "Joint Base Elmendorf-Richardson", ICAO: "PAED"}
		switch {
		case amended && i%20 == 0:
			target := m.records[i-7]
			m.add(b, events.TypeFactDisputed, target.Event.Subject, &events.FactDisputed{Common: word("another"), Target: events.Target{Target: target.Event.ID}})
		case amended && i%1000 == 3:
			m.add(b, events.TypeMeetingScheduled, events.Entity{Kind: events.KindMeeting, ID: fmt.Sprintf("m-%d", i)},
				&events.MeetingScheduled{Common: common, Schedule: events.Schedule{Title: "M", Kind: "talks", Given: []events.Given{given("noon", "UTC", 12), given("early", "UTC", 8)}}})
		case i%4 == 0 && i/200%2 == 0:
			m.add(b, events.TypeAircraftDeparted, plane, &events.AircraftDeparted{Common: common, From: place})
		case i%4 == 0:
			m.add(b, events.TypeAircraftLanded, plane, &events.AircraftLanded{Common: common, Place: place})
		case i%4 == 1:
			m.add(b, events.TypePositionStated, events.Entity{Kind: events.KindTopic, ID: fmt.Sprintf("t-%d", i%50)},
				&events.PositionStated{Common: common, Actor: "actor", Stance: "for", Detail: "a detail"})
		default:
			m.add(b, events.TypeNoteAdded, events.Entity{Kind: events.KindNote, ID: fmt.Sprintf("n-%d", i)}, &events.NoteAdded{Common: common, Text: "a text"})
		}
	}
	return m
}

// BenchmarkCatchUp folds 200,000 events into the views, durably, 20,000 a
// transaction, decoding included; raw is the ceiling it is held against: the
// same bytes decoded, put once by sequence and three empty index keys each.
func BenchmarkCatchUp(b *testing.B) {
	const length = 200_000
	m := longStory(b, length, false)
	decode := func(r store.Record) store.Record {
		return store.NewRecord("story", r.Seq, r.Stored, r.Raw, store.Subject(r.Event), r.Event.ID)
	}
	b.Run("raw", func(b *testing.B) {
		began := spent()
		for b.Loop() {
			rawFold(b, m.records, decode)
		}
		b.ReportMetric(float64(length*b.N)/b.Elapsed().Seconds(), "events/s")
		b.ReportMetric(float64((spent()-began).Microseconds())/float64(length*b.N), "cpu-us/event")
	})
	b.Run("views", func(b *testing.B) {
		began := spent()
		for b.Loop() {
			if err := caughtUp(b, &redecoded{m, decode}, length, Options{}).Close(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(length*b.N)/b.Elapsed().Seconds(), "events/s")
		b.ReportMetric(float64((spent()-began).Microseconds())/float64(length*b.N), "cpu-us/event")
	})
}

// caughtUp opens views of a log in a new file, and returns them once they hold its first
// events.
func caughtUp(b *testing.B, log Log, length uint64, o Options) *Engine {
	b.Helper()
	e, err := Open(filepath.Join(b.TempDir(), "views.db"), log, o)
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	if err := e.Wait(ctx, length); err != nil {
		b.Fatal(err)
	}
	cancel()
	if err := <-done; err != nil {
		b.Fatal(err)
	}
	return e
}

// forgetStatuses has the statuses composed again that were asked for.
func forgetStatuses(e *Engine) error {
	return e.view(func(r *reader) error { r.Statuses.Purge(); return nil })
}

// spent returns the processor time of this process: on a machine that others use, it
// tells more than the clock.
func spent() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// redecoded is a log whose events are decoded when they are read.
type redecoded struct {
	*memory
	decode func(store.Record) store.Record
}

func (l *redecoded) Follow(ctx context.Context, from uint64) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		for rec, err := range l.memory.Follow(ctx, from) {
			if err == nil {
				rec = l.decode(rec)
			}
			if !yield(rec, err) {
				return
			}
		}
	}
}

func rawFold(b *testing.B, records []store.Record, decode func(store.Record) store.Record) {
	db, err := viewdb.Open(filepath.Join(b.TempDir(), "raw.db"), viewdb.Options{Append: map[string]bool{"rows": true, "ids": true, "times": true}})
	if err != nil {
		b.Fatal(err)
	}
	decoded := make(chan []store.Record, 2)
	go func() {
		defer close(decoded)
		for from := 0; from < len(records); from += 2_000 {
			var batch []store.Record
			for _, r := range records[from:min(from+2_000, len(records))] {
				batch = append(batch, decode(r))
			}
			decoded <- batch
		}
	}()
	for batch := range decoded {
		if err := db.Update(func(tx *viewdb.Tx) error { return rawRows(tx, batch) }); err != nil {
			b.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
}

func rawRows(tx *viewdb.Tx, batch []store.Record) error {
	for _, r := range batch {
		id := uuid.MustParse(r.Event.ID)
		key := keys.Seq(r.Seq)
		entity := append([]byte(r.Event.Subject.String()), key...)
		at := binary.BigEndian.AppendUint64(nil, uint64(r.Event.Recorded.UnixNano()))
		for table, row := range map[string][2][]byte{"rows": {key, r.Raw}, "ids": {id[:], key}, "entities": {entity, nil}, "times": {append(at, key...), nil}} {
			if err := tx.Put(table, row[0], row[1]); err != nil {
				return err
			}
		}
	}
	return nil
}

// BenchmarkTimelinePage reads a page of 50: as of now, in the middle of the story, at
// an old position, and at random ones, of all and of one aircraft. The length of the
// log must not show.
func BenchmarkTimelinePage(b *testing.B) {
	for _, length := range []int{1_000, 200_000} {
		story := sync.OnceValue(func() *Engine {
			m := longStory(b, length, true)
			return openStory(b, m, m.records, 2_000)
		})
		for _, c := range pageCases(uint64(length)) {
			b.Run(fmt.Sprintf("%s/%d", c.name, length), func(b *testing.B) {
				e := story()
				dice, began := rand.New(rand.NewPCG(1, 2)), spent()
				defer func() { b.ReportMetric(float64((spent()-began).Microseconds())/float64(b.N), "cpu-us/op") }()
				for b.Loop() {
					q := c.query(e, dice)
					q.Limit = 50
					page, err := e.Timeline(context.Background(), q, opening)
					if err != nil || len(page.Items) < c.least {
						b.Fatal(len(page.Items), err)
					}
				}
			})
		}
	}
}

type pageCase struct {
	name  string
	least int // items
	query func(e *Engine, dice *rand.Rand) Query
}

func pageCases(length uint64) []pageCase {
	at := func(seq uint64) AsOf { return AsOf{Seq: seq, Pinned: true} }
	random := func(dice *rand.Rand) AsOf { return at(length/2 + dice.Uint64N(length/2)) }
	plane := func(dice *rand.Rand) string { return fmt.Sprintf("aircraft/p-%d", 20*dice.IntN(10)+4) }
	few := min(50, int(length)/400) // facts of each aircraft in half the story
	return []pageCase{
		{"now", 50, func(e *Engine, _ *rand.Rand) Query { return Query{Reading: e.Latest()} }},
		{"latest", 50, func(e *Engine, _ *rand.Rand) Query { return Query{Reading: e.Latest(), Desc: true} }},
		{"middle", 50, func(e *Engine, _ *rand.Rand) Query {
			return Query{Reading: e.Latest(), From: opening.Add(500 * time.Second)}
		}},
		{"old", 50, func(*Engine, *rand.Rand) Query { return Query{Reading: at(length / 2), Desc: true} }},
		{"oldest", 50, func(*Engine, *rand.Rand) Query { return Query{Reading: at(500), Desc: true} }},
		{"random", 50, func(_ *Engine, dice *rand.Rand) Query { return Query{Reading: random(dice), Desc: true} }},
		{"entity", few, func(e *Engine, dice *rand.Rand) Query {
			return Query{Reading: e.Latest(), Entity: plane(dice), Desc: true}
		}},
		{"entity-random", few, func(_ *Engine, dice *rand.Rand) Query {
			return Query{Reading: random(dice), Entity: plane(dice), Desc: true}
		}},
	}
}

// BenchmarkOldPosition reads in a story of 200,000 events, 10,000 of them
// amendments, as known at two old positions and now, and in stories that end at
// the old positions: what came later must not show.
func BenchmarkOldPosition(b *testing.B) {
	const length = 200_000
	m := longStory(b, length, true)
	whole := openStory(b, m, m.records, 2_000)
	for _, n := range []int{2_000, 100_000, length} {
		engines := map[string]*Engine{"since": whole}
		if n < length {
			engines["then"] = openStory(b, m, m.records[:n], 2_000)
		}
		for name, e := range engines {
			for what, read := range readers(e, AsOf{Seq: uint64(n), Pinned: true}, m.records[n-100].Event.ID) {
				b.Run(fmt.Sprintf("%s/%d/%s", what, n, name), func(b *testing.B) {
					for b.Loop() {
						if err := read(); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
}

// readers returns the reads at a position. What is kept of composed statuses is
// thrown away each time.
func readers(e *Engine, at AsOf, id string) map[string]func() error {
	ctx := context.Background()
	return map[string]func() error{
		"timeline": func() error {
			_, err := e.Timeline(ctx, Query{Reading: at, Limit: 50, Desc: true}, opening)
			return err
		},
		"status": func() error {
			if err := forgetStatuses(e); err != nil {
				return err
			}
			_, err := e.Status(ctx, at, time.Time{})
			return err
		},
		"conflicts": func() error {
			_, _, err := e.Conflicts(ctx, at)
			return err
		},
		"fact": func() error {
			_, err := e.Fact(ctx, id, at, opening)
			return err
		},
	}
}

// BenchmarkBusyEntity records the next fact of an aircraft that has 100,000.
func BenchmarkBusyEntity(b *testing.B) {
	for _, length := range []int{1_000, 100_000} {
		b.Run(fmt.Sprint(length), func(b *testing.B) {
			m := newStory(b)
			plane := events.Entity{Kind: events.KindAircraft, ID: "busy"}
			add := func() {
				common := word("a source")
				common.When = &events.Moment{Best: events.Instant{Time: opening.Add(time.Duration(len(m.records)) * time.Second)}}
				m.add(b, events.TypeAircraftDeparted, plane, &events.AircraftDeparted{Common: common, From: &events.Place{Name: "here"}})
			}
			for len(m.records) < length {
				add()
			}
			e := openStory(b, m, m.records, 2_000)
			for range 20_000 {
				add()
			}
			next := length
			for b.Loop() {
				if next+100 > len(m.records) {
					b.StopTimer()
					for range 20_000 {
						add()
					}
					b.StartTimer()
				}
				if err := commit(e, m.records[next:next+100]); err != nil {
					b.Fatal(err)
				}
				next += 100
			}
			b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N*100), "ns/fact")
		})
	}
}
