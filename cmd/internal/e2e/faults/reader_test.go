//go:build linux

package faults

import (
	"context"
	"os"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// dial connects as anybody may.
func (c *cluster) dial() *nats.Conn {
	c.Helper()
	conn, err := nats.Connect(c.url(), nats.CustomInboxPrefix("_INBOX_READER"))
	if err != nil {
		c.Fatal(err)
	}
	return conn
}

// TestAReaderOfAClusterWritesNothing holds the configuration that is shipped:
// whoever connects to it without a name follows facts and reads the logs, and
// no answer that he has sent to the subject of a fact becomes one.
func TestAReaderOfAClusterWritesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a cluster: left out by -short")
	}
	if err := (fault{on: clustered}).lacks(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	h := newSite(t, clustered)
	x := begin(h, "read")
	must := x.must
	conn := h.cluster.dial()
	defer conn.Close()
	followed, err := conn.SubscribeSync("facts.>")
	must(err)
	must(conn.Flush())
	_, err = x.s.verb(t.Context(), "record", "read", "--type", "note.added", "--entity", "note/a", "--data", `{"text":"a","sources":[{"id":"s","name":"a desk"}]}`)
	must(err)
	fact, err := followed.NextMsg(patience)
	must(err)
	js, err := jetstream.New(conn)
	must(err)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	log, err := js.Stream(ctx, "SUMMIT_read")
	must(err)
	if kept, err := log.GetMsg(ctx, 2); err != nil || string(kept.Data) != string(fact.Data) {
		t.Errorf("a reader reads %v (%v), and followed %s", kept, err, fact.Data)
	}
	for _, question := range []string{"STREAM.INFO.SUMMIT_read", "STREAM.NAMES", "INFO", "DIRECT.GET.SUMMIT_read"} {
		must(conn.PublishRequest("$JS.API."+question, "facts.read.note.b", []byte(`{"seq":1}`)))
	}
	must(conn.Publish("facts.read.note.c", []byte("{}")))
	must(conn.Flush())
	_, err = x.s.verb(ctx, "record", "read", "--type", "note.added", "--entity", "note/d", "--data", `{"text":"d","sources":[{"id":"s","name":"a desk"}]}`)
	must(err)
	if info, err := log.Info(ctx); err != nil || info.State.LastSeq != 3 {
		t.Errorf("a reader wrote into the log: %+v (%v)", info, err)
	}
}
