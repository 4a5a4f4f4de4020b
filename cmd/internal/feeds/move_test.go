package feeds

import (
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-ical"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// landing is the nth event of the log: a landing at an hour, in a phase.
func landing(n uint64, phase string, h int, change ...func(*projections.Item)) projections.Item {
	ids := []string{"", "", factA, factB, factC, later, amend}
	return fact(ids[n], "aircraft.landed", "aircraft/x", func(it *projections.Item) {
		it.Seq, it.Recorded = n, hour(int(n))
		it.When = &events.Moment{Best: hour(h), Phase: phase}
		for _, c := range change {
			c(it)
		}
	})
}

// retractedBy withdraws it by the nth event of the log.
func retractedBy(n uint64) func(*projections.Item) {
	return func(it *projections.Item) {
		it.Standing = projections.StandingRetracted
		amended(it, projections.AmendmentOf{ID: "00000000-0000-4000-8000-0000000000ff", Seq: n, Type: events.TypeFactRetracted, Recorded: hour(int(n)), Notice: "It was wrong."})
	}
}

func superseded(it *projections.Item) { it.Standing = projections.StandingSuperseded }

func TestAPlannedArrivalAndTheActualOneAreOneEntry(t *testing.T) {
	const plan, did = events.PhasePlanned, events.PhaseActual
	for _, c := range []struct {
		name  string
		facts []projections.Item
		want  []string // UID, hour, status and sequence of each entry
		says  string   // in the description of the first
	}{
		{"planned", []projections.Item{landing(2, plan, 12)}, []string{factA + " 12 TENTATIVE 0"}, ""},
		{"planned anew", []projections.Item{landing(2, plan, 12, superseded), landing(3, plan, 14)}, []string{factA + " 14 TENTATIVE 1"}, "Before that: Fri 15 Aug 2025 12:00 UTC"},
		{"happened", []projections.Item{landing(2, plan, 12), landing(3, did, 13)}, []string{factA + " 13 TENTATIVE 1"}, "Planned for: Fri 15 Aug 2025 12:00 UTC"},
		{
			"planned, planned anew, happened",
			[]projections.Item{landing(2, plan, 12, superseded), landing(3, plan, 14), landing(4, did, 15)},
			[]string{factA + " 15 TENTATIVE 2"},
			"Planned for: Fri 15 Aug 2025 14:00 UTC\nBefore that: Fri 15 Aug 2025 12:00 UTC",
		},
		{"an estimate is a plan", []projections.Item{landing(2, events.PhaseEstimated, 12), landing(3, did, 13)}, []string{factA + " 13 TENTATIVE 1"}, "Planned for: Fri 15 Aug 2025 12:00 UTC, estimated"},
		{"that it happened is withdrawn", []projections.Item{landing(2, plan, 12), landing(3, did, 13, retractedBy(4))}, []string{factA + " 12 TENTATIVE 2"}, ""},
		{"and told again", []projections.Item{landing(2, plan, 12), landing(3, did, 13, retractedBy(4)), landing(5, did, 15)}, []string{factA + " 15 TENTATIVE 3"}, "Planned for: Fri 15 Aug 2025 12:00 UTC"},
		{"all is withdrawn", []projections.Item{landing(2, plan, 12, retractedBy(4))}, []string{factA + " 12 CANCELLED 1"}, "RETRACTED"},
		{"twice", []projections.Item{landing(2, did, 12), landing(3, did, 18)}, []string{factA + " 12 TENTATIVE 0", factB + " 18 TENTATIVE 0"}, ""},
		{"withdrawn after another", []projections.Item{landing(2, did, 12, retractedBy(4)), landing(3, did, 18)}, []string{factA + " 12 CANCELLED 1", factB + " 18 TENTATIVE 0"}, ""},
		{"the next one is planned", []projections.Item{landing(2, did, 12), landing(3, plan, 18)}, []string{factA + " 12 TENTATIVE 0", factB + " 18 TENTATIVE 0"}, ""},
		{"the plan is recorded late", []projections.Item{landing(2, did, 12), landing(3, plan, 11)}, []string{factA + " 12 TENTATIVE 1"}, "Planned for: Fri 15 Aug 2025 11:00 UTC"},
		{
			"the plan was announced before and is recorded late",
			[]projections.Item{landing(2, did, 12), landing(3, plan, 13, func(it *projections.Item) { it.Time = new(hour(9)) })},
			[]string{factA + " 12 TENTATIVE 1"},
			"Planned for: Fri 15 Aug 2025 13:00 UTC",
		},
		{"a plan late for the first of two", []projections.Item{landing(2, did, 12), landing(3, did, 18), landing(4, plan, 11)}, []string{factA + " 12 TENTATIVE 1", factB + " 18 TENTATIVE 0"}, ""},
		{
			"it happened at no known time",
			[]projections.Item{landing(2, plan, 12), landing(3, did, 13, func(it *projections.Item) { it.When = nil })},
			[]string{factA + " 12 TENTATIVE 1"},
			"When: time not known",
		},
	} {
		for _, order := range [][]projections.Item{c.facts, reversed(c.facts)} { // of the timeline
			var got []string
			found := readICS(t, feed(t, nil, order...))
			for uid, e := range found {
				got = append(got, strings.Join([]string{uid, at(t, e, ical.PropDateTimeStart).Format("15"), value(t, e, ical.PropStatus), value(t, e, ical.PropSequence)}, " "))
			}
			slices.Sort(got)
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: %q, want %q", c.name, got, c.want)
				continue
			}
			if d := value(t, found[factA], ical.PropDescription); !strings.Contains(d, c.says) {
				t.Errorf("%s: no %q in %q", c.name, c.says, d)
			}
		}
	}
}

func reversed(list []projections.Item) []projections.Item {
	list = slices.Clone(list)
	slices.Reverse(list)
	return list
}

func TestAMoveIsWhereAndWhatHappened(t *testing.T) {
	plan := landing(2, events.PhasePlanned, 12, func(it *projections.Item) { it.Where, it.Headline = &events.Place{Name: "Elmendorf"}, "It is expected" })
	did := landing(3, events.PhaseActual, 13, func(it *projections.Item) {
		it.Where, it.Headline, it.Standing = &events.Place{Name: "Anchorage"}, "It lands", projections.StandingCorroborated
	})
	e := only(t, readICS(t, feed(t, nil, plan, did)))
	if value(t, e, ical.PropSummary) != "It lands" || value(t, e, ical.PropLocation) != "Anchorage" || value(t, e, ical.PropStatus) != "CONFIRMED" ||
		!strings.HasSuffix(e.Props.Get(ical.PropURL).Value, "#f-"+factB) || !at(t, e, ical.PropCreated).Equal(hour(2).Time) || !at(t, e, ical.PropLastModified).Equal(hour(3).Time) {
		t.Errorf("event %v", e.Props)
	}
}

// A departure and an arrival of one aircraft are two entries, and so are those of two
// aircraft.
func TestMovesAreKeptApart(t *testing.T) {
	other := landing(3, events.PhaseActual, 13, func(it *projections.Item) { it.Entity = "aircraft/y" })
	leaves := landing(4, events.PhaseActual, 13, func(it *projections.Item) { it.Type = events.TypeAircraftDeparted })
	if found := readICS(t, feed(t, nil, landing(2, events.PhasePlanned, 12), other, leaves)); len(found) != 3 {
		t.Errorf("%d entries", len(found))
	}
}

func TestAMeetingAtSeveralPlacesNamesThemAll(t *testing.T) {
	m := Meeting{State: "scheduled", When: planned(11), Places: []*events.Place{{Name: "Park"}, {Name: "Villa", ICAO: "LSGG"}}}
	e := only(t, readICS(t, feed(t, statusOf(m), fact(factA, "meeting.scheduled", "meeting/m", meets(1)))))
	if got := value(t, e, ical.PropLocation); got != "Park; Villa (LSGG)" {
		t.Errorf("it is at %q", got)
	}
}

// Once a meeting has begun or was cancelled, its entry names the sources that say so,
// and no longer those of the plan.
func TestAMeetingIsToldOnTheWordOfThoseWhoSayHowFarItIs(t *testing.T) {
	by := func(id, typ, who string, n uint64, when *events.Moment) projections.Item {
		return fact(id, typ, "meeting/m", func(it *projections.Item) {
			it.Seq, it.Recorded, it.When, it.Attribution, it.Headline = n, hour(int(n)), when, who, typ
		})
	}
	plan := by(factA, "meeting.scheduled", "A planner", 2, planned(11))
	run := []projections.Item{
		plan, by(factB, "meeting.started", "A witness", 3, actual(12)), by(factC, "meeting.resumed", "Somebody", 4, actual(14)),
		by(later, "meeting.paused", "Somebody", 5, actual(13)), by(amend, "meeting.ended", "Somebody", 6, &events.Moment{Earliest: hour(15), Latest: hour(16), Phase: events.PhaseActual}),
	}
	off := by(factB, "meeting.cancelled", "A spokesman", 3, nil)
	wrong := by(factB, "meeting.started", "A witness", 3, actual(12))
	wrong.Standing = projections.StandingRetracted
	for _, c := range []struct {
		name, word, fact, says string
		status                 Meeting
		facts                  []projections.Item
	}{
		{"planned", "A planner", factA, "meeting.scheduled\nState: scheduled\nWhen: Fri 15 Aug 2025 11:00 UTC", Meeting{State: "scheduled", When: planned(11)}, []projections.Item{plan}},
		{
			"held", "A witness", factB, "Planned for: Fri 15 Aug 2025 11:00 UTC\nPaused: Fri 15 Aug 2025 13:00 UTC\nResumed: Fri 15 Aug 2025 14:00 UTC\nEnded: between Fri 15 Aug 2025 15:00 and 16:00 UTC\n",
			Meeting{State: "ended", When: actual(12), Planned: planned(11)},
			run,
		},
		{"called off", "A spokesman", factB, "meeting.cancelled\nState: called off\nWhen: Fri 15 Aug 2025 11:00 UTC", Meeting{State: "cancelled", When: planned(11)}, []projections.Item{plan, off}},
		{"not begun after all", "A planner", factA, "State: scheduled", Meeting{State: "scheduled", When: planned(11)}, []projections.Item{plan, wrong}},
	} {
		c.status.Title = "Talks"
		e := only(t, readICS(t, feed(t, statusOf(c.status), c.facts...)))
		d := value(t, e, ical.PropDescription)
		if !strings.Contains(d, "On whose word: "+c.word+"\n") || !strings.Contains(d, c.says) || !strings.HasSuffix(e.Props.Get(ical.PropURL).Value, "#f-"+c.fact) {
			t.Errorf("%s: %q, %s", c.name, d, e.Props.Get(ical.PropURL).Value)
		}
	}
}
