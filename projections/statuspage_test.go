package projections

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/summit-timeline/summit/projections/internal/status"
)

// A list of a status that is read alone, which composes no more than it needs, is that
// of the whole.
func TestAListOfAStatusIsThatOfTheWhole(t *testing.T) {
	for seed := range uint64(12) {
		m := randomStory(t, seed, 120)
		last := uint64(len(m.records))
		for _, known := range []uint64{last / 3, last} {
			for _, at := range []time.Time{{}, opening.Add(6 * time.Hour)} {
				reading := AsOf{Seq: known, Pinned: true}
				alone := openStory(t, m, m.records, 40) // finds nothing composed
				part := map[string]map[string]any{}
				for _, name := range status.Lists() {
					answer, err := alone.StatusPage(t.Context(), StatusQuery{Reading: reading, At: at, Lists: []string{name}})
					must(t, err)
					part[name] = decodedObject(t, answer.JSON)
				}
				answer, err := openStory(t, m, m.records, 40).Status(t.Context(), reading, at)
				must(t, err)
				whole := decodedObject(t, answer.JSON)
				for name, p := range part {
					if a, b := jsonOf(t, p[name]), jsonOf(t, whole[name]); a != b || p["phase"] != whole["phase"] {
						t.Fatalf("story %d at %d, %s alone: phase %v, %s\nwant phase %v, %s", seed, known, name, p["phase"], a, whole["phase"], b)
					}
				}
			}
		}
	}
}

func decodedObject(t *testing.T, b []byte) (o map[string]any) {
	t.Helper()
	must(t, json.Unmarshal(b, &o))
	return o
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	must(t, err)
	return string(b)
}
