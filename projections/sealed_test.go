package projections

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/events"
)

// sealedStory is a statement whose speaker, quote and first source are sealed.
type sealedStory struct {
	*memory
	t         *testing.T
	id        string
	on        events.Entity
	disclosed []events.Disclosure
}

func newSealedStory(t *testing.T) *sealedStory {
	t.Helper()
	s := &sealedStory{memory: newStory(t), t: t, on: entity(events.KindPerson, "p")}
	s.id, s.disclosed = s.seal(events.TypeStatementMade, &events.StatementMade{
		Common:  events.Common{Sources: events.Sources{{ID: "s", Name: "A protected source"}}, Sealed: []string{"/speaker", "/quote", "/sources/0/name"}},
		Speaker: "A protected speaker", Text: "In words", Quote: "a protected quote",
	})
	return s
}

func (s *sealedStory) seal(typ string, data events.Payload) (id string, disclosed []events.Disclosure) {
	s.t.Helper()
	n := uint64(len(s.records)) * 100
	e, disclosed, err := events.Seal(events.Event{Type: typ, Subject: s.on, Data: data}, func() (salt [events.SaltSize]byte) {
		n++
		binary.BigEndian.PutUint64(salt[:], n)
		return salt
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return s.put(s.t, e), disclosed
}

func (s *sealedStory) unseal(target string, disclosed ...events.Disclosure) {
	s.t.Helper()
	s.add(s.t, events.TypeFactUnsealed, s.on, &events.FactUnsealed{Target: events.Target{Target: target}, Disclosures: disclosed, Reason: "the embargo is over"})
}

func (s *sealedStory) withhold(target string, pointers ...string) {
	s.t.Helper()
	s.add(s.t, events.TypeFactWithheld, s.on, &events.FactWithheld{Target: events.Target{Target: target}, Pointers: pointers, Basis: "Article 17 GDPR", Reason: "asked for"})
}

// shown returns the item, the status and the conflicts as known at an event.
func (s *sealedStory) shown(e *Engine, seq uint64) (item, status string) {
	s.t.Helper()
	at := AsOf{Seq: seq, Now: opening.Add(time.Hour)}
	f, err := e.Fact(s.t.Context(), s.id, at, at.Now)
	if err != nil {
		s.t.Fatal(err)
	}
	if !f.Complete {
		s.t.Fatal(f.Quarantined)
	}
	a, err := e.Status(s.t.Context(), at, time.Time{})
	if err != nil {
		s.t.Fatal(err)
	}
	return string(f.Item), string(a.JSON)
}

func TestWhatIsSealedIsInNoAnswerUntilItIsUnsealed(t *testing.T) {
	s := newSealedStory(t)
	s.unseal(s.id, s.disclosed[1])
	s.unseal(s.id, s.disclosed[0], s.disclosed[2])
	e := openStory(t, s.memory, s.records, 1)
	item, status := s.shown(e, 2)
	for _, answer := range []string{item, status} {
		if strings.Contains(answer, "protected") || strings.Contains(answer, `\u000e`) {
			t.Errorf("before it is unsealed: %s", answer)
		}
	}
	for _, want := range []string{`"speaker":{"sealed":"`, `"quote":{"sealed":"`, `"sealed":["/speaker","/quote","/sources/0/name"]`, `"headline":"█████`, `"attribution":"█████"`} {
		if !strings.Contains(item, want) {
			t.Errorf("%s is not in %s", want, item)
		}
	}
	item, _ = s.shown(e, 3)
	for _, want := range []string{`"quote":"a protected quote"`, `"sealed":["/sources/0/name","/speaker"]`, `"path":"/data/quote","was":{"sealed":"`, `"speaker":{"sealed":"`} {
		if !strings.Contains(item, want) {
			t.Errorf("after one was unsealed: %s is not in %s", want, item)
		}
	}
	item, status = s.shown(e, 4)
	for _, want := range []string{`"speaker":"A protected speaker"`, `"headline":"A protected speaker`, `"attribution":"A protected source"`} {
		if !strings.Contains(item, want) {
			t.Errorf("after all were unsealed: %s is not in %s", want, item)
		}
	}
	if strings.Contains(item+status, "█") {
		t.Errorf("something is still redacted: %s, %s", item, status)
	}
}

func TestAnAmendmentMayBeUnsealed(t *testing.T) {
	s := newSealedStory(t)
	correction, disclosed := s.seal(events.TypeFactCorrected, &events.FactCorrected{
		Common: events.Common{Sealed: []string{"/patch/text"}}, Target: events.Target{Target: s.id},
		Patch: []byte(`{"text":"In protected words"}`), Class: events.ClassCorrected, Notice: "set right",
	})
	s.unseal(correction, disclosed[0])
	e := openStory(t, s.memory, s.records, 10)
	if item, _ := s.shown(e, 3); !strings.Contains(item, `"text":{"sealed":"`) || strings.Contains(item, "protected") {
		t.Errorf("corrected: %s", item)
	}
	if item, _ := s.shown(e, 4); !strings.Contains(item, `"text":"In protected words"`) || !strings.Contains(item, `"quote":{"sealed":"`) {
		t.Errorf("unsealed: %s", item)
	}
}

func TestWhatDoesNotFitWhatWasSealedIsRefused(t *testing.T) {
	other := func(d events.Disclosure) events.Disclosure {
		d.Value = []byte(`"another quote"`)
		return d
	}
	for name, c := range map[string]struct {
		before  func(s *sealedStory)
		amends  func(s *sealedStory)
		pointer string
		detail  string
	}{
		"another value":           {nil, func(s *sealedStory) { s.unseal(s.id, other(s.disclosed[1])) }, "/data/disclosures/0", "is not what was sealed at /quote"},
		"nothing sealed there":    {nil, func(s *sealedStory) { s.withhold(s.id, "/text") }, "/data/pointers/0", "/text is not sealed in event"},
		"withheld, then unsealed": {func(s *sealedStory) { s.withhold(s.id, "/quote") }, func(s *sealedStory) { s.unseal(s.id, s.disclosed[1]) }, "/data/disclosures/0", "was withheld"},
		"unsealed, then withheld": {func(s *sealedStory) { s.unseal(s.id, s.disclosed[1]) }, func(s *sealedStory) { s.withhold(s.id, "/speaker", "/quote") }, "/data/pointers/1", "was unsealed"},
	} {
		s := newSealedStory(t)
		if c.before != nil {
			c.before(s)
		}
		c.amends(s)
		e := openStory(t, s.memory, s.records, 10)
		last := uint64(len(s.records))
		at := AsOf{Seq: last, Now: opening.Add(time.Hour)}
		f, err := e.Fact(t.Context(), s.id, at, at.Now)
		if err != nil {
			t.Fatal(err)
		}
		why := fmt.Sprint(f.Quarantined)
		if f.Complete || !strings.Contains(why, c.pointer) || !strings.Contains(why, c.detail) {
			t.Errorf("%s: %s", name, why)
		}
	}
}

func TestWithholdingIsShownAndTwiceIsOnce(t *testing.T) {
	s := newSealedStory(t)
	s.withhold(s.id, "/quote")
	s.withhold(s.id, "/quote", "/speaker")
	e := openStory(t, s.memory, s.records, 10)
	item, _ := s.shown(e, 4)
	var i struct {
		Revision   int
		Standing   string
		Amendments []struct{ Type, Headline, Notice string }
	}
	if err := json.Unmarshal([]byte(item), &i); err != nil {
		t.Fatal(err)
	}
	if i.Revision != 3 || i.Standing != StandingUnverified || len(i.Amendments) != 2 || i.Amendments[0].Headline != "Withheld for ever: Article 17 GDPR: asked for" {
		t.Errorf("%+v", i)
	}
}

func TestSealedViewsAreTheSameHoweverTheyAreFolded(t *testing.T) {
	s := newSealedStory(t)
	s.withhold(s.id, "/speaker")
	s.unseal(s.id, s.disclosed[1])
	one, all := openStory(t, s.memory, s.records, 1), openStory(t, s.memory, s.records, 10)
	_, _, a, err := one.Digests(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, _, b, err := all.Digests(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(a) != fmt.Sprint(b) {
		t.Errorf("%v\n%v", a, b)
	}
}

// What somebody writes is never taken for a sealed value, whatever it looks like.
func TestWordsThatLookSealedStayAsTheyAreWritten(t *testing.T) {
	for _, name := range []string{`\u000e` + strings.Repeat("A", 43), `\\u000e`, `{"sealed":"` + strings.Repeat("A", 43) + `"}`, "█████"} {
		s := &sealedStory{memory: newStory(t), t: t, on: entity(events.KindPerson, "p")}
		s.id = s.add(t, events.TypeStatementMade, s.on, &events.StatementMade{Common: word(name), Speaker: name, Text: name})
		s.add(t, events.TypePositionStated, entity(events.KindTopic, "t"), &events.PositionStated{Common: word(name), Actor: name, Stance: "for", Detail: name})
		item, status := s.shown(openStory(t, s.memory, s.records, 10), 3)
		var i Item
		if err := json.Unmarshal([]byte(item), &i); err != nil {
			t.Fatalf("%s: %v in %s", name, err, item)
		}
		var data struct{ Speaker, Text string }
		if err := json.Unmarshal(i.Data, &data); err != nil || i.Sources[0].Name != name || i.Attribution != name || data.Speaker != name || data.Text != name {
			t.Errorf("%s: %+v, %v", name, i, err)
		}
		var of struct {
			Positions []struct {
				Stances []struct{ Actor, Detail string }
			}
		}
		if err := json.Unmarshal([]byte(status), &of); err != nil || of.Positions[0].Stances[0].Actor != name || of.Positions[0].Stances[0].Detail != name {
			t.Errorf("%s: %s, %v", name, status, err)
		}
	}
}
