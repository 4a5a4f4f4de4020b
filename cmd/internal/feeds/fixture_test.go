package feeds

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/cmd/internal/humanize"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// ids of facts and amendments in the tests.
const (
	factA = "00000000-0000-4000-8000-00000000000a"
	factB = "00000000-0000-4000-8000-00000000000b"
	factC = "00000000-0000-4000-8000-00000000000c"
	amend = "00000000-0000-4000-8000-0000000000a1"
	later = "00000000-0000-4000-8000-0000000000a2"
)

// hour is h hours into the day of the tests.
func hour(h int) events.Instant {
	return events.Instant{Time: time.Date(2025, 8, 15, h, 0, 0, 0, time.UTC)}
}

// hostile holds what no format may pass on as anything but text.
const hostile = "=HYPERLINK(\"http://x\",\"y\")\r\nEND:VEVENT\r\n<script>alert(1)</script> & ]]> \"},{ \u202egpj.exe\x00\x1b[31m\ufffe; a, b\\n é 🛬"

// fact is an item as the timeline has it.
func fact(id, typ, entity string, change func(*projections.Item)) projections.Item {
	it := projections.Item{
		Fact: id, Seq: 2, Position: "3f9a1c20-2", Type: typ, Entity: entity, Headline: "What happened", Recorded: hour(1), Desk: "/desks/test",
		Attribution: "Somebody, via Newsmax", Sources: events.Sources{}, Roots: 1, Standing: projections.StandingUnverified, Revision: 1,
		Amendments: []projections.AmendmentOf{}, Data: jsontext.Value("{}"),
	}
	if change != nil {
		change(&it)
	}
	return it
}

// amended adds an amendment of the item.
func amended(it *projections.Item, a projections.AmendmentOf) {
	a.Desk, a.Headline, a.Attribution, a.Changes = "/desks/test", "Amended", "Somebody", []projections.Difference{}
	if a.Target == "" {
		a.Target = it.Fact
	}
	it.Amendments = append(it.Amendments, a)
	it.Revision++
}

// feed is one of the items, in that order; the meetings are those of the status.
func feed(t testing.TB, meetings map[string]Meeting, list ...projections.Item) Feed {
	t.Helper()
	some := func(fits func(projections.Item) bool) Items {
		return func(yield func(jsontext.Value, error) bool) {
			for _, it := range list {
				raw, err := json.Marshal(it)
				if fits(it) && !yield(raw, err) {
					return
				}
			}
		}
	}
	return Feed{
		ID: "urn:uuid:" + factC, Self: "http://localhost:8080/v1/summits/alaska-2025/timeline.x", Page: "http://localhost:8080/summits/alaska-2025",
		Updated: hour(9).Time, Clock: humanize.Clock{Zone: time.UTC},
		Summary: projections.Summary{
			ID: "alaska-2025", Title: "Alaska <summit>; of, two", Zone: "UTC", Starts: hour(10), Place: &events.Place{Name: "Anchorage"},
			Stamp: projections.Stamp{Known: events.Position{Epoch: "3f9a1c20", Seq: 9}},
		},
		Items: some(func(projections.Item) bool { return true }),
		Entity: func(e string, types ...string) Items {
			return some(func(it projections.Item) bool {
				return it.Entity == e && (len(types) == 0 || slices.Contains(types, it.Type))
			})
		},
		Meetings: func() (map[string]Meeting, error) { return meetings, nil },
	}
}

func written(t testing.TB, write func(*bytes.Buffer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
