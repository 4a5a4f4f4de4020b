package events_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/eventstest"
)

const (
	oddID    = "0198a9f2-7c1e-7000-8000-000000000001"
	oddStamp = "2025-08-15T06:40:12.345Z"
)

func TestOddInstants(t *testing.T) {
	for _, odd := range eventstest.OddInstants() {
		got, err := events.ParseInstant(odd.Text)
		if (err == nil) != odd.Taken() {
			t.Errorf("%s: %q: taken %t, want %t (%v)", odd.Name, odd.Text, err == nil, odd.Taken(), err)
			continue
		}
		if err != nil {
			continue
		}
		if canonical := (events.Instant{Time: got.UTC()}).Canonical(); canonical != odd.Instant {
			t.Errorf("%s: %q is %s, want %s", odd.Name, odd.Text, canonical, odd.Instant)
		}
		if got.String() != odd.Text {
			t.Errorf("%s: %q is written %q", odd.Name, odd.Text, got)
		}
	}
}

// Every member of every type that holds an instant takes the same texts, and
// what it takes is written as it was given.
func TestOddInstantsInEveryMember(t *testing.T) {
	for _, m := range eventstest.TimeMembers() {
		for _, odd := range eventstest.OddInstants() {
			raw := m.Event(eventstest.Settled{Summit: "geneva", ID: oddID, Recorded: oddStamp}, odd.Text)
			e, err := events.Decode(raw)
			if !odd.Taken() {
				namesTheMember(t, m, odd, err)
				continue
			}
			if err != nil {
				t.Errorf("%s: %q is refused: %v", m, odd.Text, err)
				continue
			}
			out, err := events.Encode(e)
			if err != nil {
				t.Errorf("%s: %q cannot be written: %v", m, odd.Text, err)
				continue
			}
			if !strings.Contains(string(out), `"`+odd.Text+`"`) {
				t.Errorf("%s: %q is lost in %s", m, odd.Text, out)
			}
			if again, err := events.Decode(out); err != nil {
				t.Errorf("%s: %q cannot be read again: %v", m, odd.Text, err)
			} else if same, err := events.Same(e, again); !same || err != nil {
				t.Errorf("%s: %q is another when read again: %v", m, odd.Text, err)
			}
		}
	}
}

func namesTheMember(t *testing.T, m eventstest.Member, odd eventstest.OddInstant, err error) {
	t.Helper()
	var faults events.Faults
	if !errors.As(err, &faults) || faults[0].Pointer != m.Pointer {
		t.Errorf("%s: %q (%s) must be a fault at %s, not %v", m, odd.Text, odd.Name, m.Pointer, err)
	}
}

func TestEveryMemberHasAnEvent(t *testing.T) {
	members := eventstest.TimeMembers()
	if len(members) < 6*(len(events.Types())-2) { // two are made by servers alone
		t.Errorf("only %d members", len(members))
	}
	for _, m := range members {
		if _, err := events.Submit(m.Event(eventstest.Settled{Summit: "geneva"}, "2025-08-15T10:30:00Z"), "geneva"); err != nil {
			t.Errorf("%s: %v", m, err)
		}
	}
}

// Whatever text is made of the signs of a date-time: what is taken is written
// as it was given and read as the same instant.
func TestWhatIsTakenIsWritten(t *testing.T) {
	piece := func(strict, loose string) *rapid.Generator[string] {
		return rapid.OneOf(rapid.StringMatching(strict), rapid.StringMatching(strict), rapid.StringMatching(loose))
	}
	rapid.Check(t, func(t *rapid.T) {
		text := piece(`(1[89]|20|21)[0-9]{2}`, `[-+]?[0-9]{3,5}`).Draw(t, "year") + "-" +
			piece(`0[1-9]|1[0-2]`, `[0-9]{1,2}`).Draw(t, "month") + "-" + piece(`0[1-9]|[12][0-9]|3[01]`, `[0-9]{1,2}`).Draw(t, "day") +
			piece(`T`, `[Tt ]`).Draw(t, "T") + piece(`[01][0-9]|2[0-3]`, `[0-9]{1,2}`).Draw(t, "hour") + ":" +
			piece(`[0-5][0-9]`, `[0-9]{1,2}`).Draw(t, "minute") + ":" + piece(`[0-5][0-9]|60`, `[0-9]{1,2}`).Draw(t, "second") +
			piece(`(\.[0-9]{1,12})?`, `[.,]?[0-9]{0,3}`).Draw(t, "fraction") + piece(`Z|[-+][01][0-9]:[0-5][0-9]`, `[Zz]?|[-+][0-9]{1,2}:?[0-9]{0,2}`).Draw(t, "zone")
		i, err := events.ParseInstant(text)
		if err != nil {
			return
		}
		b, err := json.Marshal(i)
		if err != nil || string(b) != `"`+text+`"` {
			t.Fatalf("%q is written %s: %v", text, b, err)
		}
		var back events.Instant
		if err := json.Unmarshal(b, &back); err != nil || !back.Equal(i.Time) || back.String() != text {
			t.Fatalf("%q is read as %s: %v", text, back, err)
		}
		canonical, err := events.ParseInstant(i.Canonical())
		if err != nil || !canonical.Equal(i.Time) {
			t.Fatalf("%q is %q, which is %s: %v", text, i.Canonical(), canonical, err)
		}
		if strict, err := time.Parse(time.RFC3339, strings.ToUpper(text)); err == nil && !strict.Equal(i.Time) {
			t.Fatalf("%q is %s, the library says %s", text, i.UTC(), strict.UTC())
		}
	})
}

func TestAnInstantThatCouldNotBeReadIsNotWritten(t *testing.T) {
	for _, year := range []int{1, 1799, 2201, 9999, 12000} {
		i := events.Instant{Time: time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC)}
		if b, err := json.Marshal(i); err == nil {
			t.Errorf("the year %d is written %s", year, b)
		}
	}
	local := time.FixedZone("LMT", -(9*3600 + 59*60 + 36))
	i := events.Instant{Time: time.Date(1850, 1, 1, 0, 0, 0, 0, local)}
	if back, err := events.ParseInstant(i.String()); err != nil || !back.Equal(i.Time) {
		t.Errorf("local mean time is written %s: %v", i, err)
	}
}

func TestAnInstantInOtherWordsIsTheSame(t *testing.T) {
	m := eventstest.TimeMember(events.TypeNoteAdded, "/data/when/best")
	read := func(text string) events.Event {
		e, err := events.Decode(m.Event(eventstest.Settled{Summit: "geneva", ID: oddID, Recorded: oddStamp}, text))
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	first := read("2025-08-15T10:30:00Z")
	for text, want := range map[string]bool{
		"2025-08-15t10:30:00z": true, "2025-08-15T10:30:00.000Z": true, "2025-08-15T10:30:00+00:00": true, "2025-08-15T12:30:00+02:00": false, "2025-08-15T10:30:01Z": false,
	} {
		if same, err := events.Same(first, read(text)); same != want || err != nil {
			t.Errorf("%s is the same: %t, want %t (%v)", text, same, want, err)
		}
	}
}
