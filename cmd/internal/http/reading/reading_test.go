package reading_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/http/reading"
	"github.com/summit-timeline/summit/cmd/internal/http/reading/readingtest"
	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/events"
)

const epoch = "3f9a1c20"

var reader = &reading.Reader{Clock: time.Now}

func asked(query string) *http.Request {
	return httptest.NewRequest(http.MethodGet, "/?"+query, http.NoBody)
}

// faults are the pointers of what is wrong with parameters, in order.
func faults(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var p *respond.Problem
	if !errors.As(err, &p) || p.Status != http.StatusBadRequest {
		t.Fatalf("%v", err)
	}
	var list []string
	for _, f := range p.Errors {
		list = append(list, f.Pointer)
	}
	return strings.Join(list, " ")
}

// still are views that stand still at the event 7.
func still() readingtest.Views {
	return readingtest.Views{ID: "geneva", At: events.Position{Epoch: epoch, Seq: 7}}
}

func TestEveryFaultOfAQueryIsNamed(t *testing.T) {
	for query, want := range map[string]string{
		"": "", "type=note.*,meeting.started&entity=note/n&standing=disputed&min_grade=B2&order=recorded&dir=desc&limit=500&from=2025-01-01T00:00:00Z&to=2025-01-02T00:00:00Z": "",
		"type=note": "type", "type=note.added,x.*": "type", "type=*": "type", "type=note.added,": "type", "entity=note": "entity", "standing=good": "standing", "min_grade=Z9": "min_grade",
		"order=up": "order", "dir=up": "dir", "limit=0": "limit", "limit=501": "limit", "limit=ten": "limit", "from=yesterday": "from",
		"from=2025-01-02T00:00:00Z&to=2025-01-02T00:00:00Z": "to", "known=@x": "known", "known=00000000-1": "known",
		"limit=0&dir=up&type=x&known=@x&entity=x": "dir entity known limit type",
	} {
		_, err := reader.Query(asked(query), still())
		if got := faults(t, err); got != want {
			t.Errorf("%s: %q, want %q (%v)", query, got, want, err)
		}
	}
	q, err := reader.Query(asked("type=note.*&q=fog&order=recorded&dir=desc&min_grade=B2&known="+epoch+"-3"), still())
	if err != nil || !slices.Equal(q.Types, []string{"note.*"}) || q.Text != "fog" || !q.Recorded || !q.Desc || q.MinGrade == nil || q.Limit == 0 || q.Reading.Seq != 3 || !q.Reading.Pinned {
		t.Errorf("%+v, %v", q, err)
	}
}

func TestNumbersAreFromOneOn(t *testing.T) {
	for text, want := range map[string]uint64{"": 9, "1": 1, "18446744073709551615": 0, "0": 0, "-1": 0, "1.5": 0, "x": 0} {
		n, err := reading.Seq(asked("seq="+text), "seq", 9)
		if n != want || (err != nil) != (want == 0) || want == 0 && faults(t, err) != "seq" {
			t.Errorf("%q: %d, %v", text, n, err)
		}
	}
	for text, want := range map[string]int{"": 100, "1": 1, "500": 500, "501": 0, "0": 0} {
		if n, err := reading.Limit(asked("limit="+text), 100, 500); n != want || (err != nil) != (want == 0) {
			t.Errorf("%q: %d, %v", text, n, err)
		}
	}
}

func TestAMediaTypeIsOneOfUTF8(t *testing.T) {
	for header, want := range map[string]string{
		"application/json": "application/json", "Application/JSON; charset=UTF-8": "application/json", "application/json;charset=utf-8; x=1": "application/json",
		"application/json; charset=latin1": "", "": "", "nonsense;": "nonsense", ";": "",
	} {
		r := asked("")
		r.Header.Set("Content-Type", header)
		if got := reading.MediaType(r); got != want {
			t.Errorf("%q: %q, want %q", header, got, want)
		}
	}
}

// growing is a log whose views follow it. A server that lags says that it ends sooner.
type growing struct {
	readingtest.Views
	lags, ends uint64 // where the log ends, as any server says and as its leader says
	follows    bool   // the views come to the end
	asked      *[]string
}

func (g growing) End(context.Context, time.Time) (uint64, error) {
	*g.asked = append(*g.asked, "any")
	return g.lags, nil
}

func (g growing) EndAfter(context.Context, time.Time, func() time.Time) (uint64, error) {
	*g.asked = append(*g.asked, "leader")
	return g.ends, nil
}

func (g growing) Await(ctx context.Context, seq uint64) error {
	if g.follows && seq <= g.ends {
		return nil
	}
	return g.Views.Await(ctx, seq)
}

// A read waits for what another server has acknowledged. Only a server that speaks for
// the log is believed when it says that there is no more.
func TestWhatAnotherServerHasAcknowledgedIsWaitedFor(t *testing.T) {
	for name, c := range map[string]struct {
		lags, ends uint64
		follows    bool
		seq        uint64
		has        bool
		late       bool
		asked      string
	}{
		"served":             {7, 7, true, 7, true, false, ""},
		"in the log":         {9, 9, true, 9, true, false, "any"},
		"at the leader":      {7, 9, true, 9, true, false, "any leader"},
		"nowhere":            {7, 7, true, 8, false, false, "any leader"},
		"beyond the end":     {7, 9, true, 10, false, false, "any leader"},
		"views that stand":   {9, 9, false, 9, true, true, "any"},
		"one that has begun": {8, 9, true, 9, true, false, "any leader"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // what is waited for comes in no time, or not at all
				var questions []string
				g := growing{still(), c.lags, c.ends, c.follows, &questions}
				has, err := reader.Reach(t.Context(), g, c.seq)
				if has != c.has || errors.Is(err, context.DeadlineExceeded) != c.late || err != nil && !c.late {
					t.Errorf("%v, %v", has, err)
				}
				if got := strings.Join(questions, " "); got != c.asked {
					t.Errorf("asked: %s, want %s", got, c.asked)
				}
			})
		})
	}
}

func TestAPositionToWaitForIsOfThisHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for text, want := range map[string]string{"": "", epoch + "-7": "", epoch + "-1": "", "7": "min", "@7": "min", "00000000-7": "min"} {
			w := httptest.NewRecorder()
			err := reader.AwaitMin(w, asked("min="+text), still())
			if got := faults(t, err); got != want {
				t.Errorf("%s: %v", text, err)
			}
			if told := w.Header().Get("Summit-Position"); told != map[bool]string{true: epoch + "-7"}[want == "" && text != ""] {
				t.Errorf("%s: it is served at %q", text, told)
			}
		}
		if err := reader.AwaitMin(httptest.NewRecorder(), asked("min="+epoch+"-8"), still()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("one that does not come: %v", err)
		}
	})
}
