package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/server"
)

const observe = "../../deploy/observe/"

var (
	inStrings  = regexp.MustCompile(`"[^"]*"`)
	inBraces   = regexp.MustCompile(`\{[^}]*\}|\[[^\]]*\]`)
	inBy       = regexp.MustCompile(`\b(by|without|on|ignoring)\s*\([^)]*\)`)
	identifier = regexp.MustCompile(`[a-zA-Z_:][a-zA-Z0-9_:]*`)
	ofNumber   = regexp.MustCompile(`\b[0-9][0-9.]*(e[0-9]+)?\b`)
	ruleExpr   = regexp.MustCompile(`(?m)^ +expr: (.+)$`)
	scraped    = regexp.MustCompile(`(?m)^([a-zA-Z_:][a-zA-Z0-9_:]*)[{ ]`)
)

// promQL are the words of the language that the rules and the dashboard use;
// up is Prometheus's own.
var promQL = map[string]bool{
	"up": true, "and": true, "or": true, "unless": true, "sum": true, "max": true, "min": true, "count": true, "count_values": true,
	"rate": true, "increase": true, "time": true, "histogram_quantile": true, "label_values": true,
}

// queries are those of the rules and of the dashboard, by where they stand.
func queries(t *testing.T) map[string]string {
	t.Helper()
	list := map[string]string{}
	rules, err := os.ReadFile(observe + "alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range ruleExpr.FindAllStringSubmatch(string(rules), -1) {
		list["alert "+m[1]] = m[1]
	}
	if alerts := strings.Count(string(rules), "- alert: "); alerts == 0 || alerts != len(list) {
		t.Fatalf("%d alerts and %d expressions, each on a line of its own", alerts, len(list))
	}
	b, err := os.ReadFile(observe + "dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		Templating struct {
			List []struct{ Name, Type, Query string }
		}
		Panels []struct {
			Title, Type string
			Targets     []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(b, &d); err != nil {
		t.Fatal(err)
	}
	for _, p := range d.Panels {
		if p.Type != "row" && len(p.Targets) == 0 {
			t.Errorf("the panel %s shows nothing", p.Title)
		}
		for _, q := range p.Targets {
			list["panel "+p.Title+": "+q.Expr] = q.Expr
		}
	}
	for _, v := range d.Templating.List {
		if v.Type == "query" {
			query, _, _ := strings.Cut(v.Query, ",") // the second argument is a label
			list["variable "+v.Name] = query
		}
	}
	return list
}

// Every metric in a rule or the dashboard is one that a server exports.
func TestTheRulesAndTheDashboardAskForWhatIsTold(t *testing.T) {
	s := newStage(t, 5, 0)
	s.serve(server.ScrubOptions{}, func(x *served) {
		var missing map[string]any
		x.ask(http.MethodGet, "/v1/summits/nowhere", "", "", &missing)
		res, err := http.Get(x.url + "/v1/summits/" + staged + "/snapshot")
		x.must(err)
		_, err = io.Copy(io.Discard, res.Body)
		x.must(err)
		x.must(res.Body.Close())
		res, err = http.Get(x.url + "/metrics")
		x.must(err)
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		x.must(err)
		told := map[string]bool{}
		for _, m := range scraped.FindAllStringSubmatch(string(b), -1) {
			told[m[1]] = true
		}
		for where, query := range queries(t) {
			bare := query
			for _, leave := range []*regexp.Regexp{inStrings, inBraces, inBy, ofNumber} {
				bare = leave.ReplaceAllString(bare, " ")
			}
			asked := 0
			for _, name := range identifier.FindAllString(bare, -1) {
				switch {
				case told[name]:
					asked++
				case name == "up":
					asked++
				case !promQL[name]:
					t.Errorf("%s: nobody tells %s", where, name)
				}
			}
			if asked == 0 {
				t.Errorf("%s asks for no figure", where)
			}
		}
	})
}
