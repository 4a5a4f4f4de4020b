package seeds

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/message"
)

// rows names, for each of the 21 facts that the story must tell, what tells it.
var rows = [][]string{
	{"aircraft.departed aircraft/il-96-300"},
	{"aircraft.tracked aircraft/il-96-300"},
	{"aircraft.landed aircraft/il-96-300"},
	{"site.prepared site/jber"},
	{"aircraft.landed aircraft/second-russian-government-aircraft"},
	{"site.prepared site/anchorage"},
	{"meeting.scheduled meeting/leaders"},
	{"note.added note/first-meeting"},
	{"delegate.arrived person/sergey-lavrov"},
	{"delegate.arrived person/alexander-darchiev"},
	{"delegation.arrived delegation/ru", "delegation.arrived delegation/us"},
	{"agenda.set topic/ukraine"},
	{"position.stated topic/end-of-the-war"},
	{"position.stated topic/second-meeting", "agenda.set topic/second-meeting"},
	{"position.stated topic/territorial-swaps"},
	{"position.stated topic/territorial-swaps"},
	{"position.stated topic/consequences"},
	{"agenda.set topic/joint-document"},
	{"position.stated topic/us-mediation"},
	{"position.stated topic/arms-control"},
	{"meeting.scheduled meeting/press-conference"},
}

func load(t *testing.T) []events.Event {
	t.Helper()
	list, err := Load("alaska-2025")
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestEveryRowIsTold(t *testing.T) {
	told := map[string]int{}
	for _, e := range load(t) {
		told[e.Type+" "+e.Subject.String()]++
	}
	for i, row := range rows {
		for _, fact := range row {
			if told[fact] == 0 {
				t.Errorf("row %d: no %s", i+1, fact)
			}
		}
	}
	if told["position.stated topic/territorial-swaps"] != 2 {
		t.Error("both positions on territorial swaps must stand")
	}
}

// The report gives one clock time: 10:30 in Anchorage, which is 14:30 Eastern.
// Every other instant is the edge of a part of a day.
func TestNoInstantIsInvented(t *testing.T) {
	zone, err := time.LoadLocation("America/Anchorage")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range load(t) {
		if !e.Time.IsZero() {
			t.Errorf("%s: no exact time was reported", e.ID)
		}
		w := e.Data.Base().When
		if w == nil {
			continue
		}
		if !w.Best.IsZero() {
			t.Errorf("%s: no best instant was reported", e.ID)
		}
		for _, i := range []events.Instant{w.Earliest, w.Latest} {
			clock := i.In(zone).Format("15:04")
			if !i.IsZero() && clock != "00:00" && clock != "18:00" && clock != "10:30" {
				t.Errorf("%s: %s was never reported", e.ID, clock)
			}
		}
	}
}

func TestEveryChainEndsAtTheOutlet(t *testing.T) {
	ids := map[string]bool{}
	for i, e := range load(t) {
		if ids[e.ID] {
			t.Errorf("id %s twice", e.ID)
		}
		ids[e.ID] = true
		if i == 0 {
			continue
		}
		s := e.Data.Base().Sources
		if said := message.English().Sources(s.Origins()); len(s.RootNames()) != 1 || !strings.HasSuffix(said, "Newsmax") {
			t.Errorf("%s: attribution %q", e.ID, said)
		}
		if _, err := events.Encode(e); err != nil {
			t.Error(err)
		}
	}
}

func TestBothClocksNameOneInstant(t *testing.T) {
	for _, e := range load(t) {
		if d, ok := e.Data.(*events.MeetingScheduled); ok && len(d.Given) > 0 {
			if len(d.Given) != 2 || !d.Given[0].Instant.Equal(d.Given[1].Instant.Time) {
				t.Errorf("given times %v", d.Given)
			}
			return
		}
	}
	t.Error("no meeting with given times")
}

// A line that is too long is a fault of the story, not its end.
func TestAStoryIsReadToItsEndOrNotAtAll(t *testing.T) {
	raw, err := files.ReadFile("alaska-2025" + ending)
	if err != nil {
		t.Fatal(err)
	}
	long := fmt.Appendf(nil, `{"type":"note.added","subject":"note/long","data":{"text":%q}}`+"\n", strings.Repeat("x", 2*events.MaxSize))
	list, err := parse("long", append(long, raw...))
	if err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("%d events, %v", len(list), err)
	}
	if whole, err := parse("alaska-2025", raw); err != nil || len(whole) != bytes.Count(raw, []byte("\n")) {
		t.Errorf("%d events, %v", len(whole), err)
	}
}
