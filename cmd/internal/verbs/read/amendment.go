package read

import (
	"fmt"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// deeds are what amendments are called where another is about them.
var deeds = map[string]string{
	events.TypeFactCorrected: "correction", events.TypeFactRetracted: "retraction", events.TypeFactCorroborated: "corroboration",
	events.TypeFactDisputed: "dispute", events.TypeFactGraded: "grade",
}

// deed names the amendment of a fact that another amendment is about, such as
// "the correction @27", or "" if that one is about the fact itself.
func deed(i projections.Item, target string) string {
	for _, a := range i.Amendments {
		if a.ID == target {
			return fmt.Sprintf("the %s @%d", deeds[a.Type], a.Seq)
		}
	}
	return ""
}
