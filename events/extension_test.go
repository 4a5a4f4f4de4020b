package events

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// noted is an event of a note with more attributes.
func noted(members string) []byte {
	return []byte(`{"id":"0198a9f2-7c1e-7000-8000-000000000001","source":"/d","type":"note.added","subject":"note/n",` + members + `"data":{"text":"t","sources":[{"id":"s","name":"S"}]}}`)
}

func TestExtensionsAreKeptAsTheyCame(t *testing.T) {
	const members = `"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","sequence":"0007","partitionkey":"ключ €","sampled":true,"weight":-7,"dataref":null,`
	e, err := Submit(noted(members), "geneva")
	if err != nil {
		t.Fatal(err)
	}
	e.Recorded = specimenTime(t, "recordedtime")
	raw, err := Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	const want = `,"text":"t"},"partitionkey":"ключ €","sampled":true,"sequence":"0007","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","weight":-7}`
	if !strings.HasSuffix(string(raw), want) {
		t.Errorf("written %s, want at its end %s", raw, want)
	}
	back, err := Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Encode(back); err != nil || string(again) != string(raw) {
		t.Errorf("the second time %s (%v), the first %s", again, err, raw)
	}
}

func TestTheBoundsOfExtensions(t *testing.T) {
	many := func(n int) (s string) {
		for i := range n {
			s += fmt.Sprintf(`"x%d":"v",`, i)
		}
		return s
	}
	for _, row := range []struct{ members, fault string }{
		{many(16), ""},
		{many(17), "/x16"},
		{`"x":"` + strings.Repeat("v", 1024) + `",`, ""},
		{`"x":"` + strings.Repeat("v", 1025) + `",`, "/x"},
		{`"x":"` + strings.Repeat("€", 342) + `",`, "/x"}, // 1026 bytes
		{`"abcdefghij0123456789":"v",`, ""},
		{`"abcdefghij01234567890":"v",`, "/abcdefghij01234567890"},
		{`"partitionKey":"v",`, "/partitionKey"},
		{`"partition_key":"v",`, "/partition_key"},
		{`"":"v",`, "/"},
		{`"x":"",`, "/x"},
		{`"x":"a\nb",`, "/x"},
		{`"x":"a\u0085b",`, "/x"},
		{`"x":{},`, "/x"},
		{`"x":[1],`, "/x"},
		{`"x":1.5,`, "/x"},
		{`"x":1e3,`, "/x"},
		{`"x":2147483647,"y":-2147483648,"z":false,`, ""},
		{`"x":2147483648,`, "/x"},
		{`"data_base64":"e30=",`, "/data_base64"},
	} {
		_, err := Submit(noted(row.members), "geneva")
		var faults Faults
		errors.As(err, &faults)
		switch {
		case row.fault == "" && err != nil:
			t.Errorf("%.60s: %v", row.members, err)
		case row.fault != "" && (len(faults) != 1 || faults[0].Pointer != row.fault):
			t.Errorf("%.60s: %v, want a fault at %s", row.members, err, row.fault)
		}
	}
}

func TestWhatTheServerSaysIsDropped(t *testing.T) {
	for _, members := range []string{
		`"recordedby":"x","approvedby":"y","recordedtime":"2025-08-15T06:40:12.345Z",`, `"recordedby":5,"approvedby":[],`,
		`"recordedby":"` + strings.Repeat("x", 100) + `","approvedby":"",`,
	} {
		e, err := Submit(noted(members), "geneva")
		if err != nil || e.By != "" || e.Approved != "" || !e.Recorded.IsZero() || e.Extensions != nil || e.Source != "/d" {
			t.Errorf("%.60s: %+v, %v", members, e, err)
		}
	}
	e, _ := Submit(noted(""), "geneva")
	e.Recorded, e.By, e.Approved = specimenTime(t, "recordedtime"), "desk-one", "desk-two"
	raw, err := Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	if back, err := Decode(raw); err != nil || back.By != "desk-one" || back.Approved != "desk-two" {
		t.Errorf("%s is read as %+v, %v", raw, back, err)
	}
}

func TestWhichExtensionsAreContent(t *testing.T) {
	first, err := Submit(noted(`"sequence":"7","traceparent":"a",`), "geneva")
	if err != nil {
		t.Fatal(err)
	}
	first.By, first.Approved = "one", "two"
	for members, want := range map[string]bool{
		`"sequence":"7",`: true, `"sequence":7,"traceparent":"b","tracestate":"c",`: true, `"sequence":"8","traceparent":"a",`: false,
		`"traceparent":"a",`: false, `"sequence":"7","partitionkey":"p",`: false, `"sequence":"\u0037",`: true,
		`"sequence":"7","dataschema":"/schemas/note.added/1","recordedby":"x",`: true,
	} {
		other, err := Submit(noted(members), "geneva")
		if err != nil {
			t.Fatal(err)
		}
		if same, err := Same(first, other); same != want || err != nil {
			t.Errorf("%s is the same: %t, want %t (%v)", members, same, want, err)
		}
	}
}

func TestMediaTypesOfData(t *testing.T) {
	for text, taken := range map[string]bool{
		"application/json": true, "application/json; charset=utf-8": true, "Application/JSON;charset=\\\"UTF-8\\\"": true, "application/json;profile=x": true,
		"application/vnd.summit+json": true, "text/json": true, "text/plain": false, "application/xml": false, "application/json; charset=latin1": false,
		"application/jsonp": false, "json": false, "": false, "application/json; charset": false,
	} {
		e, err := Submit(noted(`"datacontenttype":"`+text+`",`), "geneva")
		if (err == nil) != taken {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if err != nil {
			continue
		}
		if raw, err := Encode(e); err != nil || !strings.Contains(string(raw), `"datacontenttype":"application/json"`) {
			t.Errorf("%q is written %s: %v", text, raw, err)
		}
	}
}

func TestIsolatesAreText(t *testing.T) {
	for text, taken := range map[string]bool{
		"قال \u2068Reuters\u2069 اليوم": true, "\u2066a\u2069\u2067b\u2069": true, "a\u200fb\u200e": true, "a\u061cb": true, "a\nb\tc": true,
		"a\u202eb": false, "a\u202ab": false, "a\u202cb": false, "a\u0000b": false, "a\u0085b": false, "a\u001bb": false,
	} {
		_, err := submitted(t, TypeNoteAdded, "note/n", fmt.Sprintf(`{"text":%s}`, strings.ReplaceAll(fmt.Sprintf("%+q", text), `\x`, `\u00`)))
		if (err == nil) != taken {
			t.Errorf("%+q: %v", text, err)
		}
	}
}
