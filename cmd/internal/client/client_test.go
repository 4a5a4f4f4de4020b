package client

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/cli/clitest"
)

// refusal returns the error of an answer.
func refusal(t *testing.T, status int, header, body string) error {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if name, value, ok := strings.Cut(header, ": "); ok {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	defer server.Close()
	_, err := (&Client{Server: server.URL}).Open(t.Context(), "/v1/summits", nil) //nolint:bodyclose // there is none beside an error
	return err
}

// A refusal names flags, not query parameters.
func TestAProblemNamesFlags(t *testing.T) {
	for body, want := range map[string]string{
		`{"title":"Bad Request","detail":"a parameter cannot be used: min_grade is no grade","errors":[{"pointer":"min_grade","detail":"is no grade"}]}`: "--min-grade is no grade",
		`{"title":"Bad Request","detail":"x","errors":[{"pointer":"If-Match","detail":"is no position"}]}`:                                               "--if-match is no position",
		`{"title":"Bad Request","detail":"two","errors":[{"pointer":"from","detail":"is bad"},{"pointer":"to","detail":"is worse"}]}`:                    "--from is bad; --to is worse",
		`{"title":"Bad Request","detail":"the body is no JSON","errors":[{"pointer":"/data","detail":"is no object"}]}`:                                  "the body is no JSON",
	} {
		if err := refusal(t, http.StatusBadRequest, "", body); err.Error() != want {
			t.Errorf("%s: %v, want %s", body, err, want)
		}
	}
}

// Any refusal is one short line, even if a proxy answers instead of the server.
func TestAnAnswerThatIsNoProblemIsAShortError(t *testing.T) {
	for name, c := range map[string]struct {
		status     int
		body, want string
	}{
		"a problem":            {409, `{"status":409,"title":"Conflict","detail":"it is closed"}`, "it is closed (409 Conflict)"},
		"of a missing thing":   {404, `{"title":"Not Found","detail":"no such fact"}`, "no such fact"},
		"without a detail":     {502, `{"type":"about:blank","title":"Upstream is down"}`, "502 Upstream is down"},
		"without anything":     {502, "", "502 Bad Gateway"},
		"of a page, empty":     {404, "", "Not Found"},
		"text":                 {500, "nothing that can be read\n", "nothing that can be read (500 Internal Server Error)"},
		"JSON of another form": {503, `{"error":"busy"}`, `{"error":"busy"} (503 Service Unavailable)`},
		"JSON of other types":  {503, `{"detail":["busy"]}`, `{"detail":["busy"]} (503 Service Unavailable)`},
		"not an object":        {503, `"busy"`, `"busy" (503 Service Unavailable)`},
		"another status in it": {503, `{"status":404,"title":"Service Unavailable","detail":"later"}`, "later (503 Service Unavailable)"},
	} {
		var p *Problem
		if err := refusal(t, c.status, "", c.body); !errors.As(err, &p) || p.Status != c.status || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	page := "<!DOCTYPE html>\n<html><body>" + strings.Repeat("<p>The gateway is out of order.</p>\n", 1000)
	if text := refusal(t, http.StatusBadGateway, "", page).Error(); len(text) > 2*shown || strings.Contains(text, "\n") {
		t.Errorf("a page of HTML becomes %d bytes: %s", len(text), text)
	}
	if p := (*Problem)(nil); !errors.As(refusal(t, http.StatusServiceUnavailable, "Retry-After: 1", ""), &p) || !p.Passes {
		t.Errorf("%v does not pass", p)
	}
}

// The error about a summit that does not exist names the one that was meant.
func TestASummitThatWasMeantIsNamed(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/summits" {
			fmt.Fprint(w, `{"summits":[{"id":"alaska-2025","title":"Alaska"},{"id":"geneva","title":"Geneva"}]}`)
			return
		}
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"status":404,"title":"Not Found","detail":"nothing here"}`)
	}))
	defer server.Close()
	for id, want := range map[string]string{"alaska-2024": "did you mean alaska-2025?", "berlin": "summit list shows", "geneva": "nothing here"} {
		_, err := (&Client{Server: server.URL}).Open(t.Context(), Path(id, "/status?at=x"), nil) //nolint:bodyclose // as above
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", id, err, want)
		}
	}
}

// The exit code tells a wrong address from a server that cannot be reached.
func TestWhyAServerDoesNotAnswer(t *testing.T) {
	away := httptest.NewServer(nil)
	away.Close()
	cut := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		fmt.Fprint(w, "{")
	}))
	defer cut.Close()
	for address, want := range map[string]int{
		away.URL: cli.Unreachable, cut.URL: cli.Unreachable,
		"localhost:8080": cli.Misused, "127.0.0.1:8080": cli.Misused, "": cli.Misused, "http://": cli.Misused, "ftp://example.org": cli.Misused, "http://a b": cli.Misused,
	} {
		_, err := (&Client{Server: address}).Call(t.Context(), http.MethodGet, "/v1/summits", "", nil)
		if exit := (*cli.ExitError)(nil); !errors.As(err, &exit) || exit.Code != want {
			t.Errorf("%q: %v, want exit code %d", address, err, want)
		}
	}
}

// The token and the language go with each request; a header that a caller sets stays.
func TestEachRequestHasTheTokenAndTheLanguage(t *testing.T) {
	var got http.Header
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header }))
	defer server.Close()
	c := &Client{Server: server.URL + "/", Token: "secret"}
	for locale, want := range map[string]string{"de_DE.UTF-8": "de-DE", "sr_RS@latin": "sr-RS", "C.UTF-8": "", "POSIX": "", "": "", "uk": "uk"} {
		t.Setenv("LC_ALL", "")
		t.Setenv("LC_MESSAGES", "")
		t.Setenv("LANG", locale)
		if _, err := c.Call(t.Context(), http.MethodPost, "/v1/summits", "application/json", []byte("{}")); err != nil {
			t.Fatal(err)
		}
		if got.Get("Accept-Language") != want || got.Get("Authorization") != "Bearer secret" || got.Get("Content-Type") != "application/json" {
			t.Errorf("LANG=%s: %v, want %q", locale, got, want)
		}
	}
	t.Setenv("LC_MESSAGES", "fr")
	t.Setenv("LC_ALL", "es")
	if _, err := c.Send(t.Context(), http.MethodGet, "/", http.Header{"Accept-Language": {"ru"}}, nil); err != nil || got.Get("Accept-Language") != "ru" || Language() != "es" {
		t.Errorf("%v, asked for in %s: %v", got, Language(), err)
	}
}

func TestAnAnswerThatCannotBeDecodedIsAnError(t *testing.T) {
	f := clitest.Server(t, clitest.Answers{"GET /v1/summits/geneva/status": "<html>", "GET /v1/summits/geneva/timeline?limit=1": `{"items":[]}`})
	c := &Client{Server: f.URL}
	var into struct{ Items []string }
	if _, err := c.Get(t.Context(), Path("geneva", "/status"), nil, &into); err == nil {
		t.Error("a page was taken for an answer")
	}
	if raw, err := c.Get(t.Context(), Path("geneva", "/timeline"), url.Values{"limit": {"1"}}, &into); err != nil || string(raw) != `{"items":[]}` {
		t.Errorf("%s, %v", raw, err)
	}
}
