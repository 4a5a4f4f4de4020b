package intake

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/summit-timeline/summit/events/eventstest"
	"github.com/summit-timeline/summit/store/embedded"
)

// listening is an intake on a server in this process, with a client that publishes.
func listening(t *testing.T, handler http.HandlerFunc) (*Intake, *nats.Conn) {
	t.Helper()
	s, err := embedded.Start(embedded.Options{Dir: filepath.Join(t.TempDir(), "nats"), Secret: "test", Interval: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Shutdown(); err != nil {
			t.Error(err)
		}
	})
	conns := make([]*nats.Conn, 2)
	for i := range conns {
		if conns[i], err = s.Connect("test", nats.CustomInboxPrefix("_INBOX")); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(conns[i].Close)
	}
	n := New(slog.New(slog.DiscardHandler))
	if err := n.Open(conns[0], handler); err != nil {
		t.Fatal(err)
	}
	return n, conns[1]
}

func taken(w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(r.Body)
	if err != nil || strings.Contains(string(b), "bad") {
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = io.WriteString(w, `{"detail":"it is bad"}`)
		return
	}
	w.Header().Set("Summit-Position", "3f9a1c20-8")
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, `{"seq":8,"outcome":"created"}`)
}

// A request is answered with what HTTP would say. A message without a reply subject is
// only counted. An answer that would be written into a log is not sent.
func TestEventsAreAnsweredAndCounted(t *testing.T) {
	n, client := listening(t, taken)
	m, err := client.Request("record.geneva.note.n", []byte(event), time.Minute)
	var a ack
	if err != nil || json.Unmarshal(m.Data, &a) != nil || a.Seq != 8 || a.Error != nil || m.Header.Get("Summit-Position") != "3f9a1c20-8" {
		t.Fatalf("%v, %+v", err, a)
	}
	if m, err = client.Request("record.geneva.note.n", []byte(`{"id":"bad","subject":"note/n"}`), time.Minute); err != nil || json.Unmarshal(m.Data, &a) != nil || a.Error == nil || a.Error.Code != 422 || a.Error.Description != "it is bad" {
		t.Errorf("%v, %s", err, m.Data)
	}
	overheard, err := client.SubscribeSync("facts.>")
	if err != nil {
		t.Fatal(err)
	}
	for _, reply := range []string{"", "facts.geneva.note.n"} {
		if err := client.PublishMsg(&nats.Msg{Subject: "record.geneva.note.n", Reply: reply, Data: []byte(event)}); err != nil {
			t.Fatal(err)
		}
	}
	figures := prometheus.NewRegistry()
	figures.MustRegister(n.Figures())
	counted := func(status string) (count float64) {
		families, err := figures.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			for _, m := range f.GetMetric() {
				if f.GetName() == "summit_nats_records_total" && m.GetLabel()[0].GetValue() == status {
					count = m.GetCounter().GetValue()
				}
			}
		}
		return count
	}
	eventstest.Eventually(t, "count four events", func() bool { return counted("201") == 3 && counted("422") == 1 })
	n.Close(t.Context()) // all that is answered has been sent
	if err := client.Flush(); err != nil {
		t.Fatal(err)
	}
	if pending, _, err := overheard.Pending(); pending != 0 || err != nil {
		t.Errorf("%d answers went into the log, %v", pending, err)
	}
}

// Close answers what was taken before, and nothing is taken after it.
func TestWhatWasTakenIsAnsweredAtTheEnd(t *testing.T) {
	under, goOn := make(chan struct{}, 8), make(chan struct{})
	n, client := listening(t, func(w http.ResponseWriter, r *http.Request) {
		under <- struct{}{}
		<-goOn
		taken(w, r)
	})
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			if m, err := client.Request("record.geneva.note.n", []byte(event), time.Minute); err != nil || !strings.Contains(string(m.Data), `"seq":8`) {
				t.Errorf("%v", err)
			}
		})
	}
	for range 3 {
		<-under
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	n.Close(gone) // who cannot wait does not
	close(goOn)
	all.Wait()
	n.Close(t.Context())
	if _, err := client.Request("record.geneva.note.n", []byte(event), time.Minute); !errors.Is(err, nats.ErrNoResponders) {
		t.Errorf("after the end: %v", err)
	}
	New(slog.New(slog.DiscardHandler)).Close(t.Context()) // one that was never opened
}
