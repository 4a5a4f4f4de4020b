package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/cli/clitest"
	"github.com/summit-timeline/summit/cmd/internal/client"
	"github.com/summit-timeline/summit/events"
)

func TestFieldsAreSetOneByOne(t *testing.T) {
	for name, c := range map[string]struct {
		given []string
		want  string
	}{
		"a text":             {[]string{"text=Fog at 10"}, `{"kept":1,"text":"Fog at 10"}`},
		"a number":           {[]string{"watchers=21000"}, `{"kept":1,"watchers":21000}`},
		"what looks like it": {[]string{`text="21000"`}, `{"kept":1,"text":"21000"}`},
		"a list":             {[]string{`list=["a","b"]`}, `{"kept":1,"list":["a","b"]}`},
		"nothing":            {[]string{"text=null"}, `{"kept":1,"text":null}`},
		"an equals sign":     {[]string{"text=a=b"}, `{"kept":1,"text":"a=b"}`},
		"below another":      {[]string{"place.name=Geneva", "place.icao=LSGG"}, `{"kept":1,"place":{"icao":"LSGG","name":"Geneva"}}`},
		"below what is set":  {[]string{`place={"name":"Geneva"}`, "place.icao=LSGG"}, `{"kept":1,"place":{"icao":"LSGG","name":"Geneva"}}`},
		"the later one":      {[]string{"kept=2", "kept=3"}, `{"kept":3}`},
	} {
		var f fields
		for _, s := range c.given {
			if err := f.Set(s); err != nil {
				t.Fatal(err)
			}
		}
		object := map[string]any{"kept": 1}
		if err := f.into(object); err != nil {
			t.Fatal(err)
		}
		if b, err := json.Marshal(object); err != nil || string(b) != c.want {
			t.Errorf("%s: %s, %v", name, b, err)
		}
	}
	var f fields
	for _, bad := range []string{"", "text", "=Fog"} {
		if f.Set(bad) == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	var wrong *cli.ExitError
	if err := (&fields{"kept.below=1"}).into(map[string]any{"kept": 1}); !errors.As(err, &wrong) || wrong.Code != cli.Misused {
		t.Errorf("below what is no object: %v", err)
	}
}

// The first source of a chain is the root, and each other source has it from the one
// before.
func TestAChainOfSourcesBeginsWithTheRoot(t *testing.T) {
	b, err := json.Marshal(chain("RIA Novosti > Reuters>BBC"))
	const want = `[{"id":"s1","name":"RIA Novosti","role":"originator"},{"id":"s2","name":"Reuters","role":"relay","via":["s1"]},{"id":"s3","name":"BBC","role":"relay","via":["s2"]}]`
	if err != nil || string(b) != want {
		t.Errorf("%s, %v", b, err)
	}
	if chain("") != nil {
		t.Error("nobody is a source")
	}
}

// A fault names the flag that was wrong, as it is typed.
func TestFaultsAreToldByFlag(t *testing.T) {
	flags := []flagOf{{"/data/sources", "--source"}, {"/subject", "--entity"}, {"/source", "--desk"}}
	for pointer, want := range map[string]string{
		"/data/sources": "--source", "/data/sources/0/name": "--source", "/data/sourcesOf": "--set sourcesOf", "/source": "--desk",
		"/data/place/icao": "--set place.icao", "/data/patch/text": "--set text", "/recordedtime": "/recordedtime",
	} {
		if got := named(pointer, flags); got != want {
			t.Errorf("%s is %s, want %s", pointer, got, want)
		}
	}
	p := &client.Problem{Status: http.StatusUnprocessableEntity, Detail: "the event is not valid", Errors: []client.Fault{{Pointer: "/subject", Detail: "is none"}, {Pointer: "/data/text", Detail: "is missing"}}}
	if err := worded(p, flags); !strings.Contains(err.Error(), "--entity: is none; --set text: is missing") {
		t.Error(err)
	}
	moved := &client.Problem{Status: http.StatusPreconditionFailed, Detail: "If-Match does not fit"}
	if err := worded(moved, flags); !strings.Contains(err.Error(), "--if-match does not fit") {
		t.Error(err)
	}
	if other := errors.New("other"); worded(other, flags) != other { //nolint:errorlint // it is given back as it is
		t.Error("another error is worded anew")
	}
}

// asked is what a server was sent.
type asked struct{ path, contentType, body string }

// run runs a verb against a server with one answer to all, and returns what it sent.
func run(t *testing.T, v cli.Verb, status int, answer string, args ...string) (code int, sent []asked, out string) {
	t.Helper()
	answer = fmt.Sprint(status, " ", answer)
	f := clitest.Server(t, clitest.Answers{"POST /v1/summits": answer, "POST /v1/summits/geneva/facts": answer, "GET /v1/summits/geneva": answer})
	r := clitest.Run(t, v, "", append(args, "--server", f.URL)...)
	for _, x := range f.Sent() {
		sent = append(sent, asked{x.Line, x.Header.Get("Content-Type"), x.Body})
	}
	return r.Code, sent, r.Out + r.Err
}

func TestASummitIsOpenedAndClosed(t *testing.T) {
	const answer = `{"id":"geneva","position":"3f9a1c20-1","outcome":"created"}`
	code, sent, out := run(t, Open(), http.StatusCreated, answer, "geneva", "--title", "Geneva", "--zone", "Europe/Zurich", "--party", "ch=Switzerland", "--party", "fr=France")
	want := asked{"POST /v1/summits", "application/json", `{"id":"geneva","parties":[{"id":"ch","name":"Switzerland"},{"id":"fr","name":"France"}],"title":"Geneva","zone":"Europe/Zurich"}`}
	if code != cli.Good || len(sent) != 1 || sent[0] != want || out != "geneva is open at 3f9a1c20-1\n" {
		t.Errorf("exit %d, %v, %s", code, sent, out)
	}
	code, sent, out = run(t, Close(), http.StatusCreated, answer, "geneva", "--reason", "They left", "--json")
	want = asked{"POST /v1/summits/geneva/facts", events.ContentType, `{"data":{"reason":"They left"},"source":"/desks/cli","subject":"summit/geneva","type":"summit.closed"}`}
	if code != cli.Good || len(sent) != 1 || sent[0] != want || out != answer+"\n" {
		t.Errorf("exit %d, %v, %s", code, sent, out)
	}
	for _, bad := range [][]string{{"geneva", "--title", "Geneva"}, {"geneva", "--zone", "UTC"}, {"geneva", "--title", "G", "--zone", "UTC", "--party", "ch"}, {}} {
		if code, sent, out := run(t, Open(), http.StatusCreated, answer, bad...); code != cli.Misused || len(sent) != 0 {
			t.Errorf("%v: exit %d, %v, %s", bad, code, sent, out)
		}
	}
	const refused = `{"status":422,"detail":"the event is not valid","errors":[{"pointer":"/data/zone","detail":"is no zone"}]}`
	if code, _, out := run(t, Open(), http.StatusUnprocessableEntity, refused, "geneva", "--title", "G", "--zone", "x"); code != cli.Bad || !strings.Contains(out, "--zone: is no zone") {
		t.Errorf("exit %d, %s", code, out)
	}
}
