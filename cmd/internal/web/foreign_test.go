package web

import (
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store/archive"
)

// What foreign publishers left in the log is in the archive as it stood: the
// views that are folded from it are the ones that were served.
func TestForeignEventsAreArchivedAsTheyStood(t *testing.T) {
	f := newFixture(t)
	f.alaska()
	js, err := jetstream.New(f.nats)
	f.must(err)
	own := f.record("alaska-2025", note("a", "a"))
	lines := strings.Split(strings.TrimSuffix(f.get(base+"/log").body, "\n"), "\n")
	raw := lines[own.Seq-1]
	last := own.Seq
	for _, m := range []struct{ subject, id, body string }{
		{"facts.alaska-2025.note.elsewhere", "", raw},
		{"facts.alaska-2025.note.a", "another", raw},
		{"facts.alaska-2025.note.a", "", raw},
		{"facts.alaska-2025.x", "m", "{no event"},
		{"facts.alaska-2025.y", "", ""},
	} {
		msg := nats.NewMsg(m.subject)
		msg.Data = []byte(m.body)
		if m.id != "" {
			msg.Header.Set(jetstream.MsgIDHeader, m.id)
		}
		ack, err := js.PublishMsg(context.Background(), msg)
		f.must(err)
		last = ack.Sequence
	}
	s, _ := f.host.Summit("alaska-2025")
	f.must(s.Views.Wait(context.Background(), last))
	file := f.get(base + "/archive").want(http.StatusOK).body
	a, err := archive.Open(strings.NewReader(file), int64(len(file)))
	f.must(err)
	report, err := a.Verify(context.Background(), archive.Options{Key: f.notary.Key()})
	f.must(err)
	if report.Count != 4 || a.Manifest.Envelopes != 5 || report.Size != int64(last) {
		t.Errorf("%+v, %d envelopes", report, a.Manifest.Envelopes)
	}
	path := filepath.Join(t.TempDir(), "views.db")
	f.must(projections.Build(context.Background(), path, a.Log(), last, func(uint64) {}))
	e, err := projections.Open(path, a.Log(), projections.Options{NoSync: true})
	f.must(err)
	defer func() { f.must(e.Close()) }()
	_, _, tables, err := e.Digests(context.Background())
	f.must(err)
	for i, table := range a.Manifest.Views.Tables {
		if tables[i].Table != table.Name || tables[i].Sum != table.Sum || tables[i].Rows != table.Rows {
			t.Errorf("the table %s is another", table.Name)
		}
	}
}
