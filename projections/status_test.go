package projections

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/events"
)

// tell appends events given in few words: `TYPE ENTITY [@HH:MM] {data}`, or
// `retract N`, `correct N {patch}` of the N-th line. Sources are filled in. Times
// of day are of the story's first day; @ gives the time of the event.
func (m *memory) tell(t testing.TB, lines ...string) {
	t.Helper()
	base := len(m.records)
	for _, line := range lines {
		head, data, _ := strings.Cut(line, "{")
		words := strings.Fields(head)
		var e events.Event
		switch words[0] {
		case "retract", "correct":
			var n int
			if _, err := fmt.Sscan(words[1], &n); err != nil {
				t.Fatal(line, err)
			}
			target := m.records[base+n-1].Event
			e.Subject = target.Subject
			e.Type, e.Data = events.TypeFactRetracted, &events.FactRetracted{Target: events.Target{Target: target.ID}, Reason: "wrong"}
			if words[0] == "correct" {
				e.Type = events.TypeFactCorrected
				e.Data = &events.FactCorrected{Target: events.Target{Target: target.ID}, Patch: []byte("{" + hoursIn(data)), Class: events.ClassCorrected, Notice: "set right"}
			}
		default:
			time := ""
			if len(words) > 2 {
				time = fmt.Sprintf(`"time":%s,`, hoursIn(`"`+words[2]+`"`))
			}
			for n := len(lines); n > 0; n-- { // $N is the id of the N-th line
				if ref := fmt.Sprintf("$%d", n); strings.Contains(data, ref) {
					data = strings.ReplaceAll(data, ref, m.records[base+n-1].Event.ID)
				}
			}
			if data = hoursIn(data); !strings.Contains(data, `"sources"`) && data != "}" {
				data = `"sources":[{"id":"s","name":"S"}],` + data
			} else if data == "}" {
				data = `"sources":[{"id":"s","name":"S"}]}`
			}
			var err error
			e, err = events.Submit(fmt.Appendf(nil, `{"source":"/d","type":%q,"subject":%q,%s"data":{%s}`, words[0], words[1], time, data), "story")
			if err != nil {
				t.Fatal(line, err)
			}
		}
		m.put(t, e)
	}
}

// hoursIn writes times of day in full: "@10:30" is that of the opening day.
func hoursIn(s string) string {
	for h := range 48 {
		for _, minute := range []string{"00", "10", "30", "50"} {
			at := opening.Add(time.Duration(h) * time.Hour).Format("2006-01-02T15")
			s = strings.ReplaceAll(s, fmt.Sprintf(`"@%02d:%s"`, h, minute), fmt.Sprintf(`"%s:%s:00Z"`, at, minute))
		}
	}
	return s
}

// statusAt returns the status of a story whose facts are recorded late: two days after
// its opening.
func statusAt(t testing.TB, at time.Time, lines ...string) map[string]any {
	t.Helper()
	m := newStory(t)
	m.recorded = func(seq uint64) time.Time { return opening.Add(48*time.Hour + time.Duration(seq)*time.Minute) }
	m.tell(t, lines...)
	e := openStory(t, m, m.records, 3)
	answer, err := e.Status(t.Context(), AsOf{Seq: e.Head().Seq, Now: opening}, at)
	if err != nil || !answer.Complete {
		t.Fatal(err, answer.Quarantined)
	}
	var s map[string]any
	must(t, json.Unmarshal(answer.JSON, &s))
	uniqueIDs(t, s, "")
	ids := map[string]any{}
	for i, rec := range m.records[1:] {
		ids[rec.Event.ID] = float64(i + 1)
	}
	return numberedIn(s, ids).(map[string]any)
}

// numberedIn puts the numbers of lines in the place of ids.
func numberedIn(v any, ids map[string]any) any {
	switch x := v.(type) {
	case map[string]any:
		for k := range x {
			x[k] = numberedIn(x[k], ids)
		}
	case []any:
		for i := range x {
			x[i] = numberedIn(x[i], ids)
		}
	case string:
		if n, ok := ids[x]; ok {
			return n
		}
	}
	return v
}

// uniqueIDs holds that nothing stands twice in a list.
func uniqueIDs(t testing.TB, v any, at string) {
	t.Helper()
	switch x := v.(type) {
	case map[string]any:
		for k := range x {
			uniqueIDs(t, x[k], at+"/"+k)
		}
	case []any:
		seen := map[any]bool{}
		for _, entry := range x {
			uniqueIDs(t, entry, at)
			if o, ok := entry.(map[string]any); ok {
				for _, name := range []string{"id", "topic", "actor"} {
					if id, ok := o[name]; ok {
						if seen[id] {
							t.Errorf("%v stands twice in %s", id, at)
						}
						seen[id] = true
						break
					}
				}
			}
		}
	}
}

// within reports where a value lacks what is wanted of it; null wants nothing to be
// there.
func within(at string, want, got any) string {
	if w, ok := want.(map[string]any); ok {
		g, _ := got.(map[string]any)
		for k, v := range w {
			if diff := within(at+"/"+k, v, g[k]); diff != "" {
				return diff
			}
		}
		return ""
	}
	if w, ok := want.([]any); ok {
		g, _ := got.([]any)
		if len(w) != len(g) {
			return fmt.Sprintf("%s: %v, want %v", at, got, want)
		}
		for i := range w {
			if diff := within(fmt.Sprint(at, "/", i), w[i], g[i]); diff != "" {
				return diff
			}
		}
		return ""
	}
	if !reflect.DeepEqual(want, got) {
		return fmt.Sprintf("%s: %v, want %v", at, got, want)
	}
	return ""
}

const (
	talks     = `meeting.scheduled meeting/leaders {"title":"Talks","kind":"talks","place":{"name":"Hotel"},"participants":["A","B"],"when":{"best":"@13:50"}}`
	otherTalk = `meeting.scheduled meeting/meal {"title":"Meal","kind":"dinner"}`
)

// statusCase is a story, and the part of its status that it must come to.
type statusCase struct {
	name  string
	at    string
	lines []string
	want  string
}

func statusesAre(t *testing.T, cases []statusCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var at time.Time
			if c.at != "" {
				must(t, at.UnmarshalText([]byte(strings.Trim(hoursIn(`"`+c.at+`"`), `"`))))
			}
			var want any
			must(t, json.Unmarshal([]byte(hoursIn(c.want)), &want))
			if diff := within("", want, statusAt(t, at, c.lines...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The standings of plans follow the order in which they were announced.
func TestTheStandingsOfPlans(t *testing.T) {
	const plan = `"title":"Talks","kind":"talks"`
	for _, c := range []struct {
		name  string
		lines []string
		want  string // of each fact, an hour after noon
	}{
		{"one whose time is past", []string{`meeting.scheduled meeting/m {` + plan + `,"when":{"best":"@12:00"}}`}, "overdue"},
		{"one that was moved without a time", []string{`meeting.scheduled meeting/m {` + plan + `,"when":{"best":"@12:00"}}`, `meeting.rescheduled meeting/m {` + plan + `}`}, "superseded/overdue"},
		{"one whose time is when it was announced", []string{`meeting.scheduled meeting/m @10:00 {` + plan + `}`}, "unverified"},
		{"one called off", []string{`meeting.scheduled meeting/m {` + plan + `,"when":{"best":"@12:00"}}`, `meeting.cancelled meeting/m {}`}, "unverified/unverified"},
		{
			"one called off and on again",
			[]string{`meeting.scheduled meeting/m {` + plan + `,"when":{"best":"@12:00"}}`, `meeting.cancelled meeting/m {}`, `meeting.rescheduled meeting/m {` + plan + `,"when":{"best":"@12:30"}}`},
			"superseded/superseded/overdue",
		},
		{
			"one that was announced before it was recorded",
			[]string{`meeting.scheduled meeting/m @09:00 {` + plan + `,"when":{"best":"@12:00"}}`, `meeting.rescheduled meeting/m @08:00 {` + plan + `,"when":{"best":"@12:00"}}`},
			"overdue/superseded",
		},
		{
			"one whose replacement goes, and comes back",
			[]string{`meeting.scheduled meeting/m {` + plan + `,"when":{"best":"@12:00"}}`, `meeting.scheduled meeting/m {` + plan + `}`, `retract 2`},
			"overdue/retracted",
		},
		{"one that came about", []string{`aircraft.landed aircraft/x {"place":{"name":"B"},"when":{"best":"@12:00","phase":"planned"}}`, `aircraft.landed aircraft/x {"place":{"name":"B"},"when":{"best":"@12:10"}}`}, "unverified/unverified"},
		{"one that another kind does not meet", []string{`aircraft.landed aircraft/x {"place":{"name":"B"},"when":{"best":"@12:00","phase":"planned"}}`, `aircraft.departed aircraft/x {"from":{"name":"B"},"when":{"best":"@12:10"}}`}, "overdue/unverified"},
		{"a plan whose time is corrected", []string{`meeting.scheduled meeting/m {` + plan + `,"when":{"best":"@12:00"}}`, `meeting.rescheduled meeting/m {` + plan + `}`, `correct 1 {"when":{"best":"@14:00"}}`}, "superseded/unverified"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newStory(t)
			m.recorded = func(seq uint64) time.Time { return opening.Add(48*time.Hour + time.Duration(seq)*time.Minute) }
			m.tell(t, c.lines...)
			e := openStory(t, m, m.records, 1)
			var got []string
			for _, rec := range m.records[1:] {
				if _, amends := rec.Event.Amends(); amends {
					continue
				}
				now := opening.Add(13 * time.Hour)
				f, err := e.Fact(t.Context(), rec.Event.ID, AsOf{Seq: e.Head().Seq, Now: now}, now)
				must(t, err)
				var i struct{ Standing string }
				must(t, json.Unmarshal(f.Item, &i))
				got = append(got, i.Standing)
			}
			if s := strings.Join(got, "/"); s != c.want {
				t.Errorf("%s, want %s", s, c.want)
			}
		})
	}
}
