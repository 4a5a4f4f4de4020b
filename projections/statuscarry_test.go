package projections

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
)

// A status that is carried over what was recorded meanwhile is the one that is composed.
func TestACarriedStatusIsTheComposedOne(t *testing.T) {
	const parts = 4
	for part := range parts {
		t.Run(fmt.Sprintf("part %d", part+1), func(t *testing.T) {
			t.Parallel()
			for seed := *firstStory + uint64(part); seed < *firstStory+*stories; seed += parts {
				holdCarried(t, seed)
			}
		})
	}
}

func holdCarried(t *testing.T, seed uint64) {
	t.Helper()
	m := randomStory(t, seed, 60)
	e := openStory(t, m, m.records, 9)
	dice := rand.New(rand.NewPCG(seed, 1))
	now := m.records[0].Event.Recorded.Time
	for known := uint64(1); known <= e.Head().Seq; known += 1 + dice.Uint64N(4) {
		at := AsOf{Seq: known, Pinned: true}
		if now = now.Add(time.Duration(dice.Int64N(int64(3 * time.Hour)))); dice.IntN(2) == 0 {
			at = AsOf{Seq: known, Now: now}
		}
		carried, err := e.Status(t.Context(), at, time.Time{}) // from the one before, which is kept
		must(t, err)
		must(t, forgetStatuses(e))
		whole, err := e.Status(t.Context(), at, time.Time{})
		must(t, err)
		if string(carried.JSON) != string(whole.JSON) {
			t.Fatalf("story %d at %d: carried %s\ncomposed %s", seed, known, carried.JSON, whole.JSON)
		}
	}
}

// What is carried costs what was touched, not all that stands.
func TestCarryingComposesWhatWasTouched(t *testing.T) {
	var lines []string
	for i := range 300 {
		lines = append(lines, fmt.Sprintf(`aircraft.landed aircraft/a-%d @07:00 {"model":"M","place":{"name":"A"}}`, i))
	}
	lines = append(lines, `aircraft.departed aircraft/a-7 @09:00 {"from":{"name":"A"}}`)
	_, e, _ := told(t, lines...)
	head := e.Head().Seq
	read := func(known ...uint64) float64 {
		return testing.AllocsPerRun(3, func() {
			must(t, forgetStatuses(e))
			for _, k := range known {
				_, err := e.StatusPage(t.Context(), StatusQuery{Reading: AsOf{Seq: k, Pinned: true}, Limit: 1})
				must(t, err)
			}
		})
	}
	whole := read(head)
	if carried := read(head-1, head) - whole; carried > whole/5 {
		t.Errorf("%v allocations for one fact, %v for all", carried, whole)
	}
}

// Delegations stand by themselves or for the sake of a delegate; each of these facts changes
// which, and every status is carried from the one before.
func TestCarriedDelegationsComeAndGo(t *testing.T) {
	m := newStory(t)
	m.tell(t,
		`delegate.arrived person/a @07:00 {"name":"A","party":"us","place":{"name":"P"}}`,
		`correct 1 {"party":"ru"}`,
		`delegation.arrived delegation/us @08:00 {"party":"us","place":{"name":"P"}}`,
		`delegate.arrived person/b @08:30 {"name":"B","party":"us","place":{"name":"P"}}`,
		`retract 3`,
		`retract 4`,
		`retract 5`,
		`retract 1`,
	)
	e := openStory(t, m, m.records, 2)
	for known, want := range []string{"", "", "us: a", "ru: a", "ru: a, us:", "ru: a, us: b", "ru: a, us: b", "ru: a", "ru: a, us:", "us:"} {
		if known == 0 {
			continue
		}
		answer, err := e.Status(t.Context(), AsOf{Seq: uint64(known), Pinned: true}, time.Time{})
		must(t, err)
		var s Status
		must(t, json.Unmarshal(answer.JSON, &s))
		var list []string
		for _, d := range s.Delegations {
			line := d.ID + ":"
			for _, p := range d.Delegates {
				line += " " + p.ID
			}
			list = append(list, line)
		}
		if got := strings.Join(list, ", "); got != want {
			t.Errorf("as known at %d the delegations are %q, want %q", known, got, want)
		}
	}
}
