package projections

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/summit-timeline/summit/events"
)

// givenTimes finds a meeting whose time, as given in several zones, is not one
// instant.
var givenTimes = rule{
	name: "given-times-differ", severity: severityImpossible,
	concerns: func(x *claim) bool { _, ok := x.data.(planner); return ok },
	find: func(x *claim, _ []*claim) []finding {
		given := x.data.(planner).Plan().Given
		var wrong []string
		for i, g := range given {
			if i > 0 && !g.Instant.Equal(given[0].Instant.Time) {
				wrong = append(wrong, fmt.Sprintf("%q in %s is %s, but %q in %s is %s", g.Text, g.Zone, utc(g.Instant), given[0].Text, given[0].Zone, utc(given[0].Instant)))
			}
			if s, bad := misread(g); bad {
				wrong = append(wrong, s)
			}
		}
		if len(wrong) == 0 {
			return nil
		}
		return []finding{{facts: []string{x.id}, detail: strings.Join(wrong, "; ")}}
	},
}

type planner interface{ Plan() *events.Schedule }

func utc(i events.Instant) string { return i.UTC().Format(time.RFC3339) }

var clockTime = regexp.MustCompile(`\b([01]?\d|2[0-3])[:.]([0-5]\d)\b(\s*[ap]\.?m\b)?`)

// misread says whether a clock time in the words is not that of the instant.
func misread(g events.Given) (string, bool) {
	zone, err := time.LoadLocation(g.Zone)
	m := clockTime.FindStringSubmatch(strings.ToLower(g.Text))
	if err != nil || m == nil {
		return "", false
	}
	local := g.Instant.In(zone)
	form := "15:04"
	said := m[1] + ":" + m[2]
	if len(m[1]) == 1 {
		said = "0" + said
	}
	if m[3] != "" {
		form = "03:04pm"
		said += strings.NewReplacer(" ", "", ".", "").Replace(m[3])
	}
	if local.Format(form) == said {
		return "", false
	}
	return fmt.Sprintf("%q in %s is not %s, which is %s there", g.Text, g.Zone, utc(g.Instant), local.Format("15:04")), true
}
