package pages

import (
	"fmt"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/locale"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// drawer shows the sources of a fact, and how it can be checked and cited.
type drawer struct {
	Independence string
	Chains       [][]link // each from outlet to root
	Besides      []voice  // who confirmed it since
	Grade        string   // in words
	Grades       []graded // its history
	Leaves       []leaf
	Cite         string
}

// link is a source in a chain.
type link struct {
	events.Source
	Root bool
}

// voice is a source that confirmed a fact, and the event that recorded it.
type voice struct {
	Who string
	Seq uint64
}

// graded is a moment at which the grade changed.
type graded struct {
	When     locale.Words
	Text, By string
}

// leaf is an event in the tree.
type leaf struct {
	Seq      uint64
	What     string // in the language
	Hash     string // base64
	Proof    string // address of the inclusion proof
	Recorded string
}

func (v *view) drawer(i projections.Item) drawer {
	d := drawer{Independence: v.clock.Independence(i.Sources, i.Roots), Chains: chains(i.Sources)}
	if i.Grade != nil {
		d.Grade = v.clock.Grade(*i.Grade)
	}
	d.Leaves = append(d.Leaves, v.leaf(i.Seq, v.words.Say("drawer.this"), i.Recorded))
	d.Besides = besides(i)
	for _, a := range i.Amendments {
		d.Leaves = append(d.Leaves, v.leaf(a.Seq, v.words.Type(a.Type), a.Recorded))
		if a.Type == events.TypeFactGraded {
			d.Grades = append(d.Grades, graded{v.Time(a.Recorded.Time), a.Headline, a.Desk})
		}
	}
	d.Cite = v.cite(i)
	return d
}

// besides lists the sources that confirmed an item since.
func besides(i projections.Item) (list []voice) {
	withdrawn := withdrawals(i.Amendments)
	for _, a := range i.Amendments {
		if a.Type == events.TypeFactCorroborated && !withdrawn[a.ID] {
			list = append(list, voice{a.Attribution, a.Seq})
		}
	}
	return list
}

func (v *view) leaf(seq uint64, what string, recorded events.Instant) leaf {
	return leaf{
		Seq: seq, What: what, Hash: v.Leaves[seq], Recorded: v.Stamp(recorded),
		Proof: fmt.Sprintf("%s/proof/inclusion?seq=%d&size=%d", v.API(), seq, max(v.Reading.Seq, seq)),
	}
}

// cite is a citation: what, by which sources, where in which log, and an address
// that shows the same for ever.
func (v *view) cite(i projections.Item) string {
	key := "cite.fact"
	if i.Standing == projections.StandingRetracted {
		key = "cite.retracted"
	}
	return v.words.Say(key, "headline", i.Headline, "source", locale.Words(i.Attribution), "summit", v.Summary.Title, "position", i.Position,
		"time", i.Recorded.UTC().Format(time.RFC3339), "known", v.Position(), "link", v.Origin+v.Permalink(i.Fact))
}

// most bounds the chains that a drawer lists: a graph can have very many.
const most = 12

// chains are the ways from each outlet that nobody else in the list has it
// from, to each root.
func chains(s events.Sources) [][]link {
	byID, passed := map[string]events.Source{}, map[string]bool{}
	for _, x := range s {
		byID[x.ID] = x
		for _, via := range x.Via {
			passed[via] = true
		}
	}
	var out [][]link
	var walk func(x events.Source, way []link)
	walk = func(x events.Source, way []link) {
		way = append(way[:len(way):len(way)], link{x, len(x.Via) == 0})
		if len(x.Via) == 0 {
			out = append(out, way)
			return
		}
		for _, via := range x.Via {
			if len(out) == most {
				return
			}
			walk(byID[via], way)
		}
	}
	for _, x := range s {
		if !passed[x.ID] && len(out) < most {
			walk(x, nil)
		}
	}
	return out
}
