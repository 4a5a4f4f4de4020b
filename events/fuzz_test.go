package events

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/go-json-experiment/json"
)

// What decodes is written down again so that it decodes to the same, and from
// then on to the same bytes.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(landed))
	f.Add([]byte(`{"data":{"sources":[{"via":["x"]}]},"type":"fact.corrected"}`))
	f.Add([]byte(`[[[[`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if _, err := Submit(raw, "alaska-2025"); err != nil && err.Error() == "" {
			t.Error("a fault without words")
		}
		e, err := Decode(raw)
		if err != nil {
			return
		}
		asTheLibraryReads(t, raw, e)
		once, err := Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Decode(once)
		if err != nil {
			t.Fatalf("what was written down cannot be read: %v\n%s", err, once)
		}
		if twice, err := Encode(again); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("written down otherwise (%v):\n%s\n%s", err, once, twice)
		}
	})
}

// asTheLibraryReads holds what was read against what the JSON library makes of
// the same bytes.
func asTheLibraryReads(t *testing.T, raw []byte, got Event) {
	t.Helper()
	var env envelope
	if err := json.Unmarshal(raw, &env); err != nil {
		t.Fatal(err)
	}
	if !env.Time.Equal(got.Time.Time) || !env.Recorded.Equal(got.Recorded.Time) || env.Source != got.Source || env.Summit != got.Summit {
		t.Errorf("the library reads %+v, this %+v", env, got)
	}
	if env.DataSchema != SchemaPath(env.Type) {
		return // it was lifted
	}
	want := registry[env.Type].make()
	if sealed := SealedIn(env.Data); sealed != nil { // which the library cannot read
		want = got.Data
	} else if err := json.Unmarshal(env.Data, want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Data, want) {
		t.Errorf("the library reads %+v, this %+v", want, got.Data)
	}
}

func TestAnOlderVersionIsLifted(t *testing.T) {
	const old = `{"source":"/d","type":"aircraft.tracked","subject":"aircraft/a","dataschema":"/schemas/aircraft.tracked/1","data":{"service":"S","viewers":7,"sources":[{"id":"s","name":"S"}]}}`
	e, err := Submit([]byte(old), "s")
	if err != nil {
		t.Fatal(err)
	}
	if d := e.Data.(*AircraftTracked); *d.Watchers != 7 || SchemaPath(e.Type) != "/schemas/aircraft.tracked/4" {
		t.Errorf("got %+v under %s", d, SchemaPath(e.Type))
	}
	for v, want := range map[int]bool{0: false, 1: true, 2: true, 3: true, 4: true, 5: false} {
		if _, ok := Schema("aircraft.tracked", v); ok != want {
			t.Errorf("schema of version %d: %t", v, ok)
		}
	}
}
