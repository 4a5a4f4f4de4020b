package read

import (
	"fmt"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/humanize"
	"github.com/summit-timeline/summit/cmd/internal/locale"
	"github.com/summit-timeline/summit/projections"
)

// at shows the sequence of an event as commands take it, such as @27.
func at(seq uint64) string { return fmt.Sprintf("@%d", seq) }

// amended describes in capitals what an amendment of a kind, such as corrected, does to
// a fact.
func amended(clock humanize.Clock, kind string) string {
	if kind == "graded" || kind == "refiled" {
		return strings.ToUpper(say(clock, kind))
	}
	return strings.ToUpper(label(clock, "standing", kind))
}

// deed names the amendment of a fact that another amendment is about, such as
// "the correction @27", or "" if that one is about the fact itself.
func deed(clock humanize.Clock, i projections.Item, target string) locale.Words {
	for _, a := range i.Amendments {
		if a.ID == target {
			return locale.Words(say(clock, "deed."+strings.TrimPrefix(a.Type, "fact."), "position", at(a.Seq)))
		}
	}
	return ""
}

// difference words a value of an item that an amendment changed.
func difference(clock humanize.Clock, entity string, d projections.Difference) string {
	return changed(clock, clock.Correction(entity, d.Path, d.Was, d.Now))
}

// changed words a change: was → now.
func changed(clock humanize.Clock, c humanize.Change) string {
	return say(clock, "change", "what", locale.Words(c.What), "was", locale.Words(c.Was), "now", locale.Words(c.Now))
}
