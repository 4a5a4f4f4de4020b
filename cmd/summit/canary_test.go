package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/server"
)

func TestACanaryGoesThroughTheWholePath(t *testing.T) {
	s := newStage(t, 3, 0)
	s.serve(server.ScrubOptions{}, func(x *served) {
		for _, position := range []string{"-2", "-3"} { // the summit is opened once
			code, out := x.verb("doctor", "--canary", "--json")
			var found struct {
				Canary *struct {
					Position     string
					Acknowledged float64 `json:"acknowledged_ms"`
					Queryable    float64 `json:"queryable_ms"`
					Live         float64 `json:"live_ms"`
				}
			}
			if err := json.Unmarshal([]byte(out), &found); err != nil || code != cli.Good || found.Canary == nil {
				t.Fatalf("exit %d, %v: %s", code, err, out)
			}
			c := found.Canary
			if !strings.HasSuffix(c.Position, position) || c.Acknowledged <= 0 || c.Queryable < c.Acknowledged || c.Live <= 0 {
				t.Errorf("%+v", c)
			}
		}
		code, out := x.verb("doctor", "--canary")
		if code != cli.Good || !strings.Contains(out, "acknowledged after") || !strings.Contains(out, "live after") {
			t.Errorf("exit %d: %s", code, out)
		}
		var list struct{ Summits []struct{ ID string } }
		if x.ask("GET", "/v1/summits", "", "", &list); len(list.Summits) != 1 || list.Summits[0].ID != staged {
			t.Errorf("the list shows %+v", list)
		}
	})
}

func TestACanaryThatIsRefusedIsSaid(t *testing.T) {
	s := newStage(t, 3, 0)
	s.serve(server.ScrubOptions{}, func(x *served) {
		closing := `{"source":"/d","type":"summit.closed","subject":"summit/doctor-canary","data":{}}`
		x.verb("doctor", "--canary")
		var answer map[string]any
		if status := x.ask("POST", "/v1/summits/doctor-canary/facts", eventType, closing, &answer); status != 201 {
			t.Fatalf("%d %v", status, answer)
		}
		code, out := x.verb("doctor", "--canary")
		if code != cli.Bad || !strings.Contains(out, "WRONG canary") || !strings.Contains(out, "closed") {
			t.Errorf("exit %d: %s", code, out)
		}
	})
}
