package bench

import (
	"encoding/binary"
	"fmt"
	"iter"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
)

// begins is when a made story begins.
var begins = time.Date(2025, 8, 14, 0, 0, 0, 0, time.UTC)

func opening(summit string) events.Event {
	return events.Event{
		ID: uuid.NewSHA1(uuid.Nil, []byte(summit)).String(), Source: "/desks/bench", Type: events.TypeSummitOpened, Summit: summit,
		Subject: events.Entity{Kind: events.KindSummit, ID: summit},
		Data:    &events.SummitOpened{Title: "Benchmark", Zone: "UTC", Parties: []events.Party{{ID: "a", Name: "A"}}},
	}
}

// common are the members that each event of a made story has: they give it the
// size that events have.
func common(n int64) events.Common {
	return events.Common{
		Note: "what a reader should know besides, in some fifty words or so, to give an event the size that events have",
		When: &events.Moment{Best: events.Instant{Time: begun(n)}, Zone: "America/Anchorage"},
		Sources: events.Sources{
			{ID: "s1", Name: "Source " + strconv.FormatInt(n%7, 10), Kind: "agency", Role: "originator"},
			{ID: "s2", Name: "An outlet", Kind: "outlet", Role: "relay", Via: []string{"s1"}},
		},
	}
}

// idOf is the id of event n: version 7 (RFC 9562, section 5.7), as a server makes
// them, in the order of the log.
func idOf(summit string, n int64) string {
	id := uuid.NewSHA1(uuid.Nil, fmt.Appendf(nil, "%s %d", summit, n))
	binary.BigEndian.PutUint16(id[:], uint16(begun(n).UnixMilli()>>32))
	binary.BigEndian.PutUint32(id[2:], uint32(begun(n).UnixMilli()))
	id[6] = 7<<4 | id[6]&0x0f
	return id.String()
}

// begun is when event n of a made story happens.
func begun(n int64) time.Time { return begins.Add(time.Duration(n) * time.Second) }

// manyEntities is how many a long summit has notes about, and more.
const manyEntities = 20_000

func note(summit string, n int64) events.Event {
	return events.Event{
		ID: idOf(summit, n), Source: "/desks/bench", Type: events.TypeNoteAdded, Summit: summit,
		Subject: events.Entity{Kind: events.KindNote, ID: "n-" + strconv.FormatInt(n%manyEntities, 10)},
		Data:    &events.NoteAdded{Common: common(n), Text: "a text"},
	}
}

// fleet is how many aircraft a made story has, and contradicted in how many
// moves one contradicts the one before.
const fleet, contradicted = 50, 500

// moved is event n of a made story if that is the move of an aircraft: each
// departs and lands in turn.
func moved(n int64) (string, events.Entity, events.Payload) {
	move := n / 4
	plane := events.Entity{Kind: events.KindAircraft, ID: "p-" + strconv.FormatInt(move%fleet, 10)}
	place := &events.Place{Name: "Joint Base Elmendorf-Richardson", ICAO: "PAED"}
	if departs := move/fleet%2 == 0; departs != (move%contradicted == 0) {
		return events.TypeAircraftDeparted, plane, &events.AircraftDeparted{Common: common(n), From: place}
	}
	return events.TypeAircraftLanded, plane, &events.AircraftLanded{Common: common(n), Place: place}
}

// made is event n of a story with notes, moves of aircraft that now and then
// contradict each other, positions on 50 topics, and an amendment in twenty.
func made(summit string, n int64) events.Event {
	e := note(summit, n)
	switch {
	case n%20 == 19:
		target := note(summit, n-1)
		e.Type, e.Subject = events.TypeFactDisputed, target.Subject
		e.Data = &events.FactDisputed{Common: common(n), Target: events.Target{Target: target.ID}}
	case n%4 == 0:
		e.Type, e.Subject, e.Data = moved(n)
	case n%4 == 1:
		e.Type, e.Subject = events.TypePositionStated, events.Entity{Kind: events.KindTopic, ID: "t-" + strconv.FormatInt(n%50, 10)}
		e.Data = &events.PositionStated{Common: common(n), Actor: "actor", Stance: "for", Detail: "a detail"}
	}
	return e
}

// told is a story as a broker keeps it.
func told(summit string, length int) iter.Seq2[store.Stored, error] {
	return func(yield func(store.Stored, error) bool) {
		for n := range int64(length) {
			e := opening(summit)
			if n > 0 {
				e = made(summit, n)
			}
			e.Recorded = events.Instant{Time: begun(n)}
			raw, err := events.Encode(e)
			if !yield(store.Stored{Subject: store.Subject(e), MsgID: e.ID, Raw: raw}, err) {
				return
			}
		}
	}
}
