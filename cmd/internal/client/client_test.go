package client

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A refusal names flags, and not what they become on the wire.
func TestAProblemNamesFlags(t *testing.T) {
	for body, want := range map[string]string{
		`{"status":400,"title":"Bad Request","detail":"a parameter cannot be used: min_grade is no grade","errors":[{"pointer":"min_grade","detail":"is no grade"}]}`: "--min-grade is no grade",
		`{"status":400,"title":"Bad Request","detail":"x","errors":[{"pointer":"If-Match","detail":"is no position"}]}`:                                               "--if-match is no position",
		`{"status":400,"title":"Bad Request","detail":"the body is no JSON","errors":[{"pointer":"/data","detail":"is no object"}]}`:                                  "the body is no JSON",
		`{"status":409,"title":"Conflict","detail":"it is closed"}`:                                                                                                   "it is closed (409 Conflict)",
		`nothing that can be read`: "nothing that can be read (500 Internal Server Error)",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			status := http.StatusInternalServerError
			_, _ = fmt.Sscanf(body, `{"status":%d,`, &status)
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}))
		_, err := (&Client{Server: server.URL}).Open(t.Context(), "/v1/summits", nil) //nolint:bodyclose // there is none beside an error
		server.Close()
		if p := (*Problem)(nil); !errors.As(err, &p) || err.Error() != want {
			t.Errorf("%s: %v, want %s", body, err, want)
		}
	}
}

// A summit that does not exist is answered with the one that was meant.
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
