package proof

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/audit"
	"github.com/summit-timeline/summit/cmd/internal/client"
)

// A server that cannot sign for a moment is asked again; one that refuses is
// not.
func TestAServerThatCannotSignForAMomentHasNotRefused(t *testing.T) {
	asked, passes := 0, true
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		switch {
		case !passes:
			w.WriteHeader(http.StatusServiceUnavailable)
		case asked == 1:
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			_, _ = w.Write([]byte("signed"))
		}
	}))
	defer server.Close()
	s := &auditServer{Client: &client.Client{Server: server.URL}, summit: "geneva"}
	if signed, err := s.Checkpoint(t.Context(), 3); err != nil || string(signed) != "signed" || asked != 2 {
		t.Errorf("%q %v after %d", signed, err, asked)
	}
	asked, passes = 0, false
	if _, err := s.Checkpoint(t.Context(), 3); !errors.As(err, new(*audit.RefusedError)) || asked != 1 {
		t.Errorf("%v after %d", err, asked)
	}
}
