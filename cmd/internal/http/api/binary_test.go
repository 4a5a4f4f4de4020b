package api

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/events"
)

// percentEncoded encodes a text for a header as the binding asks: what is not printable
// ASCII, blanks, quotation marks and percent signs.
func percentEncoded(s string) string {
	var out strings.Builder
	for _, b := range []byte(s) {
		if b <= ' ' || b > '~' || b == '"' || b == '%' {
			fmt.Fprintf(&out, "%%%02X", b)
		} else {
			out.WriteByte(b)
		}
	}
	return out.String()
}

// Every text survives the way through a header, encoded as the binding asks, in lower
// case, or in the quotation marks of its older versions.
func TestATextSurvivesItsHeader(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		encoded := percentEncoded(text)
		quoted := `"` + strings.ReplaceAll(encoded, `\`, `\\`) + `"`
		for _, header := range []string{encoded, quoted, lowerHex(encoded)} {
			if got, err := headerText(header); err != nil || got != text {
				t.Fatalf("%q as %s is %q, %v", text, header, got, err)
			}
		}
		_, _ = headerText(rapid.String().Draw(t, "header")) // it panics at nothing
	})
	for header, want := range map[string]string{
		"100%": "100%", "100%zz": "100%zz", "50%25": "50%", "%": "%", "%4": "%4", `"`: `"`, `""`: "", `"a\"b"`: `a"b`, `"a\"`: `a\`, `a"b"`: `a"b"`, "caf%C3%A9": "café", "café": "café",
	} {
		if got, err := headerText(header); err != nil || got != want {
			t.Errorf("%s is %q, %v, want %q", header, got, err, want)
		}
	}
	for _, bad := range [][]string{{"%ff"}, {"\xff"}, {"%C3"}, {"a", "b"}, {}} {
		if got, err := headerText(bad...); err == nil {
			t.Errorf("%q is %q", bad, got)
		}
	}
}

// lowerHex writes the digits of percent-encoding small.
func lowerHex(s string) string {
	out := []byte(s)
	for i := 0; i+2 < len(out); i++ {
		if out[i] == '%' {
			copy(out[i+1:], strings.ToLower(string(out[i+1:i+3])))
			i += 2
		}
	}
	return string(out)
}

// binary is a request in binary mode.
func binary(body string, header ...string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/v1/summits/geneva/facts", strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	return r
}

// Both modes of the binding give the same event; faults are named by the attribute that
// a header carries, each once.
func TestBothModesGiveTheSameEvent(t *testing.T) {
	const data = `{"text":"Fog","sources":[{"id":"s","name":"S"}]}`
	base := []string{"ce-specversion", "1.0", "ce-id", "0198a9f2-7c1e-7000-8000-000000000001", "ce-source", "/desks/a", "ce-type", "note.added", "ce-subject", "note/fog", "content-type", "application/json"}
	e, err := submit(binary(data, append(base, "ce-partitionkey", "caf%C3%A9")...), []byte(data), "geneva")
	if err != nil {
		t.Fatal(err)
	}
	structured := `{"specversion":"1.0","id":"0198a9f2-7c1e-7000-8000-000000000001","source":"/desks/a","type":"note.added","subject":"note/fog","datacontenttype":"application/json","partitionkey":"café","data":` + data + `}`
	same, err := submit(binary("", "content-type", "application/cloudevents+json; charset=utf-8", "ce-id", "ignored"), []byte(structured), "geneva")
	if err != nil {
		t.Fatal(err)
	}
	a, errA := events.Encode(e)
	b, errB := events.Encode(same)
	if errA != nil || errB != nil || string(a) != string(b) {
		t.Errorf("%v %v\n%s\n%s", errA, errB, a, b)
	}
	for name, c := range map[string]struct {
		body   string
		header []string
		want   []string
	}{
		"data in a header":      {data, []string{"ce-data", "{}"}, []string{"/data"}},
		"its type in a header":  {data, []string{"ce-datacontenttype", "text/plain"}, []string{"/datacontenttype"}},
		"bad UTF-8":             {data, []string{"ce-subject", "%ff", "ce-trace", "%ff"}, []string{"/subject", "/trace"}},
		"an attribute twice":    {data, []string{"ce-id", "other"}, []string{"/id"}},
		"a body that is no one": {`{"text"`, nil, []string{"/data"}},
		"no body":               {"", nil, []string{"/data"}},
		"bad data":              {`{"text":1}`, nil, []string{"/data/text"}},
	} {
		_, err := submit(binary(c.body, append(append([]string{}, base...), c.header...)...), []byte(c.body), "geneva")
		var faults events.Faults
		if !errors.As(err, &faults) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		count := map[string]int{}
		for _, f := range faults {
			count[f.Pointer]++
		}
		for _, want := range c.want {
			if count[want] != 1 {
				t.Errorf("%s: %d faults at %s in %v", name, count[want], want, faults)
			}
		}
	}
	var p *respond.Problem
	if _, err := submit(binary(data, "ce-id", "x", "content-type", "text/plain"), []byte(data), "geneva"); !errors.As(err, &p) || p.Status != http.StatusUnsupportedMediaType {
		t.Errorf("data that is no JSON: %v", err)
	}
}
