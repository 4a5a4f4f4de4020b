package events

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events/message"
)

// submitted hands in an event of a type with data and one source.
func submitted(t *testing.T, typ, subject, data string) (Event, error) {
	t.Helper()
	data = strings.TrimSuffix(data, "}")
	if len(data) > 1 {
		data += ","
	}
	return Submit([]byte(`{"source":"/d","type":"`+typ+`","subject":"`+subject+`","data":`+data+`"sources":[{"id":"s","name":"S"}]}}`), "geneva")
}

func TestNullTakesBack(t *testing.T) {
	for _, row := range []struct{ typ, subject, data, null string }{
		{TypeMeetingRescheduled, "meeting/leaders", `{"place":null,"participants":null,"when":null,"given":null}`, "when participants place given"},
		{TypeAircraftLanded, "aircraft/a", `{"model":null,"operator":null,"place":{"name":"Here"},"where":null}`, "where model operator"},
		{TypeDelegationArrived, "delegation/ru", `{"party":"ru","place":{"name":"Here"},"members":null}`, "members"},
		{TypeSitePrepared, "site/a", `{"aspect":"security","level":null,"detail":null}`, "level"},
		{TypePositionStated, "topic/t", `{"title":null,"actor":"A","stance":"open","detail":"d"}`, "title"},
		{TypeAircraftTracked, "aircraft/a", `{"service":"S","watchers":null,"position":null}`, "watchers position"},
		{TypeStatementMade, "person/p", `{"speaker":"S","text":"t","topics":null,"quote":null}`, "topics"},
		{TypeNoteAdded, "note/n", `{"text":"t","headline":null,"note":null,"grade":null}`, ""},
		{TypeSummitClosed, "summit/geneva", `{"reason":null,"where":null}`, ""},
		{TypeFactDisputed, "note/n", `{"target":"0198a9f2-7c1e-7000-8000-000000000002","detail":null,"where":null}`, ""},
	} {
		e, err := submitted(t, row.typ, row.subject, row.data)
		if err != nil {
			t.Errorf("%s %s: %v", row.typ, row.data, err)
			continue
		}
		if got := strings.Join(TakenBack(e.Data), " "); got != row.null {
			t.Errorf("%s %s takes back %q, want %q", row.typ, row.data, got, row.null)
		}
		keepsItsNulls(t, e)
	}
}

// keepsItsNulls writes an event and reads it back, with the package's other
// ways of writing and reading data beside it.
func keepsItsNulls(t *testing.T, e Event) {
	t.Helper()
	e.ID, e.Recorded = "0198a9f2-7c1e-7000-8000-000000000001", specimenTime(t, "recordedtime")
	raw, err := Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	back, err := Decode(raw)
	if err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	data, _ := EncodeData(e.Data)
	read, err := ReadData(e.Type, data)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []Payload{back.Data, read} {
		if !slices.Equal(TakenBack(p), TakenBack(e.Data)) {
			t.Errorf("%s takes back %q, read again %q", raw, TakenBack(e.Data), TakenBack(p))
		}
	}
	if again, err := Encode(back); err != nil || string(again) != string(raw) {
		t.Errorf("%s is written otherwise the second time (%v): %s", raw, err, again)
	}
	for i, name := range TakenBack(e.Data) {
		if !strings.Contains(string(data), `"`+name+`":null`) {
			t.Errorf("%s has no %s: %d", data, name, i)
		}
	}
}

// Null is written where the member would stand.
func TestNullHasItsPlace(t *testing.T) {
	for name, e := range registry {
		if !e.takesBack() {
			continue
		}
		var env, data map[string]jsontext.Value
		if err := errors.Join(json.Unmarshal(golden(t, e, e.version()), &env), json.Unmarshal(env["data"], &data)); err != nil {
			t.Fatal(err)
		}
		for _, f := range e.newest().fields {
			if f.need == optional && carriedOn(f.name) {
				data[f.name] = jsontext.Value("null")
			}
		}
		given, _ := json.Marshal(data)
		p, err := DecodeData(name, given, "/data")
		if err != nil {
			t.Fatal(err)
		}
		out, err := EncodeData(p)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := keysOf(t, out), e.newest().names(); strings.Join(got, ", ") != strings.Join(want, ", ") {
			t.Errorf("%s: written %s, want the members %s", name, out, want)
		}
	}
}

func keysOf(t *testing.T, object jsontext.Value) (names []string) {
	t.Helper()
	d := jsontext.NewDecoder(strings.NewReader(string(object)))
	if _, err := d.ReadToken(); err != nil {
		t.Fatal(err)
	}
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name.String())
		if err := d.SkipValue(); err != nil {
			t.Fatal(err)
		}
	}
	return names
}

func TestNullAndLeftOutAreTwo(t *testing.T) {
	with, err := submitted(t, TypeMeetingRescheduled, "meeting/leaders", `{"place":null}`)
	if err != nil {
		t.Fatal(err)
	}
	without, err := submitted(t, TypeMeetingRescheduled, "meeting/leaders", `{}`)
	if err != nil {
		t.Fatal(err)
	}
	if same, err := Same(with, without); same || err != nil {
		t.Errorf("taking the place back says the same as saying nothing of it: %v", err)
	}
	if same, err := Same(with, with); !same || err != nil {
		t.Errorf("is not the same as itself: %v", err)
	}
}

func TestNullInsideIsLeftOut(t *testing.T) {
	const with = `{"place":{"name":"Here","icao":null,"lat":null,"lon":null},"when":{"best":null,"text":"soon","after":null},"participants":["A",null,"B"],"given":[]}`
	const without = `{"place":{"name":"Here"},"when":{"text":"soon"},"participants":["A","B"],"given":[]}`
	a, err := submitted(t, TypeMeetingRescheduled, "meeting/leaders", with)
	if err != nil {
		t.Fatal(err)
	}
	b, err := submitted(t, TypeMeetingRescheduled, "meeting/leaders", without)
	if err != nil {
		t.Fatal(err)
	}
	if same, err := Same(a, b); !same || err != nil {
		t.Errorf("null inside says something: %v", err)
	}
}

// Null in a field that is required, or that an earlier fact must have given, is
// a fault at that field.
func TestNullInARequiredFieldIsAFault(t *testing.T) {
	for name, e := range registry {
		for _, f := range e.newest().fields {
			if f.need == optional {
				continue
			}
			var env, data map[string]jsontext.Value
			if err := errors.Join(json.Unmarshal(golden(t, e, e.version()), &env), json.Unmarshal(env["data"], &data)); err != nil {
				t.Fatal(err)
			}
			data[f.name] = jsontext.Value("null")
			given, _ := json.Marshal(data)
			var faults Faults
			if _, err := DecodeData(name, given, "/data"); !errors.As(err, &faults) || len(faults) != 1 ||
				faults[0].Pointer != "/data/"+f.name || !strings.Contains(faults[0].Detail, "null") {
				t.Errorf("%s with %s null: %v", name, f.name, err)
			}
		}
	}
}

func TestAPatchRemovesWhatWasTakenBack(t *testing.T) {
	e, err := submitted(t, TypeMeetingRescheduled, "meeting/leaders", `{"title":"Talks","place":null,"participants":null}`)
	if err != nil {
		t.Fatal(err)
	}
	for patch, want := range map[string]string{
		`{"reason":"r"}`:            "participants place",
		`{"place":null}`:            "participants",
		`{"place":{"name":"Here"}}`: "participants",
		`{"title":null}`:            "participants place",
		`{"place":null,"kind":"talks","participants":null}`: "",
	} {
		p, err := Patch(e.Type, e.Data, []byte(patch), "/data/patch")
		if err != nil {
			t.Errorf("%s: %v", patch, err)
			continue
		}
		if got := strings.Join(TakenBack(p), " "); got != want {
			t.Errorf("%s leaves %q taken back, want %q", patch, got, want)
		}
	}
}

func TestWhatAPayloadOwes(t *testing.T) {
	for _, row := range []struct{ typ, subject, data, owed string }{
		{TypeMeetingScheduled, "meeting/leaders", `{}`, "title kind"},
		{TypeMeetingScheduled, "meeting/leaders", `{"title":"T"}`, "kind"},
		{TypeMeetingRescheduled, "meeting/leaders", `{"reason":"r"}`, "title kind"},
		{TypeSitePrepared, "site/a", `{"aspect":"security"}`, "name"},
		{TypeAgendaSet, "topic/t", `{"expected":false}`, "title"},
		{TypeDelegateArrived, "person/p", `{"place":{"name":"Here"}}`, "name"},
		{TypeDelegateDeparted, "person/p", `{}`, "name place"},
		{TypeDelegationDeparted, "delegation/ru", `{"party":"ru"}`, "place"},
		{TypeDelegationArrived, "delegation/ru", `{"party":"ru","place":{"name":"Here"}}`, ""},
		{TypeAircraftLanded, "aircraft/a", `{"place":{"name":"Here"}}`, ""},
	} {
		e, err := submitted(t, row.typ, row.subject, row.data)
		if err != nil {
			t.Errorf("%s %s: %v", row.typ, row.data, err)
			continue
		}
		if got := strings.Join(Owed(e.Data), " "); got != row.owed {
			t.Errorf("%s %s owes %q, want %q", row.typ, row.data, got, row.owed)
		}
		for _, f := range OwedFaults(e.Subject, Owed(e.Data)) {
			if !strings.HasPrefix(f.Pointer, "/data/") || !strings.Contains(f.Detail, row.subject) {
				t.Errorf("fault %+v", f)
			}
		}
		keepsItsNulls(t, e)
	}
}

func TestWhereAnArrivalIsMustBeSaid(t *testing.T) {
	for typ, subject := range map[string]string{TypeAircraftLanded: "aircraft/a", TypeDelegateArrived: "person/p", TypeDelegationArrived: "delegation/ru"} {
		_, err := submitted(t, typ, subject, `{"party":"ru"}`)
		var faults Faults
		if !errors.As(err, &faults) || !hasPrefixIn([]string{faults[0].Pointer, faults[len(faults)-1].Pointer}, "/data/place") {
			t.Errorf("%s without a place: %v", typ, err)
		}
	}
}

// An event written under an older version is held against that version.
func TestAnOlderVersionKeepsItsOwnRule(t *testing.T) {
	for version, taken := range map[string]bool{"1": false, "2": true} {
		_, err := Submit([]byte(`{"source":"/d","type":"site.prepared","subject":"site/a","dataschema":"/schemas/site.prepared/`+version+
			`","data":{"aspect":"security","sources":[{"id":"s","name":"S"}]}}`), "geneva")
		if (err == nil) != taken {
			t.Errorf("version %s without a name: %v", version, err)
		}
	}
}

func TestHeadlinesOfWhatIsNotNamed(t *testing.T) {
	for _, row := range [][4]string{
		{TypeMeetingScheduled, "meeting/leaders", `{"when":{"text":"Friday noon"}}`, "Meeting “leaders” scheduled: Friday noon"},
		{TypeMeetingRescheduled, "meeting/opening-dinner", `{"reason":"fog"}`, "Meeting “opening dinner” rescheduled: fog"},
		{TypeSitePrepared, "site/convention-centre", `{"aspect":"security","level":"high"}`, "Convention centre: security high"},
		{TypeAgendaSet, "topic/prisoner-exchange", `{"expected":true}`, "Prisoner exchange expected on the agenda"},
		{TypeDelegateArrived, "person/sergey-lavrov", `{"place":{"name":"Anchorage"}}`, "Sergey Lavrov arrives at Anchorage"},
		{TypeDelegateDeparted, "person/sergey-lavrov", `{"role":"Minister"}`, "Sergey Lavrov departs"},
		{TypeDelegationDeparted, "delegation/ru", `{"party":"ru"}`, "ru delegation departs"},
	} {
		e, err := submitted(t, row[0], row[1], row[2])
		if err != nil {
			t.Errorf("%s %s: %v", row[0], row[2], err)
			continue
		}
		if got := message.English().Say(Headline(e.Data, e.Subject), nil); got != row[3] {
			t.Errorf("%s %s reads %q, want %q", row[0], row[2], got, row[3])
		}
	}
}

func TestNoughtIsSaid(t *testing.T) {
	e, err := submitted(t, TypeAircraftTracked, "aircraft/a", `{"service":"S","watchers":0,"position":{"lat":0,"lon":0,"altitude_m":0,"speed_kmh":0}}`)
	if err != nil {
		t.Fatal(err)
	}
	data, err := EncodeData(e.Data)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"watchers":0`, `"lat":0`, `"lon":0`, `"altitude_m":0`, `"speed_kmh":0`} {
		if !strings.Contains(string(data), want) {
			t.Errorf("%s is lost in %s", want, data)
		}
	}
}
