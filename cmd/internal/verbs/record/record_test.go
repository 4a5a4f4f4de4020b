package record

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/cli/clitest"
	"github.com/summit-timeline/summit/events"
)

// geneva is a server with one summit, which takes every fact.
func geneva(t *testing.T) *clitest.Fake {
	return clitest.Server(t, clitest.Answers{
		"GET /v1/summits/geneva":               `{"zone":"Europe/Zurich"}`,
		"POST /v1/summits/geneva/facts":        `201 {"id":"0198","position":"3f9a1c20-5","outcome":"created"}`,
		"GET /v1/summits/geneva/facts/0198":    `{"fact":"0198","entity":"aircraft/x"}`,
		"GET /v1/summits/geneva/log":           `{"id":"0197","subject":"note/fog"}` + "\n",
		"GET /v1/summits/geneva/entities":      `{"entities":[{"entity":"person/zakharova","names":["Maria","МАРИЯ ЗАХАРОВА"]},{"entity":"person/yuri-ushakov","names":["Yuri Ushakov"]},{"entity":"person/p-1","names":["Andrey Ivanov"]},{"entity":"person/p-2","names":["Andrei Ivanov"]}]}`,
		"GET /v1/summits/geneva/facts/missing": `404 {"detail":"no such fact"}`,
	})
}

// recorded is the event that a server was sent.
func recorded(t *testing.T, f *clitest.Fake) map[string]any {
	t.Helper()
	i := slices.IndexFunc(f.Sent(), func(r clitest.Request) bool { return strings.HasPrefix(r.Line, "POST ") })
	if i < 0 {
		return nil
	}
	var event map[string]any
	if err := json.Unmarshal([]byte(f.Sent()[i].Body), &event); err != nil {
		t.Fatal(err)
	}
	return event
}

// pick writes some members of an event as JSON.
func pick(t *testing.T, event map[string]any, names ...string) string {
	t.Helper()
	some := map[string]any{}
	for _, n := range names {
		if v, has := event[n]; has {
			some[n] = v
		}
	}
	b, err := json.Marshal(some)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Flags become the event that was meant.
func TestAFactIsRecordedAsItIsTyped(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want string // of type, subject, time and data
	}{
		"a note": {
			[]string{"--type", "note.added", "--entity", "note/fog", "--source", "Tower", "--set", "text=Fog"},
			`{"data":{"sources":[{"id":"s1","name":"Tower","role":"originator"}],"text":"Fog"},"subject":"note/fog","type":"note.added"}`,
		},
		"fields on top of data": {
			[]string{"--type", "note.added", "--entity", "note/fog", "--data", `{"text":"Fog","topics":["a"]}`, "--set", "text=Snow"},
			`{"data":{"text":"Snow","topics":["a"]},"subject":"note/fog","type":"note.added"}`,
		},
		"an instant": {
			[]string{"--type", "note.added", "--entity", "note/fog", "--at", "2025-08-15T10:00:00+02:00"},
			`{"data":{},"subject":"note/fog","time":"2025-08-15T10:00:00+02:00","type":"note.added"}`,
		},
		"a time of day": {
			[]string{"--type", "note.added", "--entity", "note/fog", "--at", "2025-08-15 10:00"},
			`{"data":{},"subject":"note/fog","time":"2025-08-15T10:00:00+02:00","type":"note.added"}`,
		},
		"an interval": {
			[]string{"--type", "note.added", "--entity", "note/fog", "--at", "late 2025-08-14"},
			`{"data":{"when":{"approximate":true,"earliest":"2025-08-14T18:00:00+02:00","latest":"2025-08-15T00:00:00+02:00","text":"late 2025-08-14","zone":"Europe/Zurich"}},"subject":"note/fog","type":"note.added"}`,
		},
		"a name that is known": {
			[]string{"--type", "statement.made", "--entity", "person/мария захарова"}, `{"data":{},"subject":"person/zakharova","type":"statement.made"}`,
		},
		"a name that is known in another spelling": {
			[]string{"--type", "statement.made", "--entity", "person/Юрий Ушаков"}, `{"data":{},"subject":"person/yuri-ushakov","type":"statement.made"}`,
		},
		"a name that is new": {
			[]string{"--type", "statement.made", "--entity", "person/Сергей Лавров"}, `{"data":{},"subject":"person/sergei-lavrov","type":"statement.made"}`,
		},
		"a name alone": {
			[]string{"--type", "aircraft.landed", "--entity", "il-96"}, `{"data":{},"subject":"aircraft/il-96","type":"aircraft.landed"}`,
		},
		"a correction by number": {
			[]string{"--correct", "@4", "--set", "place.icao=PAED", "--notice", "It was there"},
			`{"data":{"class":"corrected","notice":"It was there","patch":{"place":{"icao":"PAED"}},"target":"0197"},"subject":"note/fog","type":"fact.corrected"}`,
		},
		"a correction that takes back": {
			[]string{"--correct", "0198", "--data", `{"note":null}`, "--notice", "n", "--reason", "r"},
			`{"data":{"class":"corrected","notice":"n","patch":{"note":null},"reason":"r","target":"0198"},"subject":"aircraft/x","type":"fact.corrected"}`,
		},
		"a retraction": {
			[]string{"--retract", "0198", "--reason", "It withdrew"}, `{"data":{"reason":"It withdrew","target":"0198"},"subject":"aircraft/x","type":"fact.retracted"}`,
		},
		"a dispute of another entity": {
			[]string{"--dispute", "0198", "--source", "Tower", "--reason", "None seen", "--entity", "aircraft/y"},
			`{"data":{"detail":"None seen","sources":[{"id":"s1","name":"Tower","role":"originator"}],"target":"0198"},"subject":"aircraft/y","type":"fact.disputed"}`,
		},
		"a grade": {
			[]string{"--grade", "0198", "--data", "B2"}, `{"data":{"grade":{"info":2,"source":"B"},"target":"0198"},"subject":"aircraft/x","type":"fact.graded"}`,
		},
	} {
		f := geneva(t)
		r := clitest.Run(t, Record(), "", append([]string{"geneva", "--server", f.URL}, c.args...)...)
		if got := pick(t, recorded(t, f), "type", "subject", "time", "data"); r.Code != cli.Good || got != c.want {
			t.Errorf("%s: exit %d, %s\n got %s\nwant %s", name, r.Code, r.Err, got, c.want)
		}
		if r.Out != "created 0198 at 3f9a1c20-5\n" || !slices.Contains(f.Asked(), "GET /v1/summits/geneva?min=3f9a1c20-5") {
			t.Errorf("%s: it says %q, having asked %q", name, r.Out, f.Asked())
		}
	}
}

// An event on standard input is sent as it is.
func TestAnEventOnStandardInputIsSentAsItIs(t *testing.T) {
	f := geneva(t)
	const event = `{ "type":"note.added", "data":{"text":1.0} }`
	r := clitest.Run(t, Record(), event, "geneva", "--server", f.URL, "--if-match", "3f9a1c20-4", "--json")
	sent := f.Sent()[0]
	if r.Code != cli.Good || sent.Body != event || sent.Header.Get("If-Match") != `"3f9a1c20-4"` || sent.Header.Get("Content-Type") != events.ContentType {
		t.Errorf("exit %d, %s: %+v", r.Code, r.Err, sent)
	}
	if r.Out != `{"id":"0198","position":"3f9a1c20-5","outcome":"created"}`+"\n" {
		t.Errorf("it says %q", r.Out)
	}
}

// Flags that make no sense are refused before anything is sent.
func TestWhatCannotBeMeantIsNotSent(t *testing.T) {
	for want, args := range map[string][]string{
		"one fact or one amendment":         {"--correct", "@4", "--retract", "@5"},
		"one fact or one amendment at":      {"--type", "note.added", "--grade", "@4"},
		"--correct needs the change":        {"--correct", "@4", "--notice", "n"},
		"and --notice":                      {"--correct", "@4", "--set", "text=x"},
		"--retract needs --reason":          {"--retract", "@4"},
		"--grade needs --data":              {"--grade", "@4", "--data", "Z9"},
		"--source is missing":               {"--corroborate", "@4"},
		"no such fact":                      {"--retract", "missing", "--reason", "r"},
		"is not a fact":                     {"--retract", "@x", "--reason", "r"},
		"--at":                              {"--type", "note.added", "--entity", "note/fog", "--at", "whenever"},
		"--data is not a JSON object":       {"--type", "note.added", "--entity", "note/fog", "--data", "text"},
		"not a JSON object: it is null":     {"--type", "note.added", "--entity", "note/fog", "--data", "null", "--set", "text=x"},
		"not a JSON object: json: cannot":   {"--type", "note.added", "--entity", "note/fog", "--data", "[1]"},
		"is not an object":                  {"--type", "note.added", "--entity", "note/fog", "--set", "a=1", "--set", "a.b=2"},
		"must be FIELD=VALUE":               {"--type", "note.added", "--entity", "note/fog", "--set", "text"},
		"already sets when":                 {"--type", "note.added", "--entity", "note/fog", "--at", "late 2025-08-14", "--set", "when.text=x"},
		"use one of person/p-1, person/p-2": {"--type", "statement.made", "--entity", "person/Андрей Иванов"},
		"cannot make an id from the name":   {"--type", "note.added", "--entity", "note/!?", "--set", "text=x"},
		"unknown flag --souce; did you me":  {"--souce", "x"},
	} {
		f := geneva(t)
		r := clitest.Run(t, Record(), "", append([]string{"geneva", "--server", f.URL}, args...)...)
		if r.Code == cli.Good || recorded(t, f) != nil || !strings.Contains(r.Err, want) {
			t.Errorf("%q: exit %d, %q, sent %q", args, r.Code, r.Err, f.Asked())
		}
	}
}
