package objects

import (
	"errors"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// told writes differences down: path, before and after.
func told(list []Difference) string {
	var lines []string
	for _, d := range list {
		lines = append(lines, d.Path+" "+string(d.Was)+" > "+string(d.Now))
	}
	return strings.Join(lines, "\n")
}

func TestEachValueThatDiffersIsTold(t *testing.T) {
	for name, c := range map[string]struct{ was, now, want string }{
		"nothing":           {`{"a":1}`, `{"a":1}`, ""},
		"written otherwise": {`{"a":1,"b":2}`, `{ "b": 2, "a": 1 }`, ""},
		"a value":           {`{"a":1,"b":2}`, `{"a":1,"b":3}`, "x/b 2 > 3"},
		"one that is new":   {`{}`, `{"a":{"b":1}}`, `x/a null > {"b":1}`},
		"one that is gone":  {`{"a":[1]}`, `{}`, "x/a [1] > null"},
		"deep, in order":    {`{"b":{"z":1,"y":1},"a":1}`, `{"b":{"z":2,"y":2},"a":2}`, "x/a 1 > 2\nx/b/y 1 > 2\nx/b/z 1 > 2"},
		"another kind":      {`{"a":{"b":1}}`, `{"a":[1]}`, `x/a {"b":1} > [1]`},
		"odd names":         {`{"a/b":1,"c~d":1}`, `{"a/b":2,"c~d":2}`, "x/a~1b 1 > 2\nx/c~0d 1 > 2"},
		"a plain list":      {`{"a":[1,2]}`, `{"a":[2,1]}`, "x/a [1,2] > [2,1]"},
		"ids":               {`[{"id":"p","n":1},{"id":"q","n":1}]`, `[{"id":"q","n":2},{"id":"p","n":1}]`, "x/q/n 1 > 2"},
		"topics":            {`[{"topic":"p","n":1}]`, `[{"topic":"p","n":2}]`, "x/p/n 1 > 2"},
		"one id twice":      {`[{"id":"p"},{"id":"p"}]`, `[{"id":"p"}]`, `x [{"id":"p"},{"id":"p"}] > [{"id":"p"}]`},
		"no id":             {`[{"id":"p"},{"n":1}]`, `[{"id":"p"}]`, `x [{"id":"p"},{"n":1}] > [{"id":"p"}]`},
		"an empty id":       {`[{"id":"","n":1}]`, `[{"id":"","n":2}]`, `x [{"id":"","n":1}] > [{"id":"","n":2}]`},
	} {
		list, err := Differences("x", []byte(c.was), []byte(c.now))
		if got := told(list); err != nil || got != c.want {
			t.Errorf("%s: %v\n got %s\nwant %s", name, err, got, c.want)
		}
	}
	list, err := (&Differ{Unnamed: true}).Differences("x", []byte(`[{"id":"","n":1}]`), []byte(`[{"id":"","n":2}]`))
	if got := told(list); err != nil || got != "x//n 1 > 2" {
		t.Errorf("where one may be unnamed: %v, %s", err, got)
	}
	for _, bad := range [][2]string{{"{", "{}"}, {"{}", "["}} {
		if list, err := Differences("", []byte(bad[0]), []byte(bad[1])); err == nil {
			t.Errorf("%q and %q differ in %v", bad[0], bad[1], list)
		}
	}
}

func TestMembersAreReadWithoutTheRest(t *testing.T) {
	const object = `{"a":1,"b":{"a":2,"c":[3]},"":4,"d":nonsense`
	for name, want := range map[string]string{"a": "1", "b": `{"a":2,"c":[3]}`, "": "4"} {
		if v, err := Member([]byte(object), name); err != nil || string(v) != want {
			t.Errorf("%q is %s, %v", name, v, err)
		}
	}
	for _, c := range [][2]string{{object, "e"}, {`{"a":1}`, "b"}, {"", "a"}, {"{", "a"}, {`{"a":`, "a"}} {
		if v, err := Member([]byte(c[0]), c[1]); err == nil {
			t.Errorf("%q of %s is %s", c[1], c[0], v)
		}
	}
	raw := []byte(`{"a":"kept"}`)
	v, err := Member(raw, "a")
	copy(raw, `{"a":"lost"}`)
	if err != nil || string(v) != `"kept"` {
		t.Errorf("what was read is now %s (%v)", v, err)
	}
}

func TestEachMemberComesOnce(t *testing.T) {
	var seen []string
	read := func(name string, d *jsontext.Decoder) error {
		v, err := d.ReadValue()
		seen = append(seen, name+"="+string(v))
		return err
	}
	for range 2 { // decoders are used again
		seen = nil
		if err := EachMember([]byte(`{"a":1,"b":{"a":2},"c":[]}`), read); err != nil || strings.Join(seen, " ") != `a=1 b={"a":2} c=[]` {
			t.Errorf("%v, %v", seen, err)
		}
		stop := errors.New("enough")
		if err := EachMember([]byte(`{"a":1,"b":2}`), func(string, *jsontext.Decoder) error { return stop }); !errors.Is(err, stop) {
			t.Errorf("it went on: %v", err)
		}
	}
	if err := EachMember([]byte(`{"a":1,"b":`), read); err == nil {
		t.Error("half an object was read to its end")
	}
}
