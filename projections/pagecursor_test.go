package projections

import (
	"fmt"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/events"
)

// Readers hold cursors for as long as they like: their text stays what it was.
func TestACursorStaysWhatItWas(t *testing.T) {
	at := time.Date(2025, 8, 15, 11, 30, 0, 5_000, time.FixedZone("AKDT", -8*3600))
	for _, q := range []Query{
		{},
		{From: at, To: at.Add(time.Hour).UTC(), Types: []string{"note.*", `a "b"`}, MinGrade: &events.Grade{Source: "B", Info: 2}},
		{Entity: "note/n", Actor: "Zoë", Party: "ru", Place: "PAED", Source: "AP", Standing: StandingDisputed, Text: `"a phrase"`, Recorded: true},
		{Desc: true, Limit: 7, Cursor: "x", Bytes: 8, Looks: 9, Reading: AsOf{Seq: 4, Pinned: true, Now: at}},
	} {
		shared := q
		shared.Reading, shared.MinGrade, shared.Cursor, shared.Limit, shared.Bytes, shared.Looks = AsOf{}, nil, "", 0, 0, 0
		grade := ""
		if q.MinGrade != nil {
			grade = q.MinGrade.String()
		}
		if got, want := string(q.appendFilters(nil)), fmt.Sprintf("%q %q %+v", q.Types, grade, shared); got != want {
			t.Errorf("the filters are\n%s, want\n%s", got, want)
		}
	}
	for _, c := range []pageCursor{
		{Known: "3f9a1c20-27"}, {Known: "3f9a1c20-27", Pinned: true, Key: -5, Fact: 6, Query: 1<<64 - 1}, {Known: "00000000-0", Judged: 7, Key: 1<<63 - 1},
	} {
		want, err := json.Marshal(c)
		if got := string(c.append(nil)); err != nil || got != string(want) {
			t.Errorf("the cursor is %s, want %s (%v)", got, want, err)
		}
	}
}
