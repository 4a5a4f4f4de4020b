package pages

import (
	"fmt"

	"github.com/summit-timeline/summit/cmd/internal/humanize"
)

// knowledge is the control by which a reader goes to what was known at another
// moment.
type knowledge struct {
	Steps                       []step // newest first
	First, Earlier, Later, Last string // addresses, "" where there is none
	Seq, Of                     uint64
}

// step is a moment at which knowledge changed.
type step struct {
	Seq             uint64
	Position, Label string
	Chosen          bool
}

func (v *view) knowledge() knowledge {
	k := knowledge{Seq: v.Reading.Seq, Of: v.Head.Seq}
	to := func(seq uint64) string { return v.With("known", v.at(seq)) }
	if k.Of > 0 && k.Seq > 1 {
		k.First, k.Earlier = to(1), to(k.Seq-1)
	}
	if v.Frozen() {
		k.Last = v.With("known", "")
		if k.Seq < k.Of {
			k.Later = to(k.Seq + 1)
		}
	}
	known := false
	for i := len(v.Steps) - 1; i >= 0; i-- {
		s := v.Steps[i]
		chosen := v.Frozen() && s.Seq == k.Seq
		known = known || chosen
		k.Steps = append(k.Steps, step{s.Seq, v.at(s.Seq), stepLabel(s.Seq, s.Known.In(v.Zone).Format("Mon 2 Jan 15:04:05 MST"), s.Said), chosen})
	}
	if v.Frozen() && !known { // before the moments that are listed
		k.Steps = append(k.Steps, step{k.Seq, v.Position(), stepLabel(k.Seq, v.Time(v.KnownAt), ""), true})
	}
	return k
}

func stepLabel(seq uint64, when, said string) string {
	s := fmt.Sprintf("#%d · %s", seq, when)
	if said != "" {
		s += " · " + clip(said, 60)
	}
	return s
}

// clip cuts a text for people at a number of characters.
func clip(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most-1]) + "…"
}

// Behind tells how much was learned after the moment that the page shows.
func (v *view) Behind() string {
	return humanize.Count(int(v.Head.Seq-v.Reading.Seq), "event was recorded after it", "events were recorded after it")
}
