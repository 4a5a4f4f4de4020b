package events

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/events/message"
)

const landed = `{"specversion":"1.0","id":"0198a9f2-7c1e-7000-8000-000000000001","source":"/desks/anchorage","type":"aircraft.landed","subject":"aircraft/il-96-300","recordedtime":"2025-08-15T06:40:12.345Z","summit":"alaska-2025","datacontenttype":"application/json","dataschema":"/schemas/aircraft.landed/3","data":{"when":{"earliest":"2025-08-14T18:00:00-08:00","latest":"2025-08-15T00:00:00-08:00","approximate":true,"text":"late Thursday"},"sources":[{"id":"s1","name":"Russian Telegram channels","kind":"social","role":"originator"},{"id":"s2","name":"Newsmax","kind":"outlet","role":"relay","via":["s1"]}],"grade":{"source":"F","info":3},"model":"Ilyushin Il-96-300","place":{"name":"Joint Base Elmendorf-Richardson","icao":"PAED","lat":61.251,"lon":-149.807}}}`

func TestEncodingGivesBackTheSameBytes(t *testing.T) {
	e, err := Decode([]byte(landed))
	if err != nil {
		t.Fatal(err)
	}
	b, err := Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	if string(b) != landed {
		t.Errorf("encoded otherwise:\n got %s\nwant %s", b, landed)
	}
	if got, want := message.English().Sources(e.Data.Base().Sources.Origins()), "Russian Telegram channels, via Newsmax"; got != want {
		t.Errorf("attribution %q, want %q", got, want)
	}
}

func TestEveryFaultIsNamed(t *testing.T) {
	const bad = `{"source":"/d","type":"aircraft.landed","subject":"person/x","time":"2025-08-14","Oops":1,
	 "data":{"when":{"earliest":"2025-08-15T00:00:00Z","latest":"2025-08-14T00:00:00Z"},"sources":[{"id":"a","name":"A","via":["b"]}],"place":{"lat":91},"grade":{"source":"Z","info":1},"color":"red"}}`
	_, err := Submit([]byte(bad), "alaska-2025")
	var faults Faults
	if !errors.As(err, &faults) {
		t.Fatalf("got %v, want faults", err)
	}
	got := map[string]bool{}
	for _, f := range faults {
		got[f.Pointer] = true
	}
	for _, want := range []string{"/time", "/Oops", "/subject", "/data/place/lat", "/data/grade/source", "/data/color", "/data/when/latest", "/data/sources/0/via/0"} {
		if !got[want] {
			t.Errorf("no fault at %s in %v", want, faults)
		}
	}
}

func TestNotJSON(t *testing.T) {
	for _, bad := range []string{"", "{", "[]", `{"a":1,"a":2}`, "{} {}", "{\"a\":\"\xff\"}"} {
		if _, err := Decode([]byte(bad)); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
	if _, err := Decode([]byte(`"` + strings.Repeat("x", MaxSize) + `"`)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v, want ErrTooLarge", err)
	}
}

func BenchmarkDecode(b *testing.B) {
	for b.Loop() {
		if _, err := Decode([]byte(landed)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	e, _ := Decode([]byte(landed))
	for b.Loop() {
		if _, err := Encode(e); err != nil {
			b.Fatal(err)
		}
	}
}

func TestWhoRecordedIsTheServersToSay(t *testing.T) {
	const given = `{"source":"/d","type":"note.added","subject":"note/x","recordedby":"forged","recordedtime":"2025-08-14T00:00:00Z",
	 "data":{"text":"a note","sources":[{"id":"a","name":"A"}]}}`
	e, err := Submit([]byte(given), "alaska-2025")
	if err != nil || e.By != "" || !e.Recorded.IsZero() {
		t.Fatalf("%+v, %v", e, err)
	}
	e.ID, e.By, e.Recorded = "0198a9f2-7c1e-7000-8000-000000000001", "desk-one", Instant{Time: time.Date(2025, 8, 14, 0, 0, 0, 0, time.UTC)}
	raw, err := Encode(e)
	if err != nil || !strings.Contains(string(raw), `"recordedby":"desk-one"`) {
		t.Fatalf("%s, %v", raw, err)
	}
	back, err := Decode(raw)
	if err != nil || back.By != "desk-one" {
		t.Fatalf("%+v, %v", back, err)
	}
	back.By = "desk-two"
	if same, err := Same(e, back); !same || err != nil {
		t.Errorf("the same by another is another: %v", err)
	}
}
