package pages

import (
	"fmt"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/locale"
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
		k.Steps = append(k.Steps, step{s.Seq, v.at(s.Seq), v.stepLabel(s.Seq, v.toTheSecond(s.Known), s.Said), chosen})
	}
	if v.Frozen() && !known { // before the moments that are listed
		k.Steps = append(k.Steps, step{k.Seq, v.Position(), v.stepLabel(k.Seq, v.Time(v.KnownAt), ""), true})
	}
	return k
}

func (v *view) stepLabel(seq uint64, when locale.Words, said string) string {
	s := fmt.Sprintf("#%d · %s", seq, when)
	if said != "" {
		s += " · " + v.words.Isolate(clip(said, 60))
	}
	return s
}

// toTheSecond returns an instant to the second, without its year.
func (v *view) toTheSecond(t time.Time) locale.Words {
	t = t.In(v.Zone)
	return locale.Words(v.words.Say("time.at", "day", v.words.ShortDay(t), "hour", locale.Words(t.Format("15:04:05"))) + " " + v.words.Zone(t))
}

// clip cuts a text for people at a number of characters.
func clip(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most-1]) + "…"
}

// Behind reports how much was learned after the moment that the page shows.
func (v *view) Behind() locale.Words {
	return locale.Words(v.words.Say("banner.behind", "count", int(v.Head.Seq-v.Reading.Seq)))
}
