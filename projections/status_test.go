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

func TestTheStatus(t *testing.T) {
	for _, c := range []struct {
		name  string
		at    string
		lines []string
		want  string
	}{
		{
			"a meeting that was planned and has begun, with another between", "",
			[]string{otherTalk, talks, `meeting.scheduled meeting/z {"title":"Z","kind":"other"}`, `meeting.started meeting/leaders {"when":{"best":"@14:10"}}`},
			`{"phase":"under_way","meetings":[{"id":"leaders","title":"Talks","kind":"talks","state":"under_way","place":{"name":"Hotel"},"participants":["A","B"],
			  "when":{"best":"@14:10","phase":"actual"},"planned":{"best":"@13:50","phase":"planned"},"previous":[],"facts":[4,2]},{"id":"meal"},{"id":"z"}]}`,
		},
		{
			"a plan that was told after the actual", "",
			[]string{`meeting.started meeting/leaders {"when":{"best":"@14:10"}}`, talks},
			`{"meetings":[{"id":"leaders","state":"under_way","when":{"best":"@14:10"},"planned":{"best":"@13:50"},"title":"Talks"}]}`,
		},
		{
			"one that pauses", "",
			[]string{talks, `meeting.started meeting/leaders {"when":{"best":"@14:10"}}`, `meeting.paused meeting/leaders {"when":{"best":"@15:00"}}`},
			`{"phase":"under_way","meetings":[{"state":"paused","when":{"best":"@14:10"},"planned":{"best":"@13:50"},"facts":[3,1,2]}]}`,
		},
		{
			"one that goes on after a break", "",
			[]string{
				talks, `meeting.started meeting/leaders {"when":{"best":"@14:10"}}`, `meeting.paused meeting/leaders {"when":{"best":"@15:00"}}`,
				`meeting.resumed meeting/leaders {"when":{"best":"@16:30"}}`,
			},
			`{"phase":"under_way","meetings":[{"state":"under_way","when":{"best":"@14:10"},"planned":{"best":"@13:50"},"facts":[4,1,2]}]}`,
		},
		{
			"a break that is planned moves no beginning", "",
			[]string{talks, `meeting.paused meeting/leaders {"when":{"best":"@15:00","phase":"planned"}}`},
			`{"meetings":[{"state":"scheduled","when":{"best":"@13:50"}}]}`,
		},
		{
			"one that has ended", "",
			[]string{talks, `meeting.started meeting/leaders {"when":{"best":"@14:10"}}`, `meeting.ended meeting/leaders {"when":{"best":"@16:30"}}`},
			`{"phase":"concluded","meetings":[{"state":"ended","when":{"best":"@14:10"},"planned":{"best":"@13:50"},"facts":[3,1,2]}]}`,
		},
		{
			"called off, and on again", "",
			[]string{talks, `meeting.cancelled meeting/leaders {}`, `meeting.rescheduled meeting/leaders {"title":"Talks","kind":"talks","when":{"best":"@18:00"}}`},
			`{"phase":"scheduled","meetings":[{"state":"scheduled","when":{"best":"@18:00"},"previous":[{"best":"@13:50"}],"place":{"name":"Hotel"},"standing":"unverified"}]}`,
		},
		{
			"moved, with a time that says nothing", "",
			[]string{talks, `meeting.scheduled meeting/leaders {"title":"Talks","kind":"talks","when":{"phase":"actual"}}`, `meeting.rescheduled meeting/leaders {"when":{"best":"@18:00"}}`},
			`{"meetings":[{"state":"scheduled","when":{"best":"@18:00"},"previous":[{"best":"@13:50"}]}]}`,
		},
		{
			"called off, and scheduled again", "",
			[]string{talks, `meeting.cancelled meeting/leaders {}`, talks},
			`{"phase":"scheduled","meetings":[{"state":"scheduled"}]}`,
		},
		{
			"called off", "",
			[]string{talks, `meeting.cancelled meeting/leaders {"reason":"no need"}`},
			`{"phase":"cancelled","meetings":[{"state":"cancelled","when":{"best":"@13:50"},"title":"Talks","facts":[2,1]}]}`,
		},
		{
			"called off before it was moved, as it was announced", "",
			[]string{
				`meeting.scheduled meeting/leaders @08:00 {"title":"Talks","kind":"talks","when":{"best":"@13:50"}}`,
				`meeting.rescheduled meeting/leaders @10:00 {"title":"Talks","kind":"talks","when":{"best":"@18:00"}}`,
				`meeting.cancelled meeting/leaders @09:00 {}`,
			},
			`{"phase":"scheduled","meetings":[{"state":"scheduled","when":{"best":"@18:00"}}]}`,
		},
		{
			"before it was called off", "@09:30",
			[]string{
				`meeting.scheduled meeting/leaders @08:00 {"title":"Talks","kind":"talks","when":{"best":"@13:50"}}`,
				`meeting.cancelled meeting/leaders @10:00 {}`,
			},
			`{"phase":"scheduled","meetings":[{"state":"scheduled","facts":[1]}]}`,
		},
		{
			"before it was announced", "@07:30",
			[]string{`meeting.scheduled meeting/leaders @08:00 {"title":"Talks","kind":"talks","when":{"best":"@13:50"}}`},
			`{"phase":"opened","meetings":[]}`,
		},
		{
			"an announcement without a time holds always", "@07:30",
			[]string{talks, `meeting.cancelled meeting/leaders @10:00 {}`},
			`{"phase":"scheduled","meetings":[{"state":"scheduled"}]}`,
		},
		{
			"an announcement without a time follows those before it", "@09:30",
			[]string{
				`meeting.scheduled meeting/leaders @10:00 {"title":"Talks","kind":"talks","when":{"best":"@13:50"}}`,
				`meeting.cancelled meeting/leaders {}`,
			},
			`{"phase":"opened","meetings":[]}`,
		},
		{
			"what is actual outranks a cancellation", "",
			[]string{talks, `meeting.started meeting/leaders {"when":{"best":"@14:10"}}`, `meeting.cancelled meeting/leaders {}`},
			`{"phase":"under_way","meetings":[{"state":"under_way"}]}`,
		},
		{
			"a start that is retracted", "",
			[]string{talks, `meeting.started meeting/leaders {"when":{"best":"@14:10"}}`, `retract 2`},
			`{"phase":"scheduled","meetings":[{"state":"scheduled","when":{"best":"@13:50"},"planned":null,"facts":[1]}]}`,
		},
		{
			"a start that is retracted, of a meeting called off", "",
			[]string{talks, `meeting.cancelled meeting/leaders {}`, `meeting.started meeting/leaders {"when":{"best":"@14:10"}}`, `retract 3`},
			`{"meetings":[{"state":"cancelled"}]}`,
		},
		{
			"the last announcement retracted, and those that followed its time", "",
			[]string{
				`meeting.scheduled meeting/leaders @08:00 {"title":"Talks","kind":"talks","when":{"best":"@13:50"}}`,
				`meeting.rescheduled meeting/leaders @12:00 {"title":"Talks","kind":"talks","when":{"best":"@20:00"}}`,
				`meeting.cancelled meeting/leaders {}`,
				`meeting.rescheduled meeting/leaders @10:00 {"title":"Talks","kind":"talks","when":{"best":"@18:00"}}`,
				`retract 2`,
			},
			`{"meetings":[{"state":"scheduled","when":{"best":"@18:00"},"previous":[{"best":"@13:50"}]}]}`,
		},
		{
			"moved without a time or a place", "",
			[]string{talks, `meeting.rescheduled meeting/leaders {"title":"Talks of leaders","kind":"talks"}`},
			`{"meetings":[{"state":"scheduled","title":"Talks of leaders","when":{"best":"@13:50"},"place":{"name":"Hotel"},"participants":["A","B"],"previous":[],"facts":[2,1]}]}`,
		},
		{
			"an earlier plan corrected", "",
			[]string{talks, `meeting.rescheduled meeting/leaders {"title":"Talks","kind":"talks"}`, `correct 1 {"place":{"name":"Villa"},"when":{"best":"@15:00"}}`},
			`{"meetings":[{"when":{"best":"@15:00"},"place":{"name":"Villa"}}]}`,
		},
		{
			"a meeting of which only the start is known, and its plan was retracted", "",
			[]string{talks, `meeting.started meeting/leaders {"when":{"best":"@14:10"}}`, `retract 1`},
			`{"meetings":[{"id":"leaders","title":"leaders","state":"under_way","planned":null,"place":null}]}`,
		},
		{
			"an aircraft that is expected", "",
			[]string{
				`aircraft.landed aircraft/x {"model":"Il-96","place":{"name":"B"},"when":{"best":"@20:00","phase":"planned"}}`,
				`aircraft.departed aircraft/x {"from":{"name":"A"},"to":{"name":"B"},"when":{"best":"@10:00","phase":"planned"}}`,
			},
			`{"aircraft":[{"id":"x","state":"expected","model":"Il-96","from":{"name":"A"},"to":{"name":"B"}}]}`,
		},
		{
			"an aircraft as planned and as it was, with another between", "",
			[]string{
				`aircraft.landed aircraft/x {"model":"Il-96","place":{"name":"B"},"when":{"best":"@20:00","phase":"planned"}}`,
				`aircraft.tracked aircraft/y {"service":"R","watchers":7}`,
				`aircraft.departed aircraft/x {"from":{"name":"A"},"when":{"best":"@10:00"}}`,
				`aircraft.landed aircraft/x {"place":{"name":"C"},"when":{"best":"@20:30"}}`,
			},
			`{"aircraft":[{"id":"x","state":"landed","model":"Il-96","place":{"name":"C"},"from":{"name":"A"},"since":{"best":"@20:30"},"planned":{"best":"@20:00"},"facts":[4,1,3]},
			  {"id":"y","watchers":7,"facts":[2]}]}`,
		},
		{
			"what belongs to a leg ends with the next departure", "",
			[]string{
				`aircraft.departed aircraft/x {"model":"Il-96","from":{"name":"A"},"to":{"name":"B"},"when":{"best":"@10:00"}}`,
				`aircraft.tracked aircraft/x {"service":"R","watchers":7,"when":{"best":"@11:00"}}`,
				`aircraft.departed aircraft/x {"from":{"name":"B"},"when":{"best":"@13:00"}}`,
			},
			`{"aircraft":[{"state":"en_route","model":"Il-96","from":{"name":"B"},"to":null,"watchers":null,"place":null}]}`,
		},
		{
			"a delegate who is expected, then comes, for a party that has no delegation", "",
			[]string{
				`delegate.arrived person/p {"name":"P","role":"Envoy","party":"a","place":{"name":"B"},"when":{"best":"@10:00","phase":"planned"}}`,
				`delegate.arrived person/q {"name":"Q","party":"a","place":{"name":"B"},"when":{"best":"@10:00","phase":"planned"}}`,
				`delegate.arrived person/p {"name":"P","place":{"name":"C"},"when":{"best":"@10:30"}}`,
			},
			`{"delegations":[{"id":"a","delegates":[{"id":"p","state":"arrived","role":"Envoy","place":{"name":"C"},"since":{"best":"@10:30"},"planned":{"best":"@10:00"},"facts":[3,1]},{"id":"q","state":"expected"}]}]}`,
		},
		{
			"a delegate who changes party stands under one", "",
			[]string{
				`delegation.arrived delegation/a {"party":"a","place":{"name":"B"}}`,
				`delegate.arrived person/p {"name":"P","party":"a","place":{"name":"B"},"when":{"best":"@10:00"}}`,
				`delegate.departed person/p {"name":"P","party":"b","place":{"name":"B"},"when":{"best":"@11:00"}}`,
			},
			`{"delegations":[{"id":"a","delegates":[]},{"id":"b","delegates":[{"id":"p","state":"departed"}]}]}`,
		},
		{
			"a delegation that was planned and came, keeps its members", "",
			[]string{
				`delegation.arrived delegation/a {"party":"a","place":{"name":"B"},"members":["M"],"when":{"best":"@10:00","phase":"planned"}}`,
				`delegation.arrived delegation/b {"party":"b","place":{"name":"B"}}`,
				`delegation.arrived delegation/a {"party":"a","place":{"name":"B"},"when":{"best":"@10:30"}}`,
				`delegation.departed delegation/a {"party":"a","place":{"name":"B"},"when":{"best":"@18:00"}}`,
			},
			`{"delegations":[{"id":"a","state":"departed","members":["M"],"facts":[4,1]},{"id":"b"}]}`,
		},
		{
			"a site keeps the level of an aspect", "",
			[]string{
				`site.prepared site/s {"name":"S","aspect":"security","level":"high","detail":"d","when":{"best":"@10:00"}}`,
				`site.prepared site/s {"name":"Palace","aspect":"security","when":{"best":"@11:00"}}`,
				`site.prepared site/s {"name":"S","aspect":"logistics","when":{"best":"@10:00"}}`,
				`site.prepared site/s {"name":"S","aspect":"reception","level":"raised","when":{"best":"@10:00","phase":"planned"}}`,
			},
			`{"sites":[{"id":"s","name":"Palace","aspects":{"security":{"level":"high","detail":null,"facts":[2,1]},"logistics":{"level":null},"reception":{"level":"raised","planned":{"best":"@10:00"}}}}]}`,
		},
		{
			"a topic keeps its title", "",
			[]string{
				`position.stated topic/t {"title":"Swaps","actor":"A","stance":"for","detail":"d","when":{"best":"@10:00"}}`,
				`position.stated topic/t {"actor":"A","stance":"against","detail":"e","when":{"best":"@11:00"}}`,
				`position.stated topic/u {"actor":"B","stance":"for","detail":"e"}`,
				`agenda.set topic/u {"title":"Union","expected":true}`,
			},
			`{"positions":[{"topic":"t","title":"Swaps","stances":[{"actor":"A","stance":"against","detail":"e","facts":[2]}]},{"topic":"u","title":"Union"}],"agenda":[{"topic":"u","title":"Union"}]}`,
		},
		{
			"a planned statement gives way to one that was made", "",
			[]string{
				`agenda.set topic/t {"title":"T","expected":false,"when":{"best":"@10:00"}}`,
				`agenda.set topic/t {"title":"T","expected":true,"when":{"best":"@20:00","phase":"planned"}}`,
			},
			`{"agenda":[{"topic":"t","expected":false,"facts":[1]}]}`,
		},
	} {
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
