package logtest

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/summit-timeline/summit/events"
)

// firstMoment is when the stories of the tests begin.
var firstMoment = time.Date(2025, 8, 14, 12, 0, 0, 0, time.UTC)

// Opened is the event that opens a summit; the same id gives the same event.
func Opened(summit string) events.Event {
	return events.Event{
		ID: uuid.NewSHA1(uuid.Nil, []byte(summit)).String(), Source: "/desks/test", Type: events.TypeSummitOpened,
		Subject: events.Entity{Kind: events.KindSummit, ID: summit}, Summit: summit, Recorded: events.Instant{Time: firstMoment},
		Data: &events.SummitOpened{Title: "Test", Zone: "UTC", Parties: []events.Party{{ID: "a", Name: "A"}}},
	}
}

// Note is the n-th note on a summit; the same n gives the same event.
func Note(summit string, n int) events.Event {
	return events.Event{
		ID: uuid.NewSHA1(uuid.Nil, fmt.Appendf(nil, "%s %d", summit, n)).String(), Source: "/desks/test", Type: events.TypeNoteAdded,
		Subject: events.Entity{Kind: events.KindNote, ID: fmt.Sprintf("n-%d", n)}, Summit: summit,
		Recorded: events.Instant{Time: firstMoment.Add(time.Duration(n) * time.Second)},
		Data: &events.NoteAdded{
			Common: events.Common{Sources: events.Sources{{ID: "s", Name: "Somebody"}}}, Text: fmt.Sprintf("note %d", n),
		},
	}
}

// Notes are the notes from n on.
func Notes(summit string, n, count int) []events.Event {
	list := make([]events.Event, count)
	for i := range list {
		list[i] = Note(summit, n+i)
	}
	return list
}
