package projections

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/events"
)

func standingAt(t *testing.T, e *Engine, id string, known int) string {
	t.Helper()
	f, err := e.Fact(t.Context(), id, AsOf{Seq: uint64(known), Pinned: true}, opening)
	must(t, err)
	var it Item
	must(t, json.Unmarshal(f.Item, &it))
	return it.Standing
}

// A denial outlives what amendments of amendments do to the fact that is denied.
func TestAFactThatIsAmendedTwiceStaysDenied(t *testing.T) {
	m := newStory(t)
	m.tell(t,
		`incident.reported incident/i @10:00 {"title":"I","kind":"attack"}`,
		`statement.made person/p @11:00 {"speaker":"P","text":"No.","denies":"$1"}`,
		`correct 1 {"place":{"name":"A"}}`, `retract 3`, `retract 2`,
	)
	e := openStory(t, m, m.records, 2)
	for known, want := range map[int]string{2: StandingUnverified, 3: StandingDisputed, 4: StandingDisputed, 5: StandingDisputed, 6: StandingUnverified} {
		if got := standingAt(t, e, m.records[1].Event.ID, known); got != want {
			t.Errorf("at %d it is %s, want %s", known, got, want)
		}
	}
}

// A log that was not written through a server may have a denial before what it denies.
func TestADenialBeforeTheFactDisputesIt(t *testing.T) {
	m := newStory(t)
	m.add(t, events.TypeStatementMade, entity(events.KindPerson, "p"), &events.StatementMade{Common: word("P"), Speaker: "P", Text: "No.", Denies: numbered(3)})
	id := m.add(t, events.TypeIncidentReported, entity(events.KindIncident, "i"), &events.IncidentReported{Common: word("S"), Title: "I", Kind: "attack"})
	if got := standingAt(t, openStory(t, m, m.records, 1), id, 3); got != StandingDisputed {
		t.Errorf("it is %s", got)
	}
}

// What a statement denies stands otherwise, though nothing was recorded on it.
func TestADenialIsAChangeOfWhatIsDenied(t *testing.T) {
	m := newStory(t)
	m.tell(t,
		`incident.reported incident/i @10:00 {"title":"I","kind":"attack"}`, `incident.reported incident/j @10:00 {"title":"J","kind":"attack"}`,
		`statement.made person/p @11:00 {"speaker":"P","text":"No.","denies":"$1"}`,
	)
	m.add(t, events.TypeFactCorrected, entity(events.KindPerson, "p"), &events.FactCorrected{
		Target: events.Target{Target: m.records[3].Event.ID}, Patch: []byte(`{"denies":"` + m.records[2].Event.ID + `"}`), Class: events.ClassCorrected, Notice: "the other",
	})
	e := openStory(t, m, m.records, 2)
	for since, want := range map[uint64]string{3: "/incidents/i/standing disputed", 4: "/incidents/i/standing unverified /incidents/j/standing disputed"} {
		c, err := e.Changes(t.Context(), AsOf{Seq: since, Pinned: true}, AsOf{Seq: since + 1, Pinned: true}, opening)
		must(t, err)
		var got []string
		for _, d := range c.Status {
			if strings.HasSuffix(d.Path, "/standing") {
				got = append(got, d.Path, strings.Trim(string(d.Now), `"`))
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("from %d: %v, want %s", since, got, want)
		}
		holdChanges(t, e, since, since+1, map[string]int{})
	}
}

// A correction names a fact to deny as a statement does: one that is there.
func TestACorrectionDeniesOnlyWhatIsThere(t *testing.T) {
	m := newStory(t)
	m.tell(t, `incident.reported incident/i @10:00 {"title":"I","kind":"attack"}`, `statement.made person/p @11:00 {"speaker":"P","text":"No."}`)
	e := openStory(t, m, m.records, 2)
	for id, refused := range map[string]bool{numbered(99): true, m.records[2].Event.ID: false, m.records[1].Event.ID: false} {
		err := e.Try([]events.Event{{
			Type: events.TypeFactCorrected, Subject: entity(events.KindPerson, "p"), Summit: "story", ID: numbered(50),
			Data: &events.FactCorrected{
				Target: events.Target{Target: m.records[2].Event.ID}, Patch: []byte(`{"denies":"` + id + `","headline":null}`), Class: events.ClassCorrected, Notice: "n",
			},
		}})
		if got := err != nil && strings.Contains(err.Error(), "/data/patch/denies"); got != refused || err != nil && !refused {
			t.Errorf("denying %s: %v", id, err)
		}
	}
}
