package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/verbs/proof"
	"github.com/summit-timeline/summit/events/eventstest"
)

// drill is a restore drill: a server that is written to all the while is backed
// up, killed, and put back from the backup alone.
type drill struct {
	*testing.T
	dir    string
	server *process

	mu       sync.Mutex
	acked    map[string]uint64 // acknowledged facts and their sequences
	writing  sync.WaitGroup
	finished chan struct{}
}

const drilled = "drill"

// write records notes until the server is gone.
func (d *drill) write(writer int) {
	for n := 0; ; n++ {
		select {
		case <-d.finished:
			return
		default:
		}
		res, err := http.Post(d.server.url+"/v1/summits/"+drilled+"/facts", eventType, strings.NewReader(noteEvent(fmt.Sprint("w", writer), fmt.Sprint("fact ", n))))
		if err != nil {
			return // it was killed
		}
		var a struct {
			ID  string
			Seq uint64
		}
		err = json.NewDecoder(res.Body).Decode(&a)
		_ = res.Body.Close() // it was read
		if err != nil || res.StatusCode != http.StatusCreated {
			return
		}
		d.mu.Lock()
		d.acked[a.ID] = a.Seq
		d.mu.Unlock()
	}
}

// wrote waits until so many facts are acknowledged.
func (d *drill) wrote(n int) {
	d.Helper()
	eventstest.Eventually(d.T, fmt.Sprint(n, " facts"), func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		return len(d.acked) >= n
	})
}

// do runs a verb that must be good.
func (d *drill) do(args ...string) string {
	d.Helper()
	var out, errs bytes.Buffer
	if code := run(args, cli.Streams{Out: &out, Err: &errs}); code != cli.Good {
		d.Fatalf("%v: exit %d: %s%s", args, code, out.String(), errs.String())
	}
	return out.String()
}

func TestTheRestoreDrill(t *testing.T) {
	t.Parallel()
	d := &drill{T: t, dir: t.TempDir(), acked: map[string]uint64{}, finished: make(chan struct{})}
	data, backup, restored := filepath.Join(d.dir, "data"), filepath.Join(d.dir, "backup"), filepath.Join(d.dir, "restored")
	d.server = start(t, data, "--name", "drill.example")
	if status, a := d.server.post(t, "/v1/summits", "application/json", `{"id":"drill","title":"Drill","zone":"UTC","parties":[]}`); status != http.StatusCreated {
		t.Fatal(status, a)
	}
	for w := range 4 {
		d.writing.Go(func() { d.write(w) })
	}
	d.wrote(1200)
	d.backUp(data, backup)
	archived := archivedIn(t, filepath.Join(backup, "drill.summit"))
	size := uint64(archived.size)
	bytesBefore := text(t, d.server.url+fmt.Sprintf("/v1/summits/drill/log?to=%d", size))
	headBefore := text(t, d.server.url+fmt.Sprintf("/v1/summits/drill/checkpoint?size=%d", size))
	d.wrote(int(size) + 50) // what the backup does not have
	d.server.end(t, syscall.SIGKILL)
	close(d.finished)
	d.writing.Wait()

	d.do("restore", filepath.Join(backup, "drill.summit"), "--data", restored, "--key", filepath.Join(backup, "server.pub"))
	copyTo(t, filepath.Join(backup, "key"), filepath.Join(restored, "key"))
	d.server = start(t, restored, "--snapshot-from", backup)
	if began := d.server.settled(t, drilled, size); began == 0 || began >= size {
		t.Errorf("it began at %d of %d: not from the snapshot", began, size)
	}
	if after := text(t, d.server.url+"/v1/summits/drill/log"); after != bytesBefore {
		t.Errorf("the log has %d bytes instead of %d, or others", len(after), len(bytesBefore))
	}
	if after := text(t, d.server.url+fmt.Sprintf("/v1/summits/drill/checkpoint?size=%d", size)); after != headBefore {
		t.Errorf("another head:\n%s\n%s", headBefore, after)
	}
	if after := digestsOf(t, d.server.url); after != archived.digests {
		t.Errorf("the views come to\n%s\nand the archive says\n%s", after, archived.digests)
	}
	d.sameFacts(size)
	status, a := d.server.post(t, "/v1/summits/drill/facts", eventType, noteEvent("w", "and it goes on"))
	if status != http.StatusCreated || a["seq"] != float64(size+1) {
		t.Errorf("it does not go on: %d %v", status, a)
	}
	d.do("audit", drilled, "--server", d.server.url, "--key", filepath.Join(backup, "server.pub"))
	d.server.end(t, syscall.SIGTERM)
}

// backUp takes what a restore needs, in the order in which it has to be taken:
// the log must reach what the views have seen.
func (d *drill) backUp(data, into string) {
	d.Helper()
	if err := os.Mkdir(into, 0o700); err != nil {
		d.Fatal(err)
	}
	pub := filepath.Join(into, "server.pub")
	if err := os.WriteFile(pub, []byte(text(d.T, d.server.url+"/v1/key")), 0o600); err != nil {
		d.Fatal(err)
	}
	copyTo(d.T, filepath.Join(data, "key"), filepath.Join(into, "key"))
	d.do("snapshot", drilled, "-o", filepath.Join(into, "drill.snapshot"), "--server", d.server.url, "--key", pub)
	d.mu.Lock()
	n := len(d.acked)
	d.mu.Unlock()
	d.wrote(n + 50) // the writers go on between the two
	d.do("export", drilled, "-o", filepath.Join(into, "drill.summit"), "--server", d.server.url)
}

// sameFacts asks for each fact that was acknowledged and is in the backup.
func (d *drill) sameFacts(size uint64) {
	d.Helper()
	kept := 0
	for id, seq := range d.acked {
		if seq > size {
			continue
		}
		kept++
		var item struct{ Seq uint64 }
		if status := d.server.get(d.T, "/v1/summits/drill/facts/"+id, &item); status != http.StatusOK || item.Seq != seq {
			d.Fatalf("the fact %s of %d is at %d: %d", id, seq, item.Seq, status)
		}
	}
	if kept < 1200 {
		d.Errorf("%d facts were in the backup", kept)
	}
}

// inArchive is what an archive says of itself.
type inArchive struct {
	size    int64
	digests string
}

func archivedIn(t *testing.T, path string) inArchive {
	t.Helper()
	f, a, err := proof.OpenArchive(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in := inArchive{size: a.Checkpoint.Size}
	for _, table := range a.Manifest.Views.Tables {
		in.digests += fmt.Sprintf("%s %d %s\n", table.Name, table.Rows, hex.EncodeToString(table.Sum[:]))
	}
	return in
}

func digestsOf(t *testing.T, server string) (list string) {
	t.Helper()
	var d struct {
		Tables []struct {
			Table, SHA256 string
			Rows          int
		}
	}
	if err := json.Unmarshal([]byte(text(t, server+"/v1/summits/drill/digests")), &d); err != nil {
		t.Fatal(err)
	}
	for _, table := range d.Tables {
		list += fmt.Sprintf("%s %d %s\n", table.Table, table.Rows, table.SHA256)
	}
	return list
}

// settled waits until a summit is served up to a sequence and the server is
// ready, and gives where its views began.
func (p *process) settled(t *testing.T, summit string, seq uint64) (began uint64) {
	t.Helper()
	eventstest.Eventually(t, fmt.Sprint("position ", seq), func() bool {
		var ready struct {
			Summits map[string]struct {
				Position string
				Began    uint64
			}
		}
		status := p.get(t, "/readyz", &ready)
		began = ready.Summits[summit].Began
		return status == http.StatusOK && strings.HasSuffix(ready.Summits[summit].Position, fmt.Sprint("-", seq))
	})
	return began
}

func copyTo(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
