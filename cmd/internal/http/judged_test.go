package httpserver_test

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
)

// Every amendment changes what a reader should think of a fact, so every one is
// in "What changed", whether or not the fact says something else since.
func TestEveryAmendmentIsInWhatChanged(t *testing.T) {
	two := `"sources":[{"id":"a","name":"A"},{"id":"b","name":"B"}]`
	amend := func(typ, rest string) func(string) string {
		return func(target string) string {
			return servertest.Event(typ, "note/n", fmt.Sprintf(`{"target":%q,%s}`, target, rest))
		}
	}
	dispute, confirm := amend("fact.disputed", `"sources":[{"id":"t","name":"Tower"}]`), amend("fact.corroborated", `"sources":[{"id":"s","name":"Satellite"}]`)
	grade, retract := amend("fact.graded", `"grade":{"source":"B","info":2}`), amend("fact.retracted", `"reason":"wrong"`)
	correct := amend("fact.corrected", `"patch":{"text":"Otherwise","headline":null},"class":"corrected","notice":"A slip."`)
	for _, c := range []struct {
		name          string
		sources       string
		before, since []func(string) string
		want, mark    string
	}{
		{"disputed", "", nil, []func(string) string{dispute}, "1 judged anew between", "DISPUTED"},
		{"corroborated", "", nil, []func(string) string{confirm}, "1 judged anew between", "CORROBORATED"},
		{"corroborated by a third", two, nil, []func(string) string{confirm}, "1 judged anew between", "AMENDED"},
		{"disputed again", "", []func(string) string{dispute}, []func(string) string{dispute}, "1 judged anew between", "AMENDED"},
		{"corroborated, and disputed still", "", []func(string) string{dispute}, []func(string) string{confirm}, "1 judged anew between", "AMENDED"},
		{"corroborated, then disputed", "", nil, []func(string) string{confirm, dispute}, "1 judged anew between", "DISPUTED"},
		{"graded", "", nil, []func(string) string{grade}, "1 corrected", "CHANGED"},
		{"graded as it was", "", []func(string) string{grade}, []func(string) string{grade}, "1 judged anew between", "AMENDED"},
		{"corrected", "", nil, []func(string) string{correct}, "1 corrected", "CHANGED"},
		{"corrected and disputed", "", nil, []func(string) string{correct, dispute}, "1 corrected", "CHANGED"},
		{"retracted", "", nil, []func(string) string{retract}, "1 retracted", "RETRACTED SINCE"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			f.Open("geneva")
			if c.sources == "" {
				c.sources = `"sources":[{"id":"s","name":"S"}]`
			}
			made := f.Record("geneva", servertest.Event("note.added", "note/n", `{"headline":"What was said","text":"Something",`+c.sources+`}`))
			for _, amendment := range c.before {
				f.Record("geneva", amendment(made.ID))
			}
			since := f.Head("geneva").String()
			for _, amendment := range c.since {
				f.Record("geneva", amendment(made.ID))
			}
			page := f.page("/summits/geneva?since=" + since)
			got := text(section(t, page, "changed"))
			if !strings.Contains(got, c.want) || strings.Count(got, "What was said") != 1 {
				t.Errorf("lacks %q, or tells the fact not once: %s", c.want, got)
			}
			if !strings.Contains(page, `<strong class="mark">`+c.mark+`</strong>`) && !strings.Contains(page, `<strong class="mark bad">`+c.mark+`</strong>`) {
				t.Errorf("the fact is not marked as %s: %s", c.mark, text(section(t, page, "timeline")))
			}
			if standing := f.Timeline("geneva", "").Items[0].Standing; standing != "unverified" && !strings.Contains(section(t, page, "changed"), `<span class="st `+standing+`">`) {
				t.Errorf("%s is not told: %s", standing, got)
			}
			later := text(section(t, f.page("/summits/geneva?known="+since), "changed"))
			if !strings.Contains(later, "What was learned later") || strings.Count(later, "What was said") != 1 {
				t.Errorf("on the page of the past: %s", later)
			}
		})
	}
}

func TestARestoredFactIsInWhatChanged(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	made := f.Record("geneva", servertest.Note("n", "What was said"))
	withdrawn := f.Record("geneva", servertest.Retraction("note/n", made.ID))
	since := f.Head("geneva").String()
	f.Record("geneva", servertest.Retraction("note/n", withdrawn.ID))
	page := f.page("/summits/geneva?since=" + since)
	if got := text(section(t, page, "changed")); !strings.Contains(got, "1 restored") || strings.Contains(got, "judged anew") || !strings.Contains(page, `<strong class="mark">RESTORED</strong>`) {
		t.Errorf("what changed: %s", got)
	}
}

// references lists what the board calls the facts that its values rest on, in
// the order of the board.
func references(t *testing.T, page string) []string {
	t.Helper()
	var list []string
	for _, m := range regexp.MustCompile(`on fact </span>([^<]*)</a>`).FindAllStringSubmatch(section(t, page, "now"), -1) {
		list = append(list, m[1])
	}
	return list
}

func TestWhateverThePageShowsTheBoardNumbersFactsByTheLog(t *testing.T) {
	f := newFixture(t)
	f.amended()
	whole := references(t, f.page("/summits/alaska-2025"))
	if len(whole) < 20 || slices.ContainsFunc(whole, func(s string) bool { return !regexp.MustCompile(`^#[1-9][0-9]*$`).MatchString(s) }) {
		t.Fatalf("references %v", whole)
	}
	seqs := map[string]bool{}
	for _, i := range f.Timeline("alaska-2025", "?limit=500").Items {
		seqs[fmt.Sprintf("#%d", i.Seq)] = true
	}
	for _, s := range whole {
		if !seqs[s] {
			t.Errorf("%s is no fact", s)
		}
	}
	first := f.Timeline("alaska-2025", "?limit=2&order=recorded")
	for _, query := range []string{
		"type=note.*", "standing=retracted", "q=" + url.QueryEscape("nothing is like this"), "entity=meeting/leaders", "source=Newsmax", "min_grade=A2", "limit=1", "order=recorded",
		"dir=desc", "order=recorded&dir=desc&limit=3", "limit=2&order=recorded&cursor=" + *first.Next, "fact=" + first.Items[0].Fact, "zone=Asia/Tokyo", "from=2025-08-20T00:00:00Z",
	} {
		if got := references(t, f.page("/summits/alaska-2025?"+query)); !slices.Equal(got, whole) {
			t.Errorf("%s:\n got %v\nwant %v", query, got, whole)
		}
	}
}
