//go:build unix

package browser

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/eventstest"
)

const (
	// shipped is how many events the demo begins with.
	shipped = 26
	// told is how many notes are recorded around each kill.
	told = 12
)

// A tab, curl, the verb follow, a NATS consumer and the stock NATS client follow
// the demo at once. The server is killed under them, twice, while facts
// are being recorded: each is shown every event of the log exactly once.
func TestEverybodyIsShownEveryFactOnce(t *testing.T) {
	t.Parallel()
	b, p := open(t), build(t)
	if _, err := exec.LookPath("curl"); err != nil {
		eventstest.Lacking(t, "curl is not installed: nobody follows in it")
	}
	p.nats = freeAddr(t)
	p.start()
	everybody := []*follower{inCurl(p), inVerb(p), inNATS(p), inStockNATS(p), inTab(b, p)}
	for kill := range 2 {
		p.reached(everybody, len(p.log()), kill)
		recorded := make(chan int, told)
		go p.notes(kill, recorded)
		for range told / 3 {
			<-recorded
		}
		p.kill()
		p.start()
		for range recorded { // until all are acknowledged
		}
	}
	p.insist(uuid.NewString(), events.TypeSummitClosed, "summit/"+summit, map[string]any{"reason": "The exercise is over."})
	want := p.log()
	if len(want) != shipped+2*told+1 {
		t.Fatalf("the log has %d events", len(want))
	}
	p.reached(everybody, len(want), 2)
	for _, f := range everybody {
		f.end()
		if got := f.shown(); !slices.Equal(got, want[f.from:]) {
			t.Errorf("%s was not shown what the log has: %s", f.name, difference(got, want[f.from:]))
		}
	}
	b.says("news", fmt.Sprintf("%d new, 1 other update: show", 2*told)) // the closing is no fact
	b.do(clickNews)
	b.says("changed", "What changed since")
	b.until(`document.readyState === "complete"`) // what changed stands above the timeline
	facts := slices.DeleteFunc(slices.Clone(want), func(line string) bool { return strings.Contains(line, " summit.") })
	for i, line := range facts {
		facts[i] = strings.Fields(line)[1]
	}
	onPage := js[[]string](b, `[...document.querySelectorAll(".timeline > li")].map((li) => li.id.slice(2))`)
	slices.Sort(facts)
	slices.Sort(onPage)
	if !slices.Equal(facts, onPage) {
		t.Errorf("the page shows %d facts, the log has %d", len(onPage), len(facts))
	}
}

// difference is the first one.
func difference(got, want []string) string {
	for i := range got {
		if i >= len(want) || got[i] != want[i] {
			return fmt.Sprintf("%q instead of %q, after %d events", got[i], want[min(i, len(want)):min(i+1, len(want))], i)
		}
	}
	return fmt.Sprintf("%d of %d events", len(got), len(want))
}

// reached waits until everybody was shown so many events and was cut off so
// many times: only then do they meet the next kill together.
func (p *program) reached(everybody []*follower, events, cuts int) {
	p.Helper()
	for _, f := range everybody {
		eventstest.Eventually(p, fmt.Sprintf("%s sees %d events and %d cuts", f.name, events, cuts), func() bool {
			return len(f.shown()) >= events-f.from && f.cuts() >= cuts
		})
	}
}

// notes records notes one by one, and says each that is acknowledged.
func (p *program) notes(part int, acknowledged chan<- int) {
	defer close(acknowledged)
	for n := range told {
		p.insist(uuid.NewString(), events.TypeNoteAdded, fmt.Sprintf("note/part-%d-%d", part, n), map[string]any{
			"text": fmt.Sprintf("Note %d of part %d", n, part), "sources": []any{map[string]any{"id": "s", "name": "A reporter"}},
		})
		acknowledged <- n
	}
}

// insist records an event, again and again until it is acknowledged: its id is
// what makes it one.
func (p *program) insist(id, typ, subject string, data map[string]any) {
	body, err := json.Marshal(map[string]any{"id": id, "source": "/desks/exercise", "type": typ, "subject": subject, "data": data})
	if err != nil {
		p.Error(err)
		return
	}
	eventstest.Eventually(p, subject+" is recorded", func() bool {
		res, err := http.Post(p.url("/facts"), events.ContentType, strings.NewReader(string(body)))
		if err != nil {
			return false // the server is down
		}
		_ = res.Body.Close() // the status is the answer
		return res.StatusCode == http.StatusCreated || res.StatusCode == http.StatusOK
	})
}

func (p *program) url(path string) string { return "http://" + p.addr + "/v1/summits/" + summit + path }

// log is what the log holds, an event a line: its position in it, id and type.
func (p *program) log() []string {
	p.Helper()
	res, err := http.Get(p.url("/log"))
	if err != nil {
		p.Fatal(err)
	}
	defer res.Body.Close()
	var all []string
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		all = append(all, asEvent(uint64(len(all)+1), lines.Bytes()))
	}
	return all
}

// asEvent describes an event as it is recorded.
func asEvent(seq uint64, raw []byte) string {
	var e struct{ ID, Type string }
	if err := json.Unmarshal(raw, &e); err != nil {
		return fmt.Sprintf("%d: %v", seq, err)
	}
	return line(seq, e.ID, e.Type)
}

// asFrame describes a frame of the live stream in the same way.
func asFrame(id string, data []byte) string {
	var f struct {
		Seq                         uint64
		Fact, Type, Position, Title string
	}
	if err := json.Unmarshal(data, &f); err != nil {
		return fmt.Sprintf("%s: %v", id, err)
	}
	var seq uint64
	if _, err := fmt.Sscanf(id[strings.Index(id, "-")+1:], "%d", &seq); err != nil || f.Position != id {
		return fmt.Sprintf("%s: at position %s", id, f.Position)
	}
	return line(seq, f.Fact, f.Type)
}

// line is how an event is compared. What a frame tells of the summit is its
// summary, and not the event.
func line(seq uint64, id, typ string) string {
	if typ == "" || strings.HasPrefix(typ, "summit.") {
		return fmt.Sprintf("%d - summit.", seq)
	}
	return fmt.Sprintf("%d %s %s", seq, id, typ)
}
