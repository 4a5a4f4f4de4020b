package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/cli"
)

func TestWhatCannotBeWatchedIsRefused(t *testing.T) {
	for flags, want := range map[string]string{
		"--log-level loud":            "--log-level loud: debug, info, warn or error",
		"--log-format xml":            "--log-format xml: text or json",
		"--pprof 0.0.0.0:6060":        "--pprof 0.0.0.0:6060 can be reached by others",
		"--pprof summit.example:6060": "can be reached by others",
		"--pprof nowhere":             "--pprof",
	} {
		var out, errs bytes.Buffer
		code := run(append([]string{"serve", "--data", t.TempDir(), "--addr", "127.0.0.1:0"}, strings.Fields(flags)...), cli.Streams{In: strings.NewReader(""), Out: &out, Err: &errs})
		if code != cli.Misused || !strings.Contains(errs.String(), want) {
			t.Errorf("%s: exit %d: %s", flags, code, &errs)
		}
	}
}

func TestRequestsAreLoggedWithTheNameOfTheTokenAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	var secret, errs bytes.Buffer
	add := []string{"token", "add", "--data", dir, "--name", "anna", "--desk", "/desks/anchorage", "--role", "operator"}
	if code := run(add, cli.Streams{In: strings.NewReader(""), Out: &secret, Err: &errs}); code != cli.Good {
		t.Fatal(&errs)
	}
	token := strings.TrimSpace(secret.String())
	p := start(t, dir, "--log-level", "debug", "--log-format", "json", "--pprof", "127.0.0.1:0")
	for _, path := range []string{"/v1/summits/alaska-2025/status", "/v1/nowhere/x%0a%22level%22:%22ERROR%22"} {
		req, err := http.NewRequest(http.MethodGet, p.url+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
	}
	p.end(t, syscall.SIGTERM)
	if strings.Contains(p.log.String(), token) {
		t.Error("the log tells the token")
	}
	type line struct {
		Level, Msg, Method, Path, From, Token string
		Status                                int
		Bytes                                 int64
		Took                                  float64 `json:"took_ms"`
	}
	var requests []line
	for text := range strings.Lines(p.log.String()) {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if l.Msg == "request" {
			requests = append(requests, l)
		}
	}
	if len(requests) != 2 {
		t.Fatalf("%d requests: %s", len(requests), p.log)
	}
	slices.SortFunc(requests, func(a, b line) int { return a.Status - b.Status }) // each is logged once it is answered
	if r := requests[0]; r.Level != "DEBUG" || r.Method != http.MethodGet || r.Path != "/v1/summits/alaska-2025/status" || r.Status != 200 || r.Token != "anna" ||
		!strings.HasPrefix(r.From, "127.0.0.1:") || r.Took <= 0 || r.Bytes < 100 {
		t.Errorf("logged %+v", r)
	}
	if r := requests[1]; r.Status != 404 || r.Path != "/v1/nowhere/x\n\"level\":\"ERROR\"" {
		t.Errorf("logged %+v", r)
	}
}

func TestALevelLeavesOutWhatIsLogged(t *testing.T) {
	p := start(t, filepath.Join(t.TempDir(), "data"), "--log-level", "error")
	var a timeline
	if status := p.get(t, "/v1/summits/alaska-2025/timeline", &a); status != 200 || len(a.Items) != 25 {
		t.Errorf("status %d, %d items", status, len(a.Items))
	}
	p.end(t, syscall.SIGTERM)
	if p.log.String() != "" {
		t.Errorf("logged: %s", p.log)
	}
}

func TestProfilesAreServedToThisMachineAlone(t *testing.T) {
	p := start(t, filepath.Join(t.TempDir(), "data"), "--pprof", "127.0.0.1:0")
	if p.pprof == "" {
		t.Fatal("it does not say where profiles are")
	}
	for host, want := range map[string]int{"": http.StatusOK, "evil.example": http.StatusMisdirectedRequest} {
		req, err := http.NewRequest(http.MethodGet, p.pprof+"goroutine?debug=1", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("host %q: %d", host, res.StatusCode)
		}
	}
	res, err := http.Get(p.url + "/debug/pprof/")
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusNotFound {
		t.Errorf("profiles for all: %d", res.StatusCode)
	}
	p.end(t, syscall.SIGTERM)
}
