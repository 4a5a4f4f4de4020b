package main

import (
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/uuid"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/store/logtest"
)

// From the server inside to a cluster of three: the archive of the one is
// restored into the other, and a replica there serves the same history.
func TestALogMovesToAClusterByteForByte(t *testing.T) {
	dir, secret := t.TempDir(), uuid.NewString()
	c, err := logtest.StartCluster(filepath.Join(dir, "nats"), 3, secret)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.Shutdown(); err != nil {
			t.Error(err)
		}
	}()
	at, err := url.Parse(strings.Split(c.URL(), ",")[0])
	if err != nil {
		t.Fatal(err)
	}
	at.User = url.UserPassword("summit", secret)
	from := start(t, filepath.Join(dir, "inside"), "--name", "moved.example")
	file := filepath.Join(dir, "alaska.summit")
	must := func(args ...string) string {
		t.Helper()
		var out strings.Builder
		var errs strings.Builder
		if code := run(args, cli.Streams{Out: &out, Err: &errs}); code != cli.Good {
			t.Fatalf("%v: exit %d: %s", args, code, errs.String())
		}
		return out.String()
	}
	must("export", "alaska-2025", "-o", file, "--server", from.url)
	must("restore", file, "--nats", at.String(), "--replicas", "3", "--data", filepath.Join(dir, "unused"))
	if code := run([]string{"restore", file, "--nats", at.String(), "--replicas", "3"}, cli.Streams{Out: io.Discard, Err: io.Discard}); code != cli.Bad {
		t.Errorf("restored over a log that is there: exit %d", code)
	}
	to := startWith(t, "--addr", "127.0.0.1:0", "--data", filepath.Join(dir, "replica"), "--nats", at.String(), "--replicas", "3", "--key", filepath.Join(dir, "inside", "key"))
	for _, path := range []string{"/log", "/timeline?order=recorded&limit=500", "/checkpoint", "/digests"} {
		before, after := text(t, from.url+"/v1/summits/alaska-2025"+path), text(t, to.url+"/v1/summits/alaska-2025"+path)
		if before != after || before == "" {
			t.Errorf("%s is another:\n%.300s\n%.300s", path, before, after)
		}
	}
	must("audit", "alaska-2025", "--server", to.url)
	to.end(t, syscall.SIGTERM)
	from.end(t, syscall.SIGTERM)
}

// text is the body of an answer that must be good.
func text(t *testing.T, url string) string {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK {
		t.Errorf("%s: %s: %.300s", url, res.Status, b)
	}
	return string(b)
}
