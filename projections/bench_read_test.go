package projections

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/summit-timeline/summit/events"
)

// mixedStory returns a story of many entities: one in ten events brings a new one.
func mixedStory(b *testing.B, length int) *memory {
	b.Helper()
	m := newStory(b)
	many := max(length/50, 1)
	for i := len(m.records); i < length; i++ {
		common := word(fmt.Sprintf("source %d", i%7))
		common.When = &events.Moment{Best: events.Instant{Time: opening.Add(time.Duration(i) * time.Second)}}
		id := i / 10 % many
		place := &events.Place{Name: "Joint Base Elmendorf-Richardson", ICAO: "PAED"}
		switch i % 10 {
		case 0:
			m.add(b, events.TypeAircraftDeparted, entity(events.KindAircraft, fmt.Sprint("p-", id)), &events.AircraftDeparted{Common: common, From: place})
		case 1:
			m.add(b, events.TypeAircraftLanded, entity(events.KindAircraft, fmt.Sprint("p-", id)), &events.AircraftLanded{Common: common, Place: place})
		case 2:
			m.add(b, events.TypeDelegateArrived, entity(events.KindPerson, fmt.Sprint("d-", id)),
				&events.DelegateArrived{Common: common, Delegate: events.Delegate{Name: fmt.Sprint("Delegate ", id), Party: fmt.Sprint("party-", id%40), Place: place}})
		case 3:
			m.add(b, events.TypePositionStated, entity(events.KindTopic, fmt.Sprint("t-", id)),
				&events.PositionStated{Common: common, Actor: fmt.Sprint("actor ", i%3), Stance: "for", Detail: "a detail"})
		case 4:
			common.When.Phase, common.When.Best = events.PhasePlanned, events.Instant{Time: opening.Add(time.Duration(i+length/2) * time.Minute)}
			m.add(b, events.TypeMeetingScheduled, entity(events.KindMeeting, fmt.Sprint("m-", id)),
				&events.MeetingScheduled{Common: common, Schedule: events.Schedule{Title: fmt.Sprint("Talks ", id), Kind: "talks", Place: place}})
		case 5:
			m.add(b, events.TypeSitePrepared, entity(events.KindSite, fmt.Sprint("s-", id)), &events.SitePrepared{Common: common, Name: "A site", Aspect: "security", Level: "raised"})
		case 6:
			target := m.records[i-5]
			m.add(b, events.TypeFactDisputed, target.Event.Subject, &events.FactDisputed{Common: word("another"), Target: events.Target{Target: target.Event.ID}})
		default:
			m.add(b, events.TypeNoteAdded, entity(events.KindNote, fmt.Sprint("n-", i)), &events.NoteAdded{Common: common, Text: "a text"})
		}
	}
	return m
}

// BenchmarkMixed reads in stories of many entities. What is kept of composed
// statuses is thrown away each time.
func BenchmarkMixed(b *testing.B) {
	for _, length := range []int{1_000, 10_000, 100_000} {
		m := mixedStory(b, length)
		e := openStory(b, m, m.records, 2_000)
		for _, x := range mixedReads(e) {
			b.Run(fmt.Sprintf("%s/%d", x.name, length), func(b *testing.B) {
				began := spent()
				defer func() { b.ReportMetric(float64((spent()-began).Microseconds())/float64(b.N), "cpu-us/op") }()
				for b.Loop() {
					if err := forgetStatuses(e); err != nil {
						b.Fatal(err)
					}
					if err := x.read(context.Background()); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkStatusAfterAFact reads the first page of what stands after each further fact.
func BenchmarkStatusAfterAFact(b *testing.B) {
	for _, length := range []int{1_000, 10_000, 100_000} {
		m := mixedStory(b, length)
		e := openStory(b, m, m.records, 2_000)
		at := e.Latest()
		b.Run(fmt.Sprint(length), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				err := forgetStatuses(e)
				for _, known := range []uint64{at.Seq - 1, at.Seq} {
					if known == at.Seq {
						b.StartTimer()
					}
					if err == nil {
						_, err = e.StatusPage(b.Context(), StatusQuery{Reading: AsOf{Seq: known, Pinned: true}, Limit: 100})
					}
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

type mixedRead struct {
	name string
	read func(context.Context) error
}

func mixedReads(e *Engine) []mixedRead {
	at := e.Latest()
	at.Pinned = true
	page := func(q Query) func(context.Context) error {
		return func(ctx context.Context) error {
			q.Reading, q.Limit = at, 50
			_, err := e.Timeline(ctx, q, opening)
			return err
		}
	}
	changes := func(since uint64) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := e.Changes(ctx, AsOf{Seq: since, Pinned: true}, at, opening)
			return err
		}
	}
	return []mixedRead{
		{"changes-1", changes(at.Seq - 1)},
		{"changes-100", changes(at.Seq - 100)},
		{"changes-all", changes(0)},
		{"status", func(ctx context.Context) error { _, err := e.Status(ctx, at, time.Time{}); return err }},
		{"conflicts", func(ctx context.Context) error { _, _, err := e.Conflicts(ctx, at); return err }},
		{"recorded", page(Query{Recorded: true, Desc: true})},
		{"entity", page(Query{Entity: "aircraft/p-1"})},
		{"entity-recorded", page(Query{Entity: "aircraft/p-1", Recorded: true})},
		{"words-none", page(Query{Text: "nowhere"})},
		{"actor-none", page(Query{Actor: "nobody"})},
		{"type-none", page(Query{Types: []string{"incident.*"}})},
		{"standing-none", page(Query{Standing: StandingRetracted})},
	}
}
