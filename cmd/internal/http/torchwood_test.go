package httpserver_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"filippo.io/torchwood"
	sumdb "golang.org/x/mod/sumdb/note"

	"github.com/summit-timeline/summit/cmd/internal/http/api"
	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
	"github.com/summit-timeline/summit/store/archive"
)

// A public client of C2SP tlog-tiles reads the whole log, and the archive.
func TestAPublicClientReadsTheLog(t *testing.T) {
	f := newFixture(t)
	f.Alaska()
	var events []string
	for i := range 600 {
		events = append(events, numbered(i))
	}
	var results struct{ Results []api.Recorded }
	f.Post(base+"/facts", api.BatchType, servertest.Batch(events...)).Want(http.StatusCreated).Into(&results)
	s, _ := f.Registry.Summit("alaska-2025")
	f.Must(s.Views.Wait(context.Background(), results.Results[599].Seq))
	lines := strings.Split(strings.TrimSuffix(f.Get(base+"/log").Body, "\n"), "\n")

	verifier, err := sumdb.NewVerifier(strings.TrimSpace(f.Get(base + "/key").Body))
	f.Must(err)
	policy := torchwood.ThresholdPolicy(2, torchwood.OriginPolicy("host.example/summits/alaska-2025"), torchwood.SingleVerifierPolicy(verifier))
	fetcher, err := torchwood.NewTileFetcher(f.URL + base)
	f.Must(err)
	text, err := fetcher.ReadEndpoint(context.Background(), "checkpoint")
	f.Must(err)
	head, _, err := torchwood.VerifyCheckpoint(text, policy)
	f.Must(err)
	if head.N != int64(len(lines)) || head.N < 600 {
		t.Fatalf("the head has %d events, the log %d", head.N, len(lines))
	}
	client, err := torchwood.NewClient(fetcher)
	f.Must(err)
	n := int64(0)
	for i, entry := range client.AllEntries(context.Background(), head.Tree, 0) {
		if i != n || string(entry) != lines[i] {
			t.Fatalf("entry %d is %s, want %s", i, entry, lines[n])
		}
		n++
	}
	f.Must(client.Err())
	if n != head.N {
		t.Errorf("%d of %d entries came", n, head.N)
	}
	entry, _, err := client.Entry(context.Background(), head.Tree, 300)
	f.Must(err)
	if string(entry) != lines[300] {
		t.Errorf("entry 300 is %s", entry)
	}
	file := []byte(f.Get(base + "/archive").Want(http.StatusOK).Body)
	a, err := archive.Open(bytes.NewReader(file), int64(len(file)))
	f.Must(err)
	if c, _, err := torchwood.VerifyCheckpoint(a.Note, policy); err != nil || c.Hash != head.Hash {
		t.Errorf("the archive's head is %v (%v)", c, err)
	}
}

func numbered(i int) string { return servertest.Note(fmt.Sprint("many-", i), fmt.Sprint("note ", i)) }
