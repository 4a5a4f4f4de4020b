package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/logtest"
)

// gappy is a log of some events that an operator has made with a stream of its own, and from
// which one was deleted; 0 is none.
func gappy(t *testing.T, n, missing uint64) *store.Log {
	t.Helper()
	conn, err := alone(t).Connect("operator")
	must(t, err)
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	must(t, err)
	stream, err := js.CreateStream(context10(t), jetstream.StreamConfig{Name: "SUMMIT_gappy", Subjects: []string{"facts.gappy.>"}, AllowDirect: true})
	must(t, err)
	publish := func(e events.Event) {
		raw, err := events.Encode(e)
		if err == nil {
			_, err = js.PublishMsg(context10(t), &nats.Msg{Subject: store.Subject(e), Data: raw})
		}
		must(t, err)
	}
	publish(logtest.Opened("gappy"))
	for i := range n - 1 {
		publish(logtest.Note("gappy", int(i)))
	}
	if missing > 0 {
		must(t, stream.SecureDeleteMsg(context10(t), missing))
	}
	logs, err := store.Open(store.Conns{Append: conn, Read: conn}, store.Options{})
	must(t, err)
	log, err := logs.Attach(context10(t), "gappy")
	must(t, err)
	return log
}

// told is what a reading gave: the events, and the gap at which it ended.
func told(t *testing.T, log *store.Log, from, to uint64) (list []string) {
	t.Helper()
	for rec, err := range log.Read(context10(t), from, to) {
		var gap *store.GapError
		switch {
		case errors.As(err, &gap):
			return append(list, fmt.Sprint("a gap at ", gap.Want))
		case err != nil:
			t.Fatalf("%d to %d: %v", from, to, err)
		}
		list = append(list, fmt.Sprint(rec.Seq, " ", rec.Event.ID))
	}
	return list
}

// A few events are read one by one and many with a consumer: it gives the same.
func TestFewEventsAreReadAsManyAre(t *testing.T) {
	const length = 24
	for _, missing := range []uint64{0, 2, 9, length - 1} {
		log := gappy(t, length, missing)
		whole := told(t, log, 1, 0)
		if missing == 0 && len(whole) != length {
			t.Fatalf("%d events, want %d", len(whole), length)
		}
		for from := uint64(1); from <= length; from++ {
			for to := from; to <= min(from+10, length); to++ {
				if missing != 0 && from > missing {
					continue // the whole says nothing of what comes after the gap
				}
				want := whole[from-1 : min(int(to), len(whole))]
				if got := told(t, log, from, to); !slices.Equal(got, want) {
					t.Fatalf("without %d, %d to %d: %v, want %v", missing, from, to, got, want)
				}
			}
		}
		if missing == 0 {
			continue
		}
		if got := told(t, log, missing+1, missing+1); len(got) != min(1, int(length-missing)) {
			t.Errorf("after the gap at %d: %v", missing, got)
		}
	}
}

// A reader that has had enough ends a reading of a few events, too.
func TestAReadingOfAFewEventsEndsWhereItsReaderEnds(t *testing.T) {
	log := gappy(t, 6, 0)
	for most := 1; most <= 6; most++ {
		read := 0
		for rec, err := range log.Read(context10(t), 1, 6) {
			if err != nil {
				t.Fatal(err)
			}
			if read++; int(rec.Seq) != read {
				t.Fatalf("event %d came as number %d", rec.Seq, read)
			}
			if read == most {
				break
			}
		}
		if read != most {
			t.Errorf("%d events were read, want %d", read, most)
		}
	}
}

// What was asked for past the end of a log is not waited for, and nothing is read of an empty
// range.
func TestAReadingEndsAtTheEndOfTheLog(t *testing.T) {
	log := gappy(t, 5, 0)
	for _, c := range []struct {
		from, to uint64
		want     int
	}{{4, 9, 2}, {5, 0, 1}, {6, 0, 0}, {9, 12, 0}, {3, 2, 0}, {0, 1, 1}} {
		if got := told(t, log, c.from, c.to); len(got) != c.want {
			t.Errorf("%d to %d: %v, want %d events", c.from, c.to, got, c.want)
		}
	}
}
