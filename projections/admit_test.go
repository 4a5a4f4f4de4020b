package projections

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/objects"
)

// tried returns what is said to the last of the lines, as an answer to all of them
// tried at once after those before.
func tried(t *testing.T, copied bool, before []string, lines ...string) error {
	t.Helper()
	m := newStory(t)
	m.tell(t, append(before, lines...)...)
	n := len(m.records) - len(lines)
	e := openStory(t, m, m.records[:n], 2)
	var list []events.Event
	for _, rec := range m.records[n:] {
		rec.Event.Copied = copied
		list = append(list, rec.Event)
	}
	return e.Try(list)
}

func TestACorrectionSaysWhatBecomesOfTheHeadline(t *testing.T) {
	given := []string{`aircraft.landed aircraft/x {"headline":"It lands at B","place":{"name":"B"},"when":{"best":"@10:00"}}`}
	generated := []string{`aircraft.landed aircraft/x {"place":{"name":"B"},"when":{"best":"@10:00"}}`}
	for _, c := range []struct {
		name   string
		before []string
		line   string
		copied bool
		want   string // in the refusal; "" is none
	}{
		{"an own field, and nothing of the headline", given, `correct 1 {"place":{"name":"C"}}`, false, `changes place, but the headline was written by hand`},
		{"a field that is left out so far", given, `correct 1 {"model":"Il-96"}`, false, "changes model"},
		{"below an own field", given, `correct 1 {"place":{"lat":1,"lon":1}}`, false, "changes place"},
		{"a new headline", given, `correct 1 {"place":{"name":"C"},"headline":"It lands at C"}`, false, ""},
		{"no headline any more", given, `correct 1 {"place":{"name":"C"},"headline":null}`, false, ""},
		{"a common member", given, `correct 1 {"note":"n","when":{"best":"@11:00"},"where":{"name":"C"}}`, false, ""},
		{"what it says already", given, `correct 1 {"place":{"name":"B"}}`, false, ""},
		{"a headline that was generated", generated, `correct 1 {"place":{"name":"C"}}`, false, ""},
		{"a line that was recorded before, elsewhere", given, `correct 1 {"place":{"name":"C"}}`, true, ""},
		{"after the headline went", append(given, `correct 1 {"headline":null}`), `correct 1 {"place":{"name":"C"}}`, false, ""},
		{"a correction of a correction", append(given, `correct 1 {"place":{"name":"C"},"headline":"It lands at C"}`), `correct 2 {"patch":{"place":{"name":"D"},"headline":null}}`, false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := tried(t, c.copied, c.before, c.line)
			var in *Inadmissible
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (!errors.As(err, &in) || in.Faults[0].Pointer != "/data/patch/headline" || !strings.Contains(in.Faults[0].Detail, c.want)):
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

// Only the form of a fact changes in a refiling: its headline stays.
func TestARefilingKeepsTheHeadline(t *testing.T) {
	m := newStory(t)
	m.tell(t, `aircraft.landed aircraft/x {"headline":"It lands at B","place":{"name":"B"}}`, `correct 1 {"place":{"name":"C"}}`)
	refile := m.records[2].Event
	refile.Data.(*events.FactCorrected).Class = events.ClassRefile
	if err := openStory(t, m, m.records[:2], 2).Try([]events.Event{refile}); err != nil {
		t.Error(err)
	}
}

func headlineOf(t *testing.T, m *memory, line int) string {
	t.Helper()
	e := openStory(t, m, m.records, 3)
	f, err := e.Fact(t.Context(), m.records[line].Event.ID, e.Latest(), opening)
	must(t, err)
	text, err := objects.Member(f.Item, "headline")
	must(t, err)
	return strings.Trim(string(text), `"`)
}

// A patch that was merged cannot say null: where it says nothing of the headline
// it has it generated.
func TestTheHeadlineAfterACorrectionOfACorrection(t *testing.T) {
	for _, c := range []struct{ first, second, want string }{
		{`{"place":{"name":"C"},"headline":"It lands at C"}`, `{"patch":{"place":{"name":"D"},"headline":null}}`, "X lands at D"},
		{`{"place":{"name":"C"},"headline":"It lands at C"}`, `{"patch":{"place":{"name":"D"},"headline":"It lands at D"}}`, "It lands at D"},
		{`{"place":{"name":"C"},"headline":"It lands at C"}`, `{"notice":"n"}`, "It lands at C"},
		{`{"note":"n"}`, `{"patch":{"note":"m"}}`, "It lands at B"},
	} {
		m := newStory(t)
		m.tell(t, `aircraft.landed aircraft/x {"headline":"It lands at B","place":{"name":"B"}}`, `correct 1 `+c.first, `correct 2 `+c.second)
		if got := headlineOf(t, m, 1); got != c.want {
			t.Errorf("%s, then %s: %q, want %q", c.first, c.second, got, c.want)
		}
		m.tell(t, `retract 0`) // the second correction
		if got := headlineOf(t, m, 1); !strings.HasPrefix(got, "It lands at ") {
			t.Errorf("when %s is retracted: %q", c.second, got)
		}
	}
}

func TestWhatIsLeftOutMustHaveBeenGiven(t *testing.T) {
	const plan = `meeting.scheduled meeting/m {"title":"Talks","kind":"talks"}`
	for _, c := range []struct {
		name   string
		before []string
		lines  []string
		want   string // pointers of the faults
	}{
		{"nothing was said", nil, []string{`meeting.rescheduled meeting/m {"when":{"best":"@10:00"}}`}, "/data/title /data/kind"},
		{"all was said", []string{plan}, []string{`meeting.rescheduled meeting/m {"when":{"best":"@10:00"}}`}, ""},
		{"in the same batch", nil, []string{plan, `meeting.rescheduled meeting/m {"when":{"best":"@10:00"}}`}, ""},
		{"after it in the same batch", nil, []string{`meeting.rescheduled meeting/m {"when":{"best":"@10:00"}}`, plan}, "/data/title /data/kind"},
		{"of another meeting", []string{plan}, []string{`meeting.rescheduled meeting/n {"kind":"talks"}`}, "/data/title"},
		{"a fact that was retracted", []string{plan, `retract 1`}, []string{`meeting.rescheduled meeting/m {}`}, "/data/title /data/kind"},
		{"a fact that is left out of itself", []string{plan, `meeting.rescheduled meeting/m {"kind":"other"}`, `retract 1`}, []string{`meeting.rescheduled meeting/m {}`}, "/data/title"},
		{"a delegate who leaves", []string{`delegate.arrived person/p {"name":"P","place":{"name":"B"}}`}, []string{`delegate.departed person/p {}`}, ""},
		{"a delegate who leaves as planned", []string{`delegate.arrived person/p {"name":"P","place":{"name":"B"},"when":{"phase":"planned"}}`}, []string{`delegate.departed person/p {}`}, ""},
		{"a delegate of whom nothing is known", nil, []string{`delegate.departed person/p {}`}, "/data/name /data/place"},
		{"a title by another type", []string{`position.stated topic/t {"title":"T","actor":"A","stance":"for","detail":"d"}`}, []string{`agenda.set topic/t {"expected":true}`}, ""},
		{"a title that no type gave", []string{`position.stated topic/t {"actor":"A","stance":"for","detail":"d"}`}, []string{`agenda.set topic/t {"expected":true}`}, "/data/title"},
		{"the name of a site by another aspect", []string{`site.prepared site/s {"name":"S","aspect":"security"}`}, []string{`site.prepared site/s {"aspect":"logistics"}`}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := tried(t, false, c.before, c.lines...)
			var in *Inadmissible
			got := ""
			if errors.As(err, &in) {
				for _, f := range in.Faults {
					got = strings.TrimSpace(got + " " + f.Pointer)
				}
			} else if err != nil {
				t.Fatal(err)
			}
			if got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// What was admitted stays readable when what it rests on goes, and has the name
// that was given last.
func TestTheHeadlineNamesWhatAnEarlierFactNamed(t *testing.T) {
	m := newStory(t)
	m.tell(t, `meeting.scheduled meeting/leaders {"title":"Talks","kind":"talks"}`, `meeting.rescheduled meeting/leaders {"reason":"fog"}`)
	if got := headlineOf(t, m, 2); got != "Talks rescheduled: fog" {
		t.Error(got)
	}
	m.tell(t, `meeting.rescheduled meeting/leaders {"reason":"wind"}`)
	m.tell(t, `meeting.scheduled meeting/other {"kind":"talks"}`)
	if got := headlineOf(t, m, 4); got != "Meeting “other” scheduled" {
		t.Error(got)
	}
}

// What is tried reads what it needs, however many plans there are.
func TestTryingReadsNoPlansOfOthers(t *testing.T) {
	m := newStory(t)
	for i := range 300 {
		m.tell(t, fmt.Sprintf(`meeting.scheduled meeting/m%d {"title":"M","kind":"talks","when":{"best":"@10:00"}}`, i))
	}
	e := openStory(t, m, m.records, 100)
	m.tell(t, `retract 0`)
	if err := e.Try([]events.Event{m.records[len(m.records)-1].Event}); err != nil {
		t.Fatal(err)
	}
	cost := testing.AllocsPerRun(5, func() {
		if err := e.Try([]events.Event{m.records[len(m.records)-1].Event}); err != nil {
			t.Fatal(err)
		}
	})
	if cost > 1500 {
		t.Errorf("%v allocations for one of 300 plans", cost)
	}
}
