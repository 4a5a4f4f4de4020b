package projections

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/status"
)

// What changed between two positions is composed of what was touched between
// them: it is the difference of two whole statuses.
func TestStatusChangesAreThoseOfWholeStatuses(t *testing.T) {
	const parts = 8 // of the stories, beside each other
	var told [parts]map[string]int
	for part := range parts {
		told[part] = map[string]int{}
		t.Run(fmt.Sprintf("part %d", part+1), func(t *testing.T) {
			t.Parallel()
			for seed := *firstStory + uint64(part); seed < *firstStory+*stories; seed += parts {
				holdStory(t, seed, told[part])
			}
		})
	}
	t.Cleanup(func() { // all parts have ended
		for _, member := range []string{
			"aircraft", "agenda", "delegations", "documents", "incidents", "measures", "meetings", "phase", "positions", "sites", "vehicles", "warnings",
			"aboard", "denied",
		} {
			changes := 0
			for _, part := range told {
				changes += part[member]
			}
			if changes == 0 && *stories >= 60 { // fewer come not upon everything
				t.Errorf("no story changes %s", member)
			}
		}
	})
}

// holdStory holds what changes in a story, between some positions and others.
func holdStory(t *testing.T, seed uint64, told map[string]int) {
	t.Helper()
	m := randomStory(t, seed, 60)
	e := openStory(t, m, m.records, 9)
	must(t, e.Scrub(t.Context(), func(context.Context, int) error { return nil })) // the sums of the tables are those of their rows
	for since := seed % 9; since < e.Head().Seq; since += 9 {
		for _, until := range []uint64{since, since + 1, since + 7, e.Head().Seq} {
			if until = min(until, e.Head().Seq); until >= since {
				holdChanges(t, e, since, until, told)
			}
		}
	}
	if t.Failed() {
		t.Fatalf("story %d", seed)
	}
}

func holdChanges(t *testing.T, e *Engine, since, until uint64, told map[string]int) {
	t.Helper()
	err := e.view(func(r *reader) error {
		var want, older, got, paged []Difference
		was, now := wholeStatus(t, r, since, until), wholeStatus(t, r, until, until)
		warnings := changedWarnings(t, was.Warnings, now.Warnings)
		was.Warnings, now.Warnings = nil, nil
		want, err := status.Differences(was, now)
		if err != nil {
			return err
		}
		want = append(want, warnings...) // the last member by name
		if err := r.WholeChanges(t.Context(), r.Teller(nil, until), since, "", collect(&older, -1)); err != nil {
			return err
		}
		if err := r.Changes(t.Context(), r.Teller(nil, until), since, "", collect(&got, -1)); err != nil {
			return err
		}
		for after, told := "", -1; told < len(paged); {
			told = len(paged)
			if err := r.Changes(t.Context(), r.Teller(nil, until), since, after, collect(&paged, 2)); err != nil {
				return err
			}
			if len(paged) > told {
				after = paged[len(paged)-1].Path
			}
		}
		for name, list := range map[string][]Difference{"at once": got, "in pages": paged, "from an older file": older} {
			if a, b := canonical(t, list), canonical(t, want); a != b {
				t.Errorf("from %d to %d, %s:\n got %s\nwant %s", since, until, name, a, b)
			}
		}
		for _, d := range want {
			told[memberOf(d.Path)]++
			if strings.Contains(d.Path, "/aboard") {
				told["aboard"]++
			}
			if strings.HasSuffix(d.Path, "/standing") && string(d.Now) == `"disputed"` && !disputes(r, since, until) {
				told["denied"]++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// changedWarnings tells which contradictions ended and which came, for each rule and
// the facts that contradict each other.
func changedWarnings(t *testing.T, was, now []Conflict) (list []Difference) {
	t.Helper()
	told := map[string][2][]Conflict{}
	for i, side := range [][]Conflict{was, now} {
		for _, c := range side {
			if other := [][]Conflict{now, was}[i]; slices.ContainsFunc(other, func(o Conflict) bool { return reflect.DeepEqual(o, c) }) {
				continue
			}
			path := "/warnings/" + c.Rule + ":" + strings.Join(c.Facts, "+")
			sides := told[path]
			sides[i] = append(sides[i], c)
			told[path] = sides
		}
	}
	for _, path := range slices.Sorted(maps.Keys(told)) {
		var values [2][]byte
		for i, side := range told[path] {
			var err error
			values[i], err = json.Marshal(append([]Conflict{}, side...))
			must(t, err)
		}
		list = append(list, Difference{Path: path, Was: values[0], Now: values[1]})
	}
	return list
}

// disputes reports whether a fact was disputed by an amendment between two positions.
func disputes(r *reader, since, until uint64) bool {
	for seq := since + 1; seq <= until; seq++ {
		if row, err := item.ReadEvent(r.Tx, seq); err == nil && row.Kind == item.EventAmendment {
			return true
		}
	}
	return false
}

// wholeStatus returns what stood at a position, without what heads the answer.
func wholeStatus(t *testing.T, r *reader, known, until uint64) *Status {
	t.Helper()
	r.Statuses.Purge() // it is composed, not carried over from another
	answer, err := r.Answer(t.Context(), AsOf{Seq: known, Pinned: true}, time.Time{})
	must(t, err)
	var s Status
	must(t, json.Unmarshal(answer.JSON, &s))
	s.Position, s.Known, s.Complete, s.Quarantined = "", "", false, nil
	tell := r.Teller(nil, until) // changes are told in the words of the later position
	s.Warnings, err = item.ConflictsAt(t.Context(), r.Tx, known, tell.In, tell.Called)
	must(t, err)
	return &s
}

// collect takes so many differences, or all.
func collect(into *[]Difference, most int) func(Difference) bool {
	return func(d Difference) bool {
		*into = append(*into, d)
		most--
		return most != 0
	}
}

// canonical returns a list of differences with the members of its values in order.
func canonical(t *testing.T, list []Difference) string {
	t.Helper()
	b, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	v := jsontext.Value(b)
	if err := v.Canonicalize(); err != nil {
		t.Fatal(err)
	}
	return string(v)
}

// memberOf returns the first token of a path.
func memberOf(path string) string {
	member, _, _ := strings.Cut(path[1:], "/")
	return member
}

// arrives adds that a delegate of a party arrived.
func (m *memory) arrives(t testing.TB, id, party string) string {
	t.Helper()
	return m.add(t, events.TypeDelegateArrived, entity(events.KindPerson, id),
		&events.DelegateArrived{Common: word("a source"), Delegate: events.Delegate{Name: id, Party: party, Place: &events.Place{Name: "here"}}})
}

// A delegation comes with its first delegate and goes with its last; between, its
// delegates come and go alone. So do those of no party.
func TestADelegationChangesByWhatIsTouched(t *testing.T) {
	for _, party := range []string{"ru", ""} {
		m := newStory(t)
		first := m.arrives(t, "one", party)
		second := m.arrives(t, "two", party)
		m.add(t, events.TypeFactRetracted, entity(events.KindPerson, "one"), &events.FactRetracted{Target: events.Target{Target: first}, Reason: "wrong"})
		m.add(t, events.TypeFactCorrected, entity(events.KindPerson, "two"),
			&events.FactCorrected{Target: events.Target{Target: second}, Patch: []byte(`{"party":"us"}`), Class: events.ClassCorrected, Notice: "of another"})
		e := openStory(t, m, m.records, 3)
		for since, want := range map[uint64][]string{
			1: {"/delegations/" + party}, 2: {"/delegations/" + party + "/delegates/two"}, 3: {"/delegations/" + party + "/delegates/one"},
			4: {"/delegations/" + party, "/delegations/us"},
		} {
			c, err := e.Changes(t.Context(), AsOf{Seq: since, Pinned: true}, AsOf{Seq: since + 1, Pinned: true}, opening)
			if err != nil {
				t.Fatal(err)
			}
			var paths []string
			for _, d := range c.Status {
				paths = append(paths, d.Path)
			}
			if !slices.Equal(paths, want) {
				t.Errorf("party %q, from %d: %v changed, want %v", party, since, paths, want)
			}
			holdChanges(t, e, since, since+1, map[string]int{})
		}
	}
}

// Pages of changes stand in the order of names, whatever is in them.
func TestStatusChangesGoOnInTheOrderOfNames(t *testing.T) {
	m := newStory(t)
	for _, id := range []string{"a", "a-b", "a-b-c", "a0", "ab"} {
		m.add(t, events.TypeAircraftTracked, entity(events.KindAircraft, id), &events.AircraftTracked{Common: word("a source"), Service: "a service", Watchers: new(3)})
		m.arrives(t, id, "x"+id)
		for _, actor := range []string{"A", "A/B", "A~B", "A-B", "A B", "A~1B"} {
			m.add(t, events.TypePositionStated, entity(events.KindTopic, id), &events.PositionStated{Common: word("a source"), Actor: actor, Stance: "for", Detail: "yes"})
			m.add(t, events.TypePositionStated, entity(events.KindTopic, id), &events.PositionStated{Common: word("a source"), Actor: actor, Stance: "against", Detail: "no"})
		}
	}
	e := openStory(t, m, m.records, 20)
	for since := range e.Head().Seq {
		holdChanges(t, e, since, min(since+9, e.Head().Seq), map[string]int{})
		holdChanges(t, e, since, e.Head().Seq, map[string]int{})
	}
}

// A plan becomes overdue as time passes: what nobody touched stands otherwise.
func TestAPlanThatBecameOverdueIsAChange(t *testing.T) {
	m := newStory(t)
	plan := word("a source")
	plan.When = &events.Moment{Best: events.Instant{Time: opening.Add(150 * 1e9)}, Phase: events.PhasePlanned}
	m.add(t, events.TypeMeetingScheduled, entity(events.KindMeeting, "talks"), &events.MeetingScheduled{Common: plan, Schedule: events.Schedule{Title: "Talks", Kind: "talks"}})
	m.add(t, events.TypeNoteAdded, entity(events.KindNote, "later"), &events.NoteAdded{Common: word("a source"), Text: "an hour later"})
	m.add(t, events.TypeMeetingStarted, entity(events.KindMeeting, "talks"), &events.MeetingStarted{Sitting: events.Sitting{Common: word("a source")}})
	e := openStory(t, m, m.records, len(m.records))
	c, err := e.Changes(t.Context(), AsOf{Seq: 2, Pinned: true}, AsOf{Seq: 3, Pinned: true}, opening)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := json.Marshal(c.Status); err != nil || string(b) != `[{"path":"/meetings/talks/standing","was":"unverified","now":"overdue"}]` {
		t.Error(string(b), err)
	}
	holdChanges(t, e, 2, 3, map[string]int{})
}

// Who reads and goes is read for no longer.
func TestReadsStopWhenTheReaderGoes(t *testing.T) {
	m := randomStory(t, 3, 60)
	e := openStory(t, m, m.records, 20)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for name, read := range map[string]func() error{
		"changes": func() error {
			_, err := e.Changes(gone, AsOf{Pinned: true}, e.Latest(), opening)
			return err
		},
		"status": func() error {
			_, err := e.Status(gone, e.Latest(), opening)
			return err
		},
		"a part of it": func() error {
			_, err := e.StatusPage(gone, StatusQuery{Reading: e.Latest(), Lists: []string{"meetings"}})
			return err
		},
		"timeline": func() error {
			_, err := e.Timeline(gone, Query{Reading: e.Latest()}, opening)
			return err
		},
		"a fact": func() error {
			_, err := e.Fact(gone, m.records[1].Event.ID, e.Latest(), opening)
			return err
		},
		"steps": func() error {
			_, err := e.Steps(gone, 20, nil)
			return err
		},
		"conflicts": func() error {
			_, _, err := e.Conflicts(gone, e.Latest())
			return err
		},
		"entities": func() error {
			_, _, err := e.Entities(gone, EntitiesQuery{})
			return err
		},
		"digests": func() error {
			_, _, _, err := e.Digests(gone)
			return err
		},
		"rows": func() error {
			_, _, _, err := e.Rows(gone, item.TableFacts, nil, 1000)
			return err
		},
		"a full page": func() error {
			_, err := e.FullPage(gone, Query{Reading: e.Latest()}, opening)
			return err
		},
		"a page of changes": func() error {
			_, _, err := e.ChangesPage(gone, ChangesQuery{Since: AsOf{Pinned: true}, Until: e.Latest()}, opening)
			return err
		},
	} {
		if err := read(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
