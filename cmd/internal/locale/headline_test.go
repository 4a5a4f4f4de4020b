package locale

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/eventstest"
	"github.com/summit-timeline/summit/events/message"
)

var update = flag.Bool("update", false, "write the golden headlines")

// specimens are the headlines of every type in every phase, with and without what a
// headline can do without, each once.
func specimens(t *testing.T) (list []message.Message) {
	t.Helper()
	told := map[string]bool{}
	for _, info := range events.Types() {
		raw, err := os.ReadFile(newest(t, "golden", info.Name))
		if err != nil {
			t.Fatal(err)
		}
		var event struct {
			Subject string         `json:"subject"`
			Data    map[string]any `json:"data"`
		}
		if err := json.Unmarshal(raw, &event); err != nil {
			t.Fatal(err)
		}
		entity, err := events.ParseEntity(event.Subject)
		if err != nil {
			t.Fatal(err)
		}
		delete(event.Data, "headline")
		for n, data := range variants(event.Data) {
			m, err := headlineOf(info.Name, entity, data)
			if err != nil && n > 0 {
				continue // it cannot do without that
			}
			if err != nil {
				t.Fatalf("%s: %v", info.Name, err)
			}
			if key := string(m.Encode()); !told[key] {
				told[key], list = true, append(list, m)
			}
		}
	}
	return list
}

func headlineOf(typ string, of events.Entity, data map[string]any) (message.Message, error) {
	b, err := json.Marshal(data)
	if err != nil {
		return message.Message{}, err
	}
	p, err := events.DecodeData(typ, b, "/data")
	if err != nil {
		return message.Message{}, err
	}
	return events.Headline(p, of), nil
}

// variants returns data in each phase, and without each of what a headline names where
// it is there.
func variants(data map[string]any) (list []map[string]any) {
	with := func(changes map[string]any) map[string]any {
		m := maps.Clone(data)
		for name, v := range changes {
			if m[name] = v; v == nil {
				delete(m, name)
			}
		}
		return m
	}
	when := func(phase, after string) map[string]any {
		w := map[string]any{"text": "late Thursday", "phase": phase}
		if after != "" {
			w["after"] = after
		}
		return w
	}
	for _, phase := range []string{events.PhaseActual, events.PhasePlanned, events.PhaseEstimated} {
		for _, changes := range []map[string]any{
			{},
			{"to": nil},
			{"place": nil},
			{"role": nil, "title": nil},
			{"level": nil},
			{"watchers": nil},
			{"killed": nil},
			{"injured": nil},
			{"killed": nil, "injured": nil},
			{"killed": nil, "injured": nil, "place": nil},
		} {
			if maps.Equal(changes, map[string]any{}) || slices.ContainsFunc(slices.Collect(maps.Keys(changes)), func(name string) bool { return data[name] != nil }) {
				changes["when"] = when(phase, "")
				list = append(list, with(changes))
			}
		}
		if data["expected"] != nil {
			list = append(list, with(map[string]any{"expected": false, "when": when(phase, "")}))
		}
		list = append(list, with(map[string]any{"when": when(phase, "meeting/leaders")}))
	}
	return list
}

func TestHeadlinesOfEveryTypeAndPhase(t *testing.T) {
	all := specimens(t)
	c := loaded(t)
	for _, l := range c.Languages() {
		var b strings.Builder
		for _, m := range all {
			fmt.Fprintf(&b, "%s\t%s\n", m.Key, l.Messages().Say(m, calledLeaders))
		}
		eventstest.Golden(t, filepath.Join("testdata", "headlines."+l.Tag+".txt"), b.String(), *update)
	}
	patterns, _ := message.Defined()
	for key := range patterns {
		if family, _, _ := strings.Cut(key, "."); slices.Contains([]string{"unnamed", "sources", "rule", "duration"}, family) {
			continue // of names and of contradictions, which no fact has for a headline
		}
		if !slices.ContainsFunc(all, func(m message.Message) bool { return m.Key == key }) {
			t.Errorf("no specimen has the headline %s", key)
		}
	}
}

func calledLeaders(entity []byte) []byte {
	if string(entity) == "meeting/leaders" {
		return []byte("Leaders’ talks")
	}
	return nil
}

func TestNamesThatNobodyGaveAreToldInTheLanguage(t *testing.T) {
	c := loaded(t)
	starts := message.Message{Key: "meeting.started", Args: []message.Arg{message.Entity("meeting/first-round")}}
	comes := message.Message{Key: "delegation.arrived", Args: []message.Arg{message.Entity("party/ch"), message.Text("Genève")}, Tail: "enfin"}
	for tag, want := range map[string][2]string{
		"en": {"Meeting “first round” under way", "Switzerland delegation arrives at Genève: enfin"},
		"de": {"Treffen „first round“ eröffnet", "Delegation Switzerland trifft ein – Genève: enfin"},
		"es": {"Comienzo – Reunión «first round»", "Delegación de Switzerland llega a Genève: enfin"},
		"fr": {"Début – Réunion «\u00a0first round\u00a0»", "Délégation (Switzerland) arrive – Genève\u202f: enfin"},
		"ru": {"Начало: Встреча «first round»", "Прибытие: Switzerland (делегация) · Genève: enfin"},
		"uk": {"Початок: Зустріч «first round»", "Прибуття: Switzerland (делегація) · Genève: enfin"},
		"ar": {"انطلاق لقاء «\u2068first round\u2069»", "وصول وفد \u2068Switzerland\u2069 إلى \u2068Genève\u2069: \u2068enfin\u2069"},
	} {
		m := c.Choose(tag, "").Messages()
		called := func(entity []byte) []byte {
			if string(entity) == "party/ch" {
				return []byte("Switzerland")
			}
			return nil
		}
		if got := m.Say(starts, called); got != want[0] {
			t.Errorf("%s: %q, want %q", tag, got, want[0])
		}
		if got := m.Say(comes, called); got != want[1] {
			t.Errorf("%s: %q, want %q", tag, got, want[1])
		}
	}
}

// Sources are named in the language of the reader, alone and within a headline.
func TestSourcesAreNamedInEachLanguage(t *testing.T) {
	c := loaded(t)
	s := events.Sources{
		{ID: "t", Name: "T"}, {ID: "w", Name: "W"}, {ID: "a", Name: "A", Via: []string{"t"}}, {ID: "b", Name: "B", Via: []string{"a"}}, {ID: "c", Name: "C", Via: []string{"b", "w"}},
	}
	for tag, want := range map[string]string{
		"en": "T, via A, B and C; W, via C",
		"de": "T, über A, B und C; W, über C",
		"es": "T, a través de A, de B y de C; W, a través de C",
		"fr": "T, via A, B et C\u202f; W, via C",
		"ru": "T, через A, B и C; W, через C",
		"uk": "T, через A, B та C; W, через C",
		"ar": "\u2068T\u2069، عبر \u2068A\u2069، \u2068B\u2069 و\u2068C\u2069؛ \u2068W\u2069، عبر \u2068C\u2069",
	} {
		m := c.Choose(tag, "").Messages()
		if got := m.Sources(s.Origins()); got != want {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
		disputed := &events.FactDisputed{Common: events.Common{Sources: s}}
		if got := m.Say(events.Headline(disputed, events.Entity{}), nil); !strings.HasSuffix(got, " "+want) {
			t.Errorf("%s: the headline is %q, want one that names %q", tag, got, want)
		}
	}
}
