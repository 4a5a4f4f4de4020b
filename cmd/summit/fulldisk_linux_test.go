package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"

	"github.com/summit-timeline/summit/events/eventstest"
)

// smallDisk is a folder on a disk of its own, which can be filled.
type smallDisk struct {
	*testing.T
	dir string
}

func newSmallDisk(t *testing.T) *smallDisk {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64m,mode=0700"); err != nil {
		eventstest.Lacking(t, fmt.Sprintf("a small disk can only be mounted as root: %v", err))
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return &smallDisk{t, dir}
}

func (d *smallDisk) ballast() string { return filepath.Join(d.dir, "ballast") }

// fill fills the disk, but for some pages.
func (d *smallDisk) fill(but int64) {
	d.Helper()
	f, err := os.Create(d.ballast())
	if err != nil {
		d.Fatal(err)
	}
	page := make([]byte, os.Getpagesize())
	for err == nil {
		_, err = f.Write(page)
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekCurrent)
	if err == nil {
		err = f.Truncate(size - but*int64(len(page)))
	}
	if err != nil {
		d.Fatal(err)
	}
}

func (d *smallDisk) free() {
	d.Helper()
	if err := os.Remove(d.ballast()); err != nil {
		d.Fatal(err)
	}
}

// crowded is a server on a small disk, and what it acknowledged.
type crowded struct {
	*smallDisk
	p     *process
	acked map[string]float64 // the sequence of each fact
}

// bigFact is larger than what is left of any page.
func bigFact() (id, event string) {
	id = uuid.NewString()
	return id, fmt.Sprintf(`{"specversion":"1.0","id":%q,"source":"/d","type":"note.added","subject":"note/%s","data":{"text":%q,"sources":[{"id":"s","name":"a desk"}]}}`,
		id, id, strings.Repeat("字", 4000))
}

// send records facts in one request. It returns false if there was no room.
func (c *crowded) send(facts map[string]string) bool {
	c.Helper()
	var list []string
	for _, event := range facts {
		list = append(list, event)
	}
	began := time.Now()
	res, err := http.Post(c.p.url+"/v1/summits/full/facts", "application/cloudevents-batch+json", strings.NewReader("["+strings.Join(list, ",")+"]"))
	if err != nil {
		c.Fatal(err)
	}
	defer res.Body.Close()
	var a struct {
		Detail  string
		Results []struct {
			ID  string
			Seq float64
		}
	}
	if err := json.NewDecoder(res.Body).Decode(&a); err != nil {
		c.Fatal(err)
	}
	if took := time.Since(began); took > 10*time.Second {
		c.Errorf("%d after %s", res.StatusCode, took)
	}
	switch res.StatusCode {
	case http.StatusCreated, http.StatusOK:
		for _, r := range a.Results {
			if before := c.acked[r.ID]; before != 0 && before != r.Seq {
				c.Errorf("%s is at %v and at %v", r.ID, before, r.Seq)
			}
			c.acked[r.ID] = r.Seq
		}
		return true
	case http.StatusInsufficientStorage:
		if res.Header.Get("Retry-After") == "" || !strings.Contains(a.Detail, syscall.ENOSPC.Error()) {
			c.Errorf("Retry-After %q, %s", res.Header.Get("Retry-After"), a.Detail)
		}
		return false
	}
	c.Fatalf("%d %s\n%s", res.StatusCode, a.Detail, c.p.log)
	return false
}

// record records facts again and again until there is room; it returns how often
// there was none.
func (c *crowded) record(facts map[string]string) (refused int) {
	c.Helper()
	eventually(c, c.p.log, "facts are taken where there is room", func() bool {
		taken := c.send(facts)
		if !taken {
			refused++
		}
		return taken
	})
	return refused
}

func bigFacts(n int) map[string]string {
	facts := map[string]string{}
	for range n {
		id, event := bigFact()
		facts[id] = event
	}
	return facts
}

// ready waits until /readyz answers with a status.
func (c *crowded) ready(want int) {
	c.Helper()
	var said map[string]any
	eventually(c, c.p.log, fmt.Sprintf("/readyz answers %d", want), func() bool { return c.p.get(c.T, "/readyz", &said) == want })
}

// listen counts the facts that a NATS client follows, and the times it came back.
func (c *crowded) listen() (facts *nats.Subscription, back chan struct{}) {
	c.Helper()
	back = make(chan struct{}, 16)
	conn, err := nats.Connect(c.p.nats, nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond), nats.ReconnectHandler(func(*nats.Conn) { back <- struct{}{} }))
	if err != nil {
		c.Fatal(err)
	}
	c.Cleanup(conn.Close)
	if facts, err = conn.SubscribeSync("facts.full.>"); err != nil {
		c.Fatal(err)
	}
	if err := conn.Flush(); err != nil {
		c.Fatal(err)
	}
	return facts, back
}

// hold holds the log against what was acknowledged: each once, at its place.
func (c *crowded) hold() {
	c.Helper()
	res, err := http.Get(c.p.url + "/v1/summits/full/log")
	if err != nil {
		c.Fatal(err)
	}
	defer res.Body.Close()
	at, lines := map[string]float64{}, json.NewDecoder(res.Body)
	for seq := 1.0; lines.More(); seq++ {
		var e struct{ ID string }
		if err := lines.Decode(&e); err != nil {
			c.Fatal(err)
		}
		if at[e.ID] != 0 {
			c.Errorf("%s is there twice", e.ID)
		}
		at[e.ID] = seq
	}
	for id, seq := range c.acked {
		if at[id] != seq {
			c.Errorf("%s was acknowledged at %v and is at %v", id, seq, at[id])
		}
	}
	if len(at) != len(c.acked)+1 {
		c.Errorf("the log has %d events, and %d were acknowledged after the first", len(at), len(c.acked))
	}
}

// A full disk freezes the log, and is reported as such. Once there is room the same
// process continues by itself. No acknowledged event is lost, and events that are sent
// again are recorded once.
func TestAFullDiskPassesWithoutARestart(t *testing.T) {
	t.Parallel()
	c := &crowded{smallDisk: newSmallDisk(t), acked: map[string]float64{}}
	c.p = start(t, c.dir)
	if status, a := c.p.post(t, "/v1/summits", "application/json", `{"id":"full","title":"Full","zone":"UTC","parties":[]}`); status != http.StatusCreated {
		t.Fatal(status, a)
	}
	followed, back := c.listen()
	for _, n := range []struct{ facts, pages int }{
		{1, 0},
		{5, 0},    // an atomic batch, which is staged on the disk first
		{40, 150}, // where it is staged, and only some of it can be stored
	} {
		c.record(bigFacts(n.facts))
		c.fill(int64(n.pages))
		facts := bigFacts(n.facts)
		if c.send(facts) {
			t.Fatal("a full disk takes facts")
		}
		c.ready(http.StatusServiceUnavailable)
		if c.send(facts) {
			t.Fatal("a full disk takes facts")
		}
		if status, a := c.p.post(t, "/v1/summits", "application/json", fmt.Sprintf(`{"id":"more-%d","title":"More","zone":"UTC","parties":[]}`, n.facts)); status != http.StatusInsufficientStorage {
			t.Error(status, a)
		}
		c.free()
		c.ready(http.StatusOK)
		c.record(facts)
	}
	if !strings.Contains(c.p.log.String(), "restarted after a write error") {
		t.Errorf("the log was never frozen\n%s", c.p.log)
	}
	select {
	case <-back:
	case <-time.After(10 * time.Second):
		t.Error("the client did not come back")
	}
	c.record(bigFacts(1))
	for { // what was recorded while the client was away is for a consumer to bring
		m, err := followed.NextMsg(10 * time.Second)
		if err != nil {
			t.Fatal("the client no longer follows", err)
		}
		if pending, _, err := followed.Pending(); err == nil && pending == 0 && len(m.Data) > 0 {
			break
		}
	}
	c.hold()
	c.p.end(t, syscall.SIGTERM)
	c.p = start(t, c.dir)
	c.ready(http.StatusOK)
	c.hold()
}
