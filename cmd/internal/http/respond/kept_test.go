package respond_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/http/respond"
)

func newCache(t *testing.T) *respond.Cache {
	t.Helper()
	c, err := respond.NewCache()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWhatIsLargeIsNotKept(t *testing.T) {
	c := newCache(t)
	c.Add("small", make([]byte, 128<<10))
	c.Add("large", make([]byte, 128<<10+1))
	if b, found := c.Get("small"); !found || len(b) != 128<<10 {
		t.Error("a small answer is not kept")
	}
	if _, found := c.Get("large"); found {
		t.Error("a large answer is kept")
	}
}

// A cache holds 32 MiB of what was asked for last, many small answers or few large ones.
func TestACacheHoldsSoManyBytes(t *testing.T) {
	for _, size := range []int{8 << 10, 60 << 10, 128 << 10} {
		c, all := newCache(t), 40<<20/size
		basis := func(n int) string { return fmt.Sprint(size, n) }
		for n := range all {
			c.Add(basis(n), bytes.Repeat([]byte{byte(n)}, size))
			c.Add(basis(n), bytes.Repeat([]byte{byte(n)}, size)) // which takes no more
			c.Get(basis(0))
		}
		kept, first := 0, all
		for n := range all {
			if b, found := c.Get(basis(n)); found {
				if kept += len(b) + len(basis(n)); n > 0 {
					first = min(first, n)
				}
				if !bytes.Equal(b, bytes.Repeat([]byte{byte(n)}, size)) {
					t.Fatalf("answer %d of %d bytes is another", n, size)
				}
			} else if n == 0 || n > first {
				t.Errorf("answer %d of %d bytes was asked for after %d, and is not kept", n, size, first)
			}
		}
		if kept > 32<<20 || kept < 31<<20 {
			t.Errorf("%d bytes are kept of answers of %d", kept, size)
		}
	}
}

// Who goes through the past pushes nothing out; what is asked for again is kept.
func TestAnOldAnswerIsKeptFromTheSecondTimeOn(t *testing.T) {
	c := newCache(t)
	c.Add("now", []byte("now"))
	for n := range 1_000 {
		c.AddAgain(fmt.Sprint("old ", n), make([]byte, 100<<10))
	}
	if _, found := c.Get("old 999"); found {
		t.Error("what was asked for once is kept")
	}
	if _, found := c.Get("now"); !found {
		t.Error("what was asked for once pushed out another")
	}
	answer := []byte("past")
	c.AddAgain("old", answer)
	c.AddAgain("old", answer)
	answer[0] = 'c'
	if b, _ := c.Get("old"); string(b) != "past" {
		t.Errorf("asked for twice, it is kept as %q", b)
	}
}

// Answers whose texts are used again reach each reader as they were made.
func TestATextIsUsedAgainOnceItWasSent(t *testing.T) {
	room := respond.NewRoom(time.Now)
	var all sync.WaitGroup
	for first := range 2 { // as many as are answered at a time on one processor
		all.Go(func() {
			for n := first; n < 200; n += 2 {
				w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", http.NoBody)
				want := bytes.Repeat([]byte{byte(n)}, 1+n%7*25<<10)
				err := room.ReplyOnce(w, r, func(into []byte) ([]byte, error) { return append(into, want...), nil })
				if err != nil || !bytes.Equal(w.Body.Bytes(), want) {
					t.Errorf("answer %d has %d bytes, or others than its own (%v)", n, w.Body.Len(), err)
				}
			}
		})
	}
	all.Wait()
}

// What a reader who is gone did not take may yet be on its way: it stays as it is.
func TestATextThatWasNotSentIsNotUsedAgain(t *testing.T) {
	room, r := respond.NewRoom(time.Now), httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	for n := range 100 {
		gone := &holding{httptest.NewRecorder(), nil}
		for _, w := range []http.ResponseWriter{gone, httptest.NewRecorder()} {
			if err := room.ReplyOnce(w, r, func(into []byte) ([]byte, error) { n++; return append(into, byte(n), byte(n)), nil }); err != nil {
				t.Fatal(err)
			}
		}
		if gone.b[0] != byte(n-1) {
			t.Fatal("what the reader may yet be sent was written over")
		}
	}
}

// holding is a connection that is gone, and keeps what it was to send.
type holding struct {
	*httptest.ResponseRecorder
	b []byte
}

func (h *holding) Write(b []byte) (int, error) {
	h.b = b
	return 0, syscall.EPIPE
}
