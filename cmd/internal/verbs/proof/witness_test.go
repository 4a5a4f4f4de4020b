package proof

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/cli/clitest"
	"github.com/summit-timeline/summit/store/merkle"
)

// signs serves the heads of a log, and proofs between them.
type signs struct {
	*httptest.Server
	t    *testing.T
	log  *keptLog
	size int
}

func newSigns(t *testing.T, log *keptLog, size int) *signs {
	s := &signs{t: t, log: log, size: size}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *signs) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, text, tiles := s.log.head(s.size)
	switch r.URL.Path {
	case "/v1/summits/geneva/checkpoint":
		_, _ = w.Write(text)
	case "/v1/summits/geneva/proof/consistency":
		from, _ := strconv.ParseInt(r.FormValue("from"), 10, 64)
		to, _ := strconv.ParseInt(r.FormValue("to"), 10, 64)
		hashes, err := merkle.ProveConsistency(tiles, from, to)
		if err != nil {
			s.t.Error(err)
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"hashes": hashes})
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// A witness cosigns each head that continues the last, remembers it between runs, and
// refuses one that does not.
func TestAWitnessCosignsWhatContinues(t *testing.T) {
	log := newLog(t, 1, 60)
	s := newSigns(t, log, 20)
	key := filepath.Join(t.TempDir(), "witness.key")
	if r := clitest.Run(t, Keygen(), "", "--witness", "--name", "witness.example", "-o", key); r.Code != cli.Good {
		t.Fatal(r.Err)
	}
	state := t.TempDir()
	look := func(args ...string) clitest.Ran {
		return clitest.Run(t, Witness(), "", append([]string{"geneva", "--once", "--log-key", log.vkey, "--key", key, "--state", state, "--server", s.URL}, args...)...)
	}
	for _, size := range []int{20, 20, 33, 60} {
		s.size = size
		r := look()
		if r.Code != cli.Good || !strings.HasPrefix(r.Out, fmt.Sprintf("%s\n%d\n", origin, size)) || strings.Count(r.Out, "\n— ") != 2 || !strings.Contains(r.Out, "— witness.example ") {
			t.Fatalf("%d: exit %d, %s%s", size, r.Code, r.Out, r.Err)
		}
	}
	s.size = 33
	if r := look(); r.Code != cli.Bad {
		t.Errorf("a head of before: exit %d, %s%s", r.Code, r.Out, r.Err)
	}
	fork := newLog(t, 1, 60)
	fork.records[40].Raw = append(fork.records[40].Raw, ' ')
	s.log, s.size = fork, 60
	if r := look(); r.Code != cli.Bad || !strings.Contains(r.Err, "two heads of 60") {
		t.Errorf("another head of that size: exit %d, %s%s", r.Code, r.Out, r.Err)
	}
	s.log, s.size = newLog(t, 2, 60), 60
	if r := look(); r.Code != cli.Bad || r.Out != "" {
		t.Errorf("signed by somebody else: exit %d, %s%s", r.Code, r.Out, r.Err)
	}
	for want, args := range map[string][]string{
		"--log-key": {"--log-key", "server.pub"}, "--key": {"--key", key + ".away"}, "--addr": {"--once=false", "--addr", "0.0.0.0:0"},
	} {
		if r := look(args...); r.Code == cli.Good || !strings.Contains(r.Err, want) {
			t.Errorf("%q: exit %d, %s%s", args, r.Code, r.Out, r.Err)
		}
	}
	s.Close()
	if r := look(); r.Code != cli.Unreachable {
		t.Errorf("away: exit %d, %s", r.Code, r.Err)
	}
	if left, err := os.ReadDir(state); err != nil || len(left) == 0 {
		t.Errorf("nothing is remembered: %v", err)
	}
}

// A witness that follows ends only when it sees a split view.
func TestAWitnessThatFollowsEndsWithASplitView(t *testing.T) {
	log := newLog(t, 1, 30)
	fork := newLog(t, 1, 30)
	fork.records[5].Raw = append(fork.records[5].Raw, ' ')
	asked := 0
	var s *signs
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch asked++; {
		case asked == 2, asked == 3:
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		case asked > 4:
			s.log = fork
		}
		s.ServeHTTP(w, r)
	}))
	defer server.Close()
	s = newSigns(t, log, 30)
	key := filepath.Join(t.TempDir(), "witness.key")
	if r := clitest.Run(t, Keygen(), "", "--witness", "--name", "witness.example", "-o", key); r.Code != cli.Good {
		t.Fatal(r.Err)
	}
	r := clitest.Run(t, Witness(), "", "geneva", "--every", "1ms", "--log-key", log.vkey, "--key", key, "--state", t.TempDir(), "--server", server.URL)
	if r.Code != cli.Bad || strings.Count(r.Out, "\n30\n") != 1 || strings.Count(r.Err, "503") != 1 || !strings.Contains(r.Err, "two heads of 30") {
		t.Errorf("exit %d after %d\n%s%s", r.Code, asked, r.Out, r.Err)
	}
}

func TestTheSizeThatAHeadClaims(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64().Draw(t, "size")
		if got, ok := ClaimedSize(fmt.Appendf(nil, "%s\n%d\nroot\n", rapid.StringMatching(`[a-z./]*`).Draw(t, "origin"), n)); !ok || got != n {
			t.Fatalf("%d is %d, %v", n, got, ok)
		}
		_, _ = ClaimedSize(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")) // it panics at nothing
	})
	for _, text := range []string{"", "a", "a\n1", "a\none\n", "a\n\n1\n", "a\n99999999999999999999\n"} {
		if n, ok := ClaimedSize([]byte(text)); ok {
			t.Errorf("%q claims %d", text, n)
		}
	}
}
