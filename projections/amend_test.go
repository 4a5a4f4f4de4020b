package projections

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/events"
)

// deed is an amendment in few words: what is done, to which of the events so
// far (0 is the fact), and with what.
type deed struct {
	does string
	to   int
	with string
}

func (d deed) payload(target string) (string, events.Payload) {
	of := events.Target{Target: target}
	switch d.does {
	case "correct", "refile":
		class := map[string]string{"correct": events.ClassCorrected, "refile": events.ClassRefile}[d.does]
		return events.TypeFactCorrected, &events.FactCorrected{Target: of, Patch: []byte(d.with), Class: class, Notice: "set right"}
	case "retract":
		return events.TypeFactRetracted, &events.FactRetracted{Target: of, Reason: "it was wrong"}
	case "corroborate":
		return events.TypeFactCorroborated, &events.FactCorroborated{Common: word(d.with), Target: of}
	case "dispute":
		return events.TypeFactDisputed, &events.FactDisputed{Common: word(d.with), Target: of}
	}
	g, err := events.ParseGrade(d.with)
	if err != nil {
		panic(err)
	}
	return events.TypeFactGraded, &events.FactGraded{Common: events.Common{Grade: &g}, Target: of}
}

// plot is a story about one fact, which is event 2; what comes before it in the
// list of names is the opening.
type plot struct {
	*memory
	ids []string // the fact, then the deeds in order
	on  events.Entity
}

// plotOf describes one fact that is in a state.
func plotOf(t *testing.T, state string) *plot {
	t.Helper()
	p := &plot{memory: newStory(t), on: entity(events.KindMeeting, "m")}
	plan := func() string {
		c := word("Wire")
		c.When = &events.Moment{Best: events.Instant{Time: opening.Add(time.Hour)}}
		return p.add(t, events.TypeMeetingScheduled, p.on, &events.MeetingScheduled{Common: c, Schedule: events.Schedule{Title: "Talks", Kind: "talks"}})
	}
	switch state {
	case StandingSuperseded:
		p.ids = []string{plan()}
		plan()
	case StandingOverdue:
		p.ids = []string{plan()}
	default:
		p.on = entity(events.KindNote, "n")
		p.ids = []string{p.add(t, events.TypeNoteAdded, p.on, &events.NoteAdded{Common: word("Wire"), Text: "one"})}
	}
	for _, d := range map[string][]deed{
		StandingCorroborated: {{"corroborate", 0, "Tower"}}, StandingDisputed: {{"dispute", 0, "Tower"}},
		StandingCorrected: {{"correct", 0, `{"note":"first"}`}}, StandingRetracted: {{"retract", 0, ""}},
	}[state] {
		p.do(t, d)
	}
	return p
}

func (p *plot) do(t *testing.T, d deed) {
	t.Helper()
	typ, data := d.payload(p.ids[d.to])
	p.ids = append(p.ids, p.add(t, typ, p.on, data))
}

// seen returns what is told of the fact at the end, two hours after its time.
func (p *plot) seen(t *testing.T, e *Engine) string {
	t.Helper()
	at := AsOf{Seq: e.Head().Seq, Now: opening.Add(3 * time.Hour)}
	f, err := e.Fact(t.Context(), p.ids[0], at, at.Now)
	if err != nil || !f.Complete {
		t.Fatal(err, f.Quarantined)
	}
	var i struct {
		Standing        string
		Grade           *string
		Roots, Revision int
		Data            struct{ Text, Note string }
	}
	if err := json.Unmarshal(f.Item, &i); err != nil {
		t.Fatal(err)
	}
	grade := "-"
	if i.Grade != nil {
		grade = *i.Grade
	}
	return strings.TrimSpace(fmt.Sprint(i.Standing, " ", grade, " ", i.Roots, " ", i.Revision, " ", i.Data.Text, i.Data.Note))
}

// Every state of a fact, and what each amendment makes of it: standing, grade,
// roots, revision, text and note.
func TestEveryAmendmentOfEveryState(t *testing.T) {
	deeds := []deed{
		{"correct", 0, `{"note":"N"}`},
		{"refile", 0, `{"note":"N"}`},
		{"retract", 0, ""},
		{"corroborate", 0, "Camera"},
		{"dispute", 0, "Camera"},
		{"grade", 0, "B2"},
	}
	for state, want := range map[string][6]string{
		StandingUnverified: {
			"corrected - 1 2 oneN", "unverified - 1 2 oneN", "retracted - 1 2 one",
			"corroborated - 2 2 one", "disputed - 1 2 one", "unverified B2 1 2 one",
		},
		StandingCorroborated: {
			"corrected - 2 3 oneN", "corroborated - 2 3 oneN", "retracted - 2 3 one",
			"corroborated - 3 3 one", "disputed - 2 3 one", "corroborated B2 2 3 one",
		},
		StandingDisputed: {
			"disputed - 1 3 oneN", "disputed - 1 3 oneN", "retracted - 1 3 one",
			"disputed - 2 3 one", "disputed - 1 3 one", "disputed B2 1 3 one",
		},
		StandingCorrected: {
			"corrected - 1 3 oneN", "corrected - 1 3 oneN", "retracted - 1 3 onefirst",
			"corrected - 2 3 onefirst", "disputed - 1 3 onefirst", "corrected B2 1 3 onefirst",
		},
		StandingRetracted: {
			"retracted - 1 3 oneN", "retracted - 1 3 oneN", "refused /data/target: is already retracted",
			"retracted - 2 3 one", "retracted - 1 3 one", "retracted B2 1 3 one",
		},
		StandingSuperseded: {
			"superseded - 1 2 N", "superseded - 1 2 N", "retracted - 1 2",
			"superseded - 2 2", "disputed - 1 2", "superseded B2 1 2",
		},
		StandingOverdue: {
			"overdue - 1 2 N", "overdue - 1 2 N", "retracted - 1 2",
			"overdue - 2 2", "disputed - 1 2", "overdue B2 1 2",
		},
	} {
		for i, d := range deeds {
			t.Run(state+" "+d.does, func(t *testing.T) {
				p := plotOf(t, state)
				e := openStory(t, p.memory, p.records, 2)
				if got := p.seen(t, e); !strings.HasPrefix(got, state) {
					t.Fatalf("before: %s", got)
				}
				typ, data := d.payload(p.ids[0])
				var in *Inadmissible
				err := e.Try([]events.Event{{ID: numbered(99), Source: "/d", Type: typ, Subject: p.on, Summit: "story", Data: data}})
				if errors.As(err, &in) {
					if got := "refused " + in.Error(); got != want[i] {
						t.Errorf("%s, want %s", got, want[i])
					}
					return
				}
				p.do(t, d)
				if err := commit(e, p.records[len(p.records)-1:]); err != nil {
					t.Fatal(err)
				}
				if got := p.seen(t, e); got != want[i] {
					t.Errorf("%s, want %s", got, want[i])
				}
			})
		}
	}
}

func TestWhatStoodBeforeIsRestored(t *testing.T) {
	note := func(s string) string { return `{"note":"` + s + `"}` }
	for _, c := range []struct {
		name  string
		deeds []deed
		want  []string // after each deed
	}{
		{"a correction retracted", []deed{{"correct", 0, note("A")}, {"retract", 1, ""}}, []string{"corrected - 1 2 oneA", "unverified - 1 3 one"}},
		{"a retraction retracted", []deed{{"retract", 0, ""}, {"retract", 1, ""}}, []string{"retracted - 1 2 one", "unverified - 1 3 one"}},
		{
			"a retraction of a retraction retracted",
			[]deed{{"retract", 0, ""}, {"retract", 1, ""}, {"retract", 2, ""}},
			[]string{"retracted - 1 2 one", "unverified - 1 3 one", "retracted - 1 4 one"},
		},
		{
			"retracted again after it was restored",
			[]deed{{"retract", 0, ""}, {"retract", 1, ""}, {"retract", 0, ""}, {"retract", 3, ""}, {"retract", 2, ""}},
			[]string{"retracted - 1 2 one", "unverified - 1 3 one", "retracted - 1 4 one", "unverified - 1 5 one", "retracted - 1 6 one"},
		},
		{
			"a correction corrected",
			[]deed{{"correct", 0, note("A")}, {"correct", 1, `{"patch":{"note":"B"}}`}, {"retract", 2, ""}, {"retract", 1, ""}},
			[]string{"corrected - 1 2 oneA", "corrected - 1 3 oneB", "corrected - 1 4 oneA", "unverified - 1 5 one"},
		},
		{
			"the first of two corrections retracted",
			[]deed{{"correct", 0, `{"note":"A","text":"two"}`}, {"correct", 0, note("B")}, {"retract", 1, ""}, {"retract", 2, ""}},
			[]string{"corrected - 1 2 twoA", "corrected - 1 3 twoB", "corrected - 1 4 oneB", "unverified - 1 5 one"},
		},
		{"a correction made a refiling", []deed{{"correct", 0, note("A")}, {"refile", 1, `{"class":"refile"}`}}, []string{"corrected - 1 2 oneA", "unverified - 1 3 oneA"}},
		{
			"a corroboration retracted",
			[]deed{{"corroborate", 0, "Tower"}, {"corroborate", 0, "Camera"}, {"retract", 1, ""}, {"retract", 2, ""}},
			[]string{"corroborated - 2 2 one", "corroborated - 3 3 one", "corroborated - 2 4 one", "unverified - 1 5 one"},
		},
		{"a second outlet on the same wire", []deed{{"corroborate", 0, " WIRE "}}, []string{"unverified - 1 2 one"}},
		{
			"the sources of a corroboration corrected",
			[]deed{{"corroborate", 0, "Tower"}, {"correct", 1, `{"sources":[{"id":"s","name":"Wire"}]}`}},
			[]string{"corroborated - 2 2 one", "unverified - 1 3 one"},
		},
		{"a dispute retracted", []deed{{"dispute", 0, "Tower"}, {"retract", 1, ""}}, []string{"disputed - 1 2 one", "unverified - 1 3 one"}},
		{
			"one of two disputes retracted",
			[]deed{{"dispute", 0, "Tower"}, {"dispute", 0, "Camera"}, {"retract", 1, ""}, {"retract", 2, ""}},
			[]string{"disputed - 1 2 one", "disputed - 1 3 one", "disputed - 1 4 one", "unverified - 1 5 one"},
		},
		{
			"grades retracted, the last first",
			[]deed{{"grade", 0, "C3"}, {"grade", 0, "B2"}, {"retract", 2, ""}, {"retract", 1, ""}},
			[]string{"unverified C3 1 2 one", "unverified B2 1 3 one", "unverified C3 1 4 one", "unverified - 1 5 one"},
		},
		{"a grade corrected", []deed{{"grade", 0, "C3"}, {"correct", 1, `{"grade":{"info":2}}`}}, []string{"unverified C3 1 2 one", "unverified C2 1 3 one"}},
		{
			"confirmed by two",
			[]deed{{"corroborate", 0, "Tower"}, {"grade", 0, "A1"}, {"grade", 0, "B2"}, {"retract", 1, ""}},
			[]string{"corroborated - 2 2 one", "corroborated A1 2 3 one", "corroborated B2 2 4 one", "unverified B2 1 5 one"},
		},
		{"an amendment disputed, which changes nothing of the fact", []deed{{"correct", 0, note("A")}, {"dispute", 1, "Tower"}}, []string{"corrected - 1 2 oneA", "corrected - 1 3 oneA"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := plotOf(t, StandingUnverified)
			e := openStory(t, p.memory, p.records, 2)
			for i, d := range c.deeds {
				p.do(t, d)
				if err := commit(e, p.records[len(p.records)-1:]); err != nil {
					t.Fatal(err)
				}
				if got := p.seen(t, e); got != c.want[i] {
					t.Errorf("after %v: %s, want %s", d, got, c.want[i])
				}
			}
		})
	}
}

func TestAPlanComesBackWhenWhatReplacedItGoes(t *testing.T) {
	p := plotOf(t, StandingSuperseded)
	e := openStory(t, p.memory, p.records, 9)
	later := p.records[2].Event.ID
	step := func(typ string, data events.Payload, want string) string {
		t.Helper()
		id := p.add(t, typ, p.on, data)
		if err := commit(e, p.records[len(p.records)-1:]); err != nil {
			t.Fatal(err)
		}
		if got := p.seen(t, e); !strings.HasPrefix(got, want+" ") {
			t.Errorf("after %s: %s, want %s", typ, got, want)
		}
		return id
	}
	gone := step(events.TypeFactRetracted, &events.FactRetracted{Target: events.Target{Target: later}, Reason: "r"}, StandingOverdue)
	step(events.TypeFactRetracted, &events.FactRetracted{Target: events.Target{Target: gone}, Reason: "r"}, StandingSuperseded)
	step(events.TypeFactCorrected, &events.FactCorrected{Target: events.Target{Target: p.ids[0]}, Patch: []byte(`{"when":{"phase":"actual"}}`), Class: events.ClassCorrected, Notice: "n"}, StandingSuperseded) // what is scheduled is a plan in any phase
	step(events.TypeFactRetracted, &events.FactRetracted{Target: events.Target{Target: later}, Reason: "r"}, StandingOverdue)
	begun := step(events.TypeMeetingStarted, &events.MeetingStarted{Sitting: events.Sitting{Common: word("Wire")}}, StandingCorrected)
	step(events.TypeFactRetracted, &events.FactRetracted{Target: events.Target{Target: begun}, Reason: "r"}, StandingOverdue)
}

func TestWhatCannotStandIsRefusedWithThePlaceOfTheFault(t *testing.T) {
	first := []deed{
		{"correct", 0, `{"where":{"lat":1,"lon":1}}`},
		{"correct", 0, `{"where":{"name":"Elsewhere"}}`},
		{"correct", 0, `{"where":{"lat":null,"lon":null}}`},
		{"retract", 1, ""},
		{"dispute", 0, "Tower"},
		{"grade", 0, "B2"},
	}
	for _, c := range []struct {
		name    string
		d       deed
		pointer string
		detail  string
	}{
		{"a field that is none", deed{"correct", 0, `{"colour":"red"}`}, "/data/patch/colour", "is not a field"},
		{"a field that must be there", deed{"correct", 0, `{"text":null}`}, "/data/patch/text", "is missing"},
		{"no sources left", deed{"correct", 0, `{"sources":null}`}, "/data/patch/sources", "is missing"},
		{"a wrong type below", deed{"correct", 0, `{"when":{"best":5}}`}, "/data/patch/when/best", ""},
		{"a time without a zone", deed{"correct", 0, `{"when":{"best":"2025-08-14T10:00:00"}}`}, "/data/patch/when/best", "offset"},
		{"an interval that runs backwards", deed{"correct", 0, `{"when":{"earliest":"2025-08-14T10:00:00Z","latest":"2025-08-14T09:00:00Z"}}`}, "/data/patch/when/latest", "before"},
		{"half a place", deed{"correct", 0, `{"where":{"lat":5}}`}, "/data/patch/where", "both lat and lon"},
		{"a source that is not in the list", deed{"correct", 0, `{"sources":[{"id":"a","name":"A","via":["b"]}]}`}, "/data/patch/sources/0/via/0", "no source in this list has that id"},
		{"a grade over the sources", deed{"grade", 0, "A1"}, "/data/grade/info", "two or more"},
		{"a second thought over the sources", deed{"correct", 6, `{"grade":{"info":1}}`}, "/data/target", "regrade it"},
		{"the target of an amendment", deed{"correct", 5, `{"target":"` + numbered(1) + `"}`}, "/data/patch/target", "cannot be corrected"},
		{"an amendment twice retracted", deed{"retract", 1, ""}, "/data/target", "is already retracted"},
		{"what another correction rests on", deed{"retract", 2, ""}, "/data/target", "would no longer be valid"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := plotOf(t, StandingUnverified)
			for _, d := range first {
				p.do(t, d)
			}
			refused(t, p, c.d, p.on, p.ids[c.d.to], c.pointer, c.detail)
		})
	}
	p := plotOf(t, StandingUnverified)
	refused(t, p, deed{"retract", 0, ""}, p.on, numbered(77), "/data/target", "so it cannot be amended")
	refused(t, p, deed{"retract", 0, ""}, entity(events.KindNote, "other"), p.ids[0], "/subject", "note/n")
	refused(t, p, deed{"retract", 0, ""}, entity(events.KindSummit, "story"), p.records[0].Event.ID, "/data/target", "opening")
}

// refused tries a deed that must not be taken, and then that nothing changed.
func refused(t *testing.T, p *plot, d deed, on events.Entity, target, pointer, detail string) {
	t.Helper()
	e := openStory(t, p.memory, p.records, 3)
	before := p.seen(t, e)
	typ, data := d.payload(target)
	err := e.Try([]events.Event{{ID: numbered(99), Source: "/d", Type: typ, Subject: on, Summit: "story", Data: data}})
	var in *Inadmissible
	if !errors.As(err, &in) || in.Index != 0 || in.Faults[0].Pointer != pointer || !strings.Contains(in.Faults[0].Detail, detail) {
		t.Errorf("got %v, want %s: … %s …", err, pointer, detail)
	}
	if after := p.seen(t, e); after != before {
		t.Errorf("it was %s and is %s", before, after)
	}
}
