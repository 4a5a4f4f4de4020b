package httpserver_test

import (
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store/archive"
)

// An archive contains the messages of foreign publishers as they were stored, so that
// the views folded from it equal those that were served.
func TestForeignEventsAreArchivedAsTheyStood(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.Alaska()
	js, err := jetstream.New(f.NATS)
	f.Must(err)
	own := f.Record("alaska-2025", servertest.Note("a", "a"))
	lines := strings.Split(strings.TrimSuffix(f.Get(base+"/log").Body, "\n"), "\n")
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
		f.Must(err)
		last = ack.Sequence
	}
	s, _ := f.Registry.Summit("alaska-2025")
	f.Must(s.Views.Wait(context.Background(), last))
	file := f.Get(base + "/archive").Want(http.StatusOK).Body
	a, err := archive.Open(strings.NewReader(file), int64(len(file)))
	f.Must(err)
	report, err := a.Verify(context.Background(), archive.Options{Key: f.Notary.Key()})
	f.Must(err)
	if report.Count != 4 || a.Manifest.Envelopes != 5 || report.Size != int64(last) {
		t.Errorf("%+v, %d envelopes", report, a.Manifest.Envelopes)
	}
	path := filepath.Join(t.TempDir(), "views.db")
	f.Must(projections.Build(context.Background(), path, a.Log(), last, func(uint64) {}))
	e, err := projections.Open(path, a.Log(), projections.Options{NoSync: true})
	f.Must(err)
	defer func() { f.Must(e.Close()) }()
	_, _, tables, err := e.Digests(context.Background())
	f.Must(err)
	for i, table := range a.Manifest.Views.Tables {
		if tables[i].Table != table.Name || tables[i].Sum != table.Sum || tables[i].Rows != table.Rows {
			t.Errorf("the table %s is another", table.Name)
		}
	}
}
