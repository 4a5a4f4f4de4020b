package events

import (
	"reflect"
	"slices"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// goldenData returns the newest golden event of a type, and its data.
func goldenData(t *testing.T, e *entry) (env, data map[string]jsontext.Value) {
	t.Helper()
	if err := json.Unmarshal(golden(t, e, e.version()), &env); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(env["data"], &data); err != nil {
		t.Fatal(err)
	}
	return env, data
}

// The contract names the types that may leave their sources out.
func TestWhichTypesNeedASource(t *testing.T) {
	free := []string{TypeSummitOpened, TypeSummitClosed, TypeFactCorrected, TypeFactRetracted, TypeFactGraded, TypeFactUnsealed, TypeFactWithheld}
	for name, e := range registry {
		env, data := goldenData(t, e)
		delete(data, "sources")
		delete(data, "grade")
		if name == TypeFactGraded {
			data["grade"] = jsontext.Value(`{"source":"B","info":2}`)
		}
		got := faultsOf(t, env, data)
		if want := !slices.Contains(free, name); want != slices.Contains(got, "/data/sources") || !want && got != nil {
			t.Errorf("%s without sources: faults at %v", name, got)
		}
	}
}

// A place needs both coordinates, and numbers of people need an order, in whichever
// member of whichever type they stand.
func TestValuesAreValidatedWhereverTheyStand(t *testing.T) {
	seen := map[string]int{}
	for name, e := range registry {
		for _, f := range e.newest().fields {
			of, at := f.shape, "/data/"+f.name
			var bad string
			list := of.kind == shapeArray
			if list {
				of = of.elem
			}
			switch {
			case len(of.fields) == 5 && of.fields[1].name == "icao":
				bad = `{"name":"A place","lat":61.2}`
				seen["places"]++
			case len(of.fields) == 2 && of.fields[0].name == "min":
				bad = `{"min":4,"max":3}`
				seen["numbers of people"]++
			default:
				continue
			}
			if list {
				bad, at = "["+bad+"]", at+"/0"
			}
			env, data := goldenData(t, e)
			data[f.name] = jsontext.Value(bad)
			if got := faultsOf(t, env, data); !slices.Equal(got, []string{at}) {
				t.Errorf("%s with %s %s: faults at %v", name, f.name, bad, got)
			}
		}
	}
	if seen["places"] < len(registry) || seen["numbers of people"] < 2 {
		t.Errorf("found %v", seen)
	}
}

// A fact that names a place is found by it: a type that has a member for one says so
// with a method place. The venue of a summit is not where the fact happened.
func TestATypeThatNamesAPlaceTellsIt(t *testing.T) {
	told := 0
	for name, e := range registry {
		event, err := Decode(golden(t, e, e.version()))
		if err != nil {
			t.Fatal(err)
		}
		event.Data.Base().Where = nil
		data := reflect.ValueOf(event.Data).Elem()
		names := slices.ContainsFunc(e.values, func(v value) bool { return data.FieldByIndex(v.index).Type() == reflect.TypeFor[*Place]() })
		if names && name != TypeSummitOpened {
			if told++; PlaceOf(event.Data) == nil {
				t.Errorf("%s has a member for a place: it needs a method place", name)
			}
		}
	}
	if told < 10 {
		t.Errorf("%d types name a place", told)
	}
}
