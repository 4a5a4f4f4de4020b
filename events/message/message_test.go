package message_test

import (
	"testing"
	"time"

	"github.com/summit-timeline/summit/events/message"
)

var (
	lands   = message.Define("test.lands", "{who} lands at {place}")
	follows = message.Define("test.follows", "At least {count} people follow {who}, which is {state} ({when})")
)

func called(entity []byte) []byte {
	if string(entity) == "aircraft/ab-1" {
		return []byte(`Airbus \"One\"`)
	}
	return nil
}

func TestSay(t *testing.T) {
	german, unknown := message.Parse("Landung: {who} · {place} {nobody}", []string{"who", "place"})
	if len(unknown) != 1 || unknown[0] != "nobody" {
		t.Errorf("Parse reports %q as unknown, want nobody", unknown)
	}
	de := &message.Language{
		Tag: "de", Patterns: map[string]message.Pattern{"test.lands": german}, Labels: map[string]string{"test/up": "in der Luft"},
		Colon: ": ", Number: func(int64) string { return "1.000" },
	}
	rtl := &message.Language{Tag: "ar", Isolate: true, Colon: ": ", Number: de.Number}
	at := time.Date(2025, 8, 14, 22, 0, 0, 0, time.FixedZone("", 3600))
	for _, c := range []struct {
		language *message.Language
		message  message.Message
		want     string
	}{
		{message.English(), lands.With(message.Entity("aircraft/ab-1"), message.Text("Genève \"A\"\n")), "Airbus \"One\" lands at Genève \"A\"\n"},
		{message.English(), lands.With(message.Entity("aircraft/il-96"), message.Text("X")), "Il 96 lands at X"},
		{message.English(), lands.With(message.Entity("meeting/one-two"), message.Text("X")), "Meeting “one two” lands at X"},
		{de, lands.With(message.Entity("aircraft/ab-1"), message.Text("Genf")), "Landung: Airbus \"One\" · Genf {nobody}"},
		{rtl, lands.With(message.Entity("aircraft/ab-1"), message.Text("Genf")), "\u2068Airbus \"One\"\u2069 lands at \u2068Genf\u2069"},
		{
			message.English(), follows.With(message.Number(18000), message.Text("it"), message.Label("test/up"), message.Interval(at, at)),
			"At least 18,000 people follow it, which is up (2025-08-14T21:00:00Z)",
		},
		{
			de, follows.With(message.Number(1000), message.Text("it"), message.Label("test/up"), message.Interval(time.Time{}, at)),
			"At least 1.000 people follow it, which is in der Luft (../2025-08-14T21:00:00Z)",
		},
		{message.English(), message.Own("As {it} came"), "As {it} came"},
		{de, message.Message{Key: "test.lands", Args: []message.Arg{message.Text("A"), message.Text("B")}, Tail: "own words"}, "Landung: A · B {nobody}: own words"},
		{de, message.Message{Key: "test.unheard"}, "test.unheard"},
	} {
		if got := c.language.Say(c.message, called); got != c.want {
			t.Errorf("%s says %q, want %q", c.language.Tag, got, c.want)
		}
	}
}

func TestWordsAreThoseThatSomebodyWrote(t *testing.T) {
	m := lands.With(message.Entity("aircraft/ab-1"), message.Text("Genève"))
	m.Tail = "at last"
	got := message.Words(m.Encode(), called)
	if want := []string{`Airbus "One"`, "Genève", "at last"}; len(got) != 3 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("Words returns %q, want %q", got, want)
	}
}

// Names of sources stand as they are, whatever is in them, and a message that is stored
// names them as one that is not.
func TestSources(t *testing.T) {
	by := message.Define("test.by", "Said by {sources}")
	via, _ := message.Parse("{relays} nach {name}", []string{"name", "relays"})
	de := &message.Language{Tag: "de", Patterns: map[string]message.Pattern{"sources.via": via}, Colon: ": "}
	list := []message.Origin{{Name: "A \"wire\"\x1e"}, {Name: "B", Relays: []string{"C\x1d", "D"}}}
	m := by.With(message.Sources(list))
	for _, c := range []struct {
		language *message.Language
		want     string
	}{
		{message.English(), "A \"wire\"\x1e; B, via C\x1d and D"},
		{de, "A \"wire\"\x1e; C\x1d and D nach B"},
		{&message.Language{Tag: "ar", Isolate: true}, "\u2068A \"wire\"\x1e\u2069; \u2068B\u2069, via \u2068C\x1d\u2069 and \u2068D\u2069"},
	} {
		if got := c.language.Sources(list); got != c.want {
			t.Errorf("%s names %q, want %q", c.language.Tag, got, c.want)
		}
		if got := c.language.SayStored(m.Encode(), nil); got != "Said by "+c.want {
			t.Errorf("%s says %q, want %q", c.language.Tag, got, "Said by "+c.want)
		}
		if got := message.English().Say(c.language.WordSources(m), nil); got != "Said by "+c.want {
			t.Errorf("in the words of %s it is %q, want %q", c.language.Tag, got, "Said by "+c.want)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	stored := lands.With(message.Entity("aircraft/ab-1"), message.Text("Joint Base Elmendorf-Richardson")).Encode()
	language := message.English()
	into := make([]byte, 0, 256)
	b.ReportAllocs()
	for b.Loop() {
		into = language.Append(into[:0], stored, called)
	}
}
