package main

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/store"
)

func foreignID(n int) string { return fmt.Sprintf("0198a9f2-7c1e-7000-8000-%012d", n) }

// foreignEvent is an event as a publisher of its own writes it.
func foreignEvent(id, recorded, text string) string {
	return fmt.Sprintf(`{"specversion":"1.0","id":%q,"source":"/desks/foreign","type":"note.added","subject":"note/f","recordedtime":%q,`+
		`"summit":"alaska-2025","datacontenttype":"application/json","dataschema":"/schemas/note.added/1",`+
		`"data":{"sources":[{"id":"s","name":"A reporter"}],"text":%q}}`, id, recorded, text)
}

// A message that was written into a log without a server, as recorders of older versions
// could, becomes a fact or is quarantined.
func TestWhatWasWrittenPastTheServerIsAFactOrQuarantined(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	p := start(t, dir)
	p.end(t, syscall.SIGTERM)
	const subject, now = "facts.alaska-2025.note.f", "2025-08-15T12:00:00Z"
	cases := []struct {
		name, subject, id, event, reason string
	}{
		{"valid", subject, foreignID(1), foreignEvent(foreignID(1), now, "one"), ""},
		{"valid, without a message id", subject, "", foreignEvent(foreignID(2), now, "two"), ""},
		{"again, beyond the broker's notice", subject, "", foreignEvent(foreignID(1), now, "one"), "repeated"},
		{"recorded long ago", subject, "", foreignEvent(foreignID(3), "1999-01-01T00:00:00Z", "three"), ""},
		{"the same id with other content", subject, "", foreignEvent(foreignID(1), now, "another"), "which has different content"},
		{"rubbish", subject, "", "\x00\xff rubbish", "JSON"},
		{"nothing", subject, "", "", ""},
		{"a subject that is not its own", "facts.alaska-2025.note.g", "", foreignEvent(foreignID(4), now, "four"), "was published on"},
		{"a subject of no entity", "facts.alaska-2025.x", "", foreignEvent(foreignID(5), now, "five"), "was published on"},
		{"a message id that is not its own", subject, foreignID(6), foreignEvent(foreignID(7), now, "seven"), "message id"},
		{"of another summit", subject, "", strings.Replace(foreignEvent(foreignID(8), now, "eight"), `"alaska-2025"`, `"geneva"`, 1), "belongs to summit"},
		{"without a recorded time", subject, "", strings.Replace(foreignEvent(foreignID(9), now, "nine"), `"recordedtime":"`+now+`",`, "", 1), "recordedtime"},
		{"an opening", "facts.alaska-2025.summit.alaska-2025", "", strings.NewReplacer("note.added", "summit.opened", "note/f", "summit/alaska-2025", `"sources":[{"id":"s","name":"A reporter"}],"text":"x"`, `"title":"T","zone":"UTC","parties":[]`).Replace(foreignEvent(foreignID(10), now, "x")), "already open"},
	}
	const first = 27
	(&stage{t, dir}).broker(func(js jetstream.JetStream, _ func(store.Options) *store.Logs) {
		for i, c := range cases {
			m := nats.NewMsg(c.subject)
			m.Data = []byte(c.event)
			if c.id != "" {
				m.Header.Set(jetstream.MsgIDHeader, c.id)
			}
			if ack, err := js.PublishMsg(t.Context(), m); err != nil || ack.Sequence != uint64(first+i) {
				t.Fatalf("%s: %+v, %v", c.name, ack, err)
			}
		}
	})
	p = start(t, dir)
	var after struct {
		Quarantined []struct {
			Seq    uint64
			Reason string
		}
		Items []struct{ Seq uint64 }
	}
	last := first + len(cases) - 1
	position := fmt.Sprintf("%s-%d", p.epoch(t, "alaska-2025"), last)
	if status := p.get(t, "/v1/summits/alaska-2025/timeline?order=recorded&dir=desc&limit=500&min="+position, &after); status != http.StatusOK {
		t.Fatal(status)
	}
	told, taken := map[uint64]string{}, map[uint64]bool{}
	for _, q := range after.Quarantined {
		told[q.Seq] = q.Reason
	}
	for _, item := range after.Items {
		taken[item.Seq] = true
	}
	for i, c := range cases {
		seq := uint64(first + i)
		switch fact := c.reason == "" && c.event != ""; {
		case fact != taken[seq]:
			t.Errorf("%s: taken %t", c.name, taken[seq])
		case fact || c.reason == "repeated":
			if told[seq] != "" {
				t.Errorf("%s: quarantined: %s", c.name, told[seq])
			}
		case told[seq] == "" || !strings.Contains(told[seq], c.reason):
			t.Errorf("%s: quarantined for %q", c.name, told[seq])
		}
	}
	if status, a := p.post(t, "/v1/summits/alaska-2025/facts", eventType, noteEvent("own", "the server goes on")); status != http.StatusCreated || a["seq"] != float64(last+1) {
		t.Errorf("afterwards: %d %v", status, a)
	}
}

// epoch is the first part of the positions of a summit.
func (p *process) epoch(t *testing.T, summit string) string {
	t.Helper()
	var s struct{ Position string }
	p.get(t, "/v1/summits/"+summit, &s)
	epoch, _, _ := strings.Cut(s.Position, "-")
	return epoch
}

func TestNATSIsToldToWhomItMayBeOpen(t *testing.T) {
	for _, c := range []struct {
		args string
		want string
	}{
		{"--nats-listen 0.0.0.0:0", "--nats-tls-cert"},
		{"--nats-websocket 0.0.0.0:0", "--nats-tls-cert"},
		{"--nats-tls-cert x", "must be given together"},
		{"--nats-listen off --nats-websocket 127.0.0.1:0", "--nats-listen"},
		{"--nats-listen 4222", "--nats-listen"},
	} {
		var out, errs strings.Builder
		args := append([]string{"serve", "--data", t.TempDir(), "--addr", "127.0.0.1:0"}, strings.Fields(c.args)...)
		if code := run(args, cli.Streams{In: strings.NewReader(""), Out: &out, Err: &errs}); code != cli.Misused || !strings.Contains(errs.String(), c.want) {
			t.Errorf("%s: exit %d: %s", c.args, code, errs.String())
		}
	}
}

func TestANATSReaderReplaysFromTheStart(t *testing.T) {
	p := start(t, filepath.Join(t.TempDir(), "data"))
	nc, err := nats.Connect(p.nats)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	c, err := js.OrderedConsumer(t.Context(), "SUMMIT_alaska-2025", jetstream.OrderedConsumerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	messages, err := c.Messages()
	if err != nil {
		t.Fatal(err)
	}
	defer messages.Stop()
	for want := uint64(1); want <= 27; want++ {
		if want == 27 {
			p.post(t, "/v1/summits/alaska-2025/facts", eventType, noteEvent("live", "live"))
		}
		m, err := messages.Next(jetstream.NextMaxWait(10 * time.Second))
		if err != nil {
			t.Fatal(want, err)
		}
		if meta, err := m.Metadata(); err != nil || meta.Sequence.Stream != want {
			t.Fatal(meta, err)
		}
	}
}
