package respond_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/class"
	"github.com/summit-timeline/summit/projections"
)

// Each error is answered by its class, however deeply it is wrapped, without details
// that only operators may see.
func TestAnErrorIsAnsweredByItsClass(t *testing.T) {
	disk := func(errno syscall.Errno) error {
		return fmt.Errorf("write /var/lib/summit/views: %w", errno)
	}
	for name, c := range map[string]struct {
		err     error
		status  int
		says    string
		passing bool
	}{
		"malformed":      {class.New(class.Malformed, "no instant"), 400, "no instant", false},
		"a stranger":     {class.New(class.Stranger, "no token"), 401, "no token", false},
		"absent":         {fmt.Errorf("deep: %w", class.New(class.Absent, "no fact")), 404, "deep: no fact", false},
		"a conflict":     {class.New(class.Conflict, "taken"), 409, "taken", false},
		"moved":          {class.New(class.Moved, "gone on"), 412, "gone on", false},
		"too large":      {&http.MaxBytesError{Limit: 7}, 413, "limit of 7 bytes", false},
		"invalid":        {events.Faults{{Pointer: "/id", Detail: "is no UUID"}}, 422, "/id: is no UUID", false},
		"passing":        {class.New(class.Passing, "in a moment"), 503, "in a moment", true},
		"broken":         {class.New(class.Broken, "for good"), 503, "for good", false},
		"a full disk":    {disk(syscall.ENOSPC), 507, "no space left on its disk", true},
		"a quota":        {disk(syscall.EDQUOT), 507, "no space left on its disk", true},
		"a failing disk": {disk(syscall.EIO), 503, "the storage of the server fails", true},
		"too long":       {fmt.Errorf("ask: %w", context.DeadlineExceeded), 503, "deadline", true},
		"a parameter":    {&projections.ParamError{Name: "known", Detail: "is in the future"}, 400, "known is in the future", false},
		"no class":       {errors.New("oh: /secret/path"), 500, "internal error", false},
		"a problem":      {fmt.Errorf("deep: %w", &respond.Problem{Status: 418, Detail: "tea"}), 418, "tea", false},
		"reworded":       {respond.Reword(class.New(class.Conflict, "raw"), "in other words"), 409, "in other words", false},
	} {
		p := respond.ProblemOf(c.err)
		if p.Status != c.status || !strings.Contains(p.Detail, c.says) {
			t.Errorf("%s: %d %s, want %d %s", name, p.Status, p.Detail, c.status, c.says)
		}
		if strings.Contains(p.Detail, "/var/") || strings.Contains(p.Detail, "/secret") || strings.Contains(p.Detail, "raw") {
			t.Errorf("%s tells %s", name, p.Detail)
		}
		if got := respond.Passing(c.err); got != c.passing {
			t.Errorf("%s passes by itself: %v", name, got)
		}
	}
	if p := respond.ProblemOf(events.Faults{{Pointer: "/id", Detail: "is no UUID"}, {Pointer: "/type", Detail: "is missing"}}); len(p.Errors) != 2 || p.Errors[1].Pointer != "/type" {
		t.Errorf("the faults are %v", p.Errors)
	}
}

func TestAProblemIsOfRFC9457(t *testing.T) {
	w := httptest.NewRecorder()
	w.Header().Set("ETag", `"1"`)
	respond.BadParams(respond.Fault{Pointer: "to", Detail: "is no instant"}, respond.Fault{Pointer: "from", Detail: "is no instant"}).Write(w)
	const want = `{"type":"about:blank","title":"Bad Request","status":400,"detail":"a parameter cannot be used: from is no instant; to is no instant",` +
		`"errors":[{"pointer":"from","detail":"is no instant"},{"pointer":"to","detail":"is no instant"}]}`
	if got := strings.TrimSpace(w.Body.String()); w.Code != http.StatusBadRequest || got != want {
		t.Errorf("%d %s", w.Code, got)
	}
	if h := w.Header(); h.Get("Content-Type") != "application/problem+json" || h.Get("Cache-Control") != "no-store" || h.Get("ETag") != "" {
		t.Errorf("headers %v", h)
	}
}

// Answers are made a few at a time. A client that finds no room is told to come again,
// and a client that has gone is not served.
func TestThereIsRoomForSoManyAnswers(t *testing.T) {
	synctest.Test(t, roomForSoMany) // who waits for room does so in no time
}

func roomForSoMany(t *testing.T) {
	room := respond.NewRoom(time.Now)
	busy, free := make(chan bool), make(chan bool)
	makers := 2 * runtime.GOMAXPROCS(0)
	ended := make(chan error, makers)
	for range makers {
		go func() {
			_, err := room.Make(t.Context(), func() ([]byte, error) { busy <- true; <-free; return nil, nil })
			ended <- err
		}()
	}
	for range makers {
		<-busy
	}
	if _, err := room.Make(t.Context(), func() ([]byte, error) { t.Error("one more is made"); return nil, nil }); class.Of(err) != class.Passing {
		t.Errorf("one more: %v", err)
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := room.Make(gone, func() ([]byte, error) { t.Error("made for nobody"); return nil, nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("who has gone: %v", err)
	}
	close(free)
	for range makers {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	if b, err := room.Make(t.Context(), func() ([]byte, error) { return []byte("x"), nil }); err != nil || string(b) != "x" {
		t.Errorf("later: %s, %v", b, err)
	}
}

// stuck is a reader that takes nothing before it is let go.
type stuck struct {
	*httptest.ResponseRecorder
	took, free chan bool
}

func (s stuck) Write(b []byte) (int, error) {
	s.took <- true
	<-s.free
	return s.ResponseRecorder.Write(b)
}

// Readers that do not read hold their answers: beyond a bound large ones are refused,
// and small ones are sent all the same.
func TestLargeAnswersWaitForTheirReadersWithinABound(t *testing.T) {
	room, large := respond.NewRoom(time.Now), bytes.Repeat([]byte("x"), 40<<20)
	s := stuck{httptest.NewRecorder(), make(chan bool, 1<<12), make(chan bool)}
	ended := make(chan error, 1)
	go func() { ended <- room.Send(s, "text/plain", large) }()
	<-s.took
	if err := room.Send(httptest.NewRecorder(), "text/plain", large); class.Of(err) != class.Passing {
		t.Errorf("another large one: %v", err)
	}
	w := httptest.NewRecorder()
	if err := room.Send(w, "text/plain", []byte("small")); err != nil || w.Body.String() != "small" || w.Header().Get("Content-Length") != "5" {
		t.Errorf("a small one: %s %v, %v", w.Body, w.Header(), err)
	}
	close(s.free)
	if err := <-ended; err != nil || s.Body.Len() != len(large) {
		t.Errorf("%d bytes, %v", s.Body.Len(), err)
	}
	if err := room.Send(httptest.NewRecorder(), "text/plain", large); err != nil {
		t.Errorf("once the first has been read: %v", err)
	}
}

// A reader that has gone is noticed, and told apart from one that was never written to.
func TestAReaderThatIsGoneIsNoticed(t *testing.T) {
	p := respond.NewPatient(httptest.NewRecorder(), time.Now)
	if p.Begun || p.Failed != nil {
		t.Error("it has begun before it was written to")
	}
	if _, err := io.WriteString(p, "x"); err != nil || !p.Begun || p.Failed != nil {
		t.Errorf("%v, %v", err, p.Failed)
	}
	gone := respond.NewPatient(failing{httptest.NewRecorder()}, time.Now)
	if _, err := io.WriteString(gone, "x"); !errors.Is(err, syscall.EPIPE) || !errors.Is(gone.Failed, syscall.EPIPE) {
		t.Errorf("%v, %v", err, gone.Failed)
	}
	l := respond.NewLines(httptest.NewRecorder(), time.Now)
	if l.Begun() {
		t.Error("it has begun before it was written to")
	}
	if _, err := io.WriteString(l, "x"); err != nil || !l.Begun() {
		t.Error(err)
	}
}

type failing struct{ *httptest.ResponseRecorder }

func (failing) Write([]byte) (int, error) { return 0, syscall.EPIPE }

func TestAnAnswerThatTheClientHasIsNotSentAgain(t *testing.T) {
	ask := func(basis string, has ...string) (*httptest.ResponseRecorder, bool) {
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		r.Header["If-None-Match"] = has
		w := httptest.NewRecorder()
		return w, respond.Unchanged(w, r, basis)
	}
	first, unchanged := ask("one")
	tag := first.Header().Get("ETag")
	if unchanged || tag == "" {
		t.Fatalf("%v, %q", unchanged, tag)
	}
	if other, _ := ask("two"); other.Header().Get("ETag") == tag {
		t.Error("another answer has the same tag")
	}
	for has, want := range map[string]bool{tag: true, "W/" + tag: true, `"x", ` + tag: true, "*": true, `"x"`: false, "": false, strings.Trim(tag, `"`): false} {
		w, unchanged := ask("one", has)
		if unchanged != want || unchanged != (w.Code == http.StatusNotModified) {
			t.Errorf("%s: %v, %d", has, unchanged, w.Code)
		}
	}
	if _, unchanged := ask("one", `"x"`, tag); !unchanged {
		t.Error("the second header does not count")
	}
}

func TestAnObjectIsWrittenMemberByMember(t *testing.T) {
	var o respond.Object
	if err := o.Member("none", []string(nil)); err != nil {
		t.Fatal(err)
	}
	o.List("list", []jsontext.Value{jsontext.Value("1"), jsontext.Value(`{"a":2}`)})
	o.List("empty", nil)
	o.Next("")
	if got := string(o.End()); got != `{"none":[],"list":[1,{"a":2}],"empty":[],"next":null}` {
		t.Error(got)
	}
	var page respond.Object
	err := page.Stamp("geneva", projections.Stamp{Position: events.Position{Epoch: "3f9a1c20", Seq: 7}, Known: events.Position{Epoch: "3f9a1c20", Seq: 5}, Complete: true})
	if page.Next("c"); err != nil {
		t.Fatal(err)
	}
	if got := string(page.End()); got != `{"summit":"geneva","position":"3f9a1c20-7","known":"3f9a1c20-5","complete":true,"next":"c"}` {
		t.Error(got)
	}
}
