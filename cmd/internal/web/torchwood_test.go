package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"filippo.io/torchwood"
	sumdb "golang.org/x/mod/sumdb/note"

	"github.com/summit-timeline/summit/store/archive"
)

// A public client of C2SP tlog-tiles reads the whole log, and the archive.
func TestAPublicClientReadsTheLog(t *testing.T) {
	f := newFixture(t)
	f.alaska()
	var events []string
	for i := range 600 {
		events = append(events, numbered(i))
	}
	var results struct{ Results []Recorded }
	f.post(base+"/facts", BatchType, batch(events...)).want(http.StatusCreated).into(&results)
	s, _ := f.host.Summit("alaska-2025")
	f.must(s.Views.Wait(context.Background(), results.Results[599].Seq))
	lines := strings.Split(strings.TrimSuffix(f.get(base+"/log").body, "\n"), "\n")

	verifier, err := sumdb.NewVerifier(strings.TrimSpace(f.get(base + "/key").body))
	f.must(err)
	policy := torchwood.ThresholdPolicy(2, torchwood.OriginPolicy("host.example/summits/alaska-2025"), torchwood.SingleVerifierPolicy(verifier))
	fetcher, err := torchwood.NewTileFetcher(f.url + base)
	f.must(err)
	text, err := fetcher.ReadEndpoint(context.Background(), "checkpoint")
	f.must(err)
	head, _, err := torchwood.VerifyCheckpoint(text, policy)
	f.must(err)
	if head.N != int64(len(lines)) || head.N < 600 {
		t.Fatalf("the head has %d events, the log %d", head.N, len(lines))
	}
	client, err := torchwood.NewClient(fetcher)
	f.must(err)
	n := int64(0)
	for i, entry := range client.AllEntries(context.Background(), head.Tree, 0) {
		if i != n || string(entry) != lines[i] {
			t.Fatalf("entry %d is %s, want %s", i, entry, lines[n])
		}
		n++
	}
	f.must(client.Err())
	if n != head.N {
		t.Errorf("%d of %d entries came", n, head.N)
	}
	entry, _, err := client.Entry(context.Background(), head.Tree, 300)
	f.must(err)
	if string(entry) != lines[300] {
		t.Errorf("entry 300 is %s", entry)
	}
	file := []byte(f.get(base + "/archive").want(http.StatusOK).body)
	a, err := archive.Open(bytes.NewReader(file), int64(len(file)))
	f.must(err)
	if c, _, err := torchwood.VerifyCheckpoint(a.Note, policy); err != nil || c.Hash != head.Hash {
		t.Errorf("the archive's head is %v (%v)", c, err)
	}
}

func numbered(i int) string { return note(fmt.Sprint("many-", i), fmt.Sprint("note ", i)) }
