package respond

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/summit-timeline/summit/events/class"
)

const (
	// makersPerCPU is how many answers are made at a time for each processor: each may
	// take some of the largest size while it is, and more would only wait for their
	// turn with that in hand.
	makersPerCPU = 2
	// underWay is how many bytes of large answers wait for their readers: one that
	// does not read holds its own, and no others.
	underWay = 64 << 20
	// small is the size up to which an answer is not counted: about what the
	// connection takes without waiting.
	small = 64 << 10
	// mostText is the size up to which a text is used again.
	mostText = 2 * small
)

// makeWait is how long a request waits for its turn to be answered.
const makeWait = 2 * time.Second

// Room bounds the memory that answers take.
type Room struct {
	making, sending *semaphore.Weighted
	texts           sync.Pool // of *[]byte: mostly an answer fits into the one before
	clock           func() time.Time
}

// NewRoom makes a room.
func NewRoom(clock func() time.Time) *Room {
	return &Room{
		making: semaphore.NewWeighted(int64(makersPerCPU * runtime.GOMAXPROCS(0))), sending: semaphore.NewWeighted(underWay),
		texts: sync.Pool{New: func() any { return new(make([]byte, 0, small)) }}, clock: clock,
	}
}

var (
	errMaking  = class.New(class.Passing, "the server is answering as many requests as it can hold: try again in a moment")
	errSending = class.New(class.Passing, "the server is sending as many large answers as it can hold: try again in a moment, or ask for less with limit")
)

// Make makes an answer once there is room for it.
func (m *Room) Make(ctx context.Context, makeAnswer func() ([]byte, error)) ([]byte, error) {
	if m.making.TryAcquire(1) { // as mostly: who has no time left to wait need not
		defer m.making.Release(1)
		return makeAnswer()
	}
	wait, cancel := context.WithTimeout(ctx, makeWait)
	defer cancel()
	if err := m.making.Acquire(wait, 1); err != nil {
		if errors.Is(ctx.Err(), context.Canceled) {
			return nil, fmt.Errorf("make the answer: %w", ctx.Err())
		}
		return nil, errMaking
	}
	defer m.making.Release(1)
	return makeAnswer()
}

// Send sends an answer piece by piece. A large one is sent only while there is
// room for what readers have not taken yet.
func (m *Room) Send(w http.ResponseWriter, kind string, b []byte) error {
	_, err := m.send(w, kind, b)
	return err
}

// send is Send. It returns false if the reader was gone before all was sent: then
// some of it may yet be on its way.
func (m *Room) send(w http.ResponseWriter, kind string, b []byte) (all bool, err error) {
	size := len(b)
	if size > small {
		size = cap(b) // the rest of its room waits with it
	}
	release, err := m.Hold(size)
	if err != nil {
		return false, err
	}
	defer release()
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(b))) // a long one is not sent in chunks then
	rc := http.NewResponseController(w)
	for first := true; first || len(b) > 0; first = false {
		piece := b[:min(len(b), small)]
		_ = rc.SetWriteDeadline(m.clock().Add(writeWait)) // without it a write takes as long as it takes
		if _, err := w.Write(piece); err != nil {
			return false, nil //nolint:nilerr // the reader is gone
		}
		b = b[len(piece):]
	}
	_ = rc.Flush()
	_ = rc.SetWriteDeadline(time.Time{}) // what is sent next has its own time
	return true, nil
}

// Hold takes the room for an answer of a size until release is called. It returns an
// error where readers that have not taken theirs leave none.
func (m *Room) Hold(size int) (release func(), err error) {
	if size <= small {
		return func() {}, nil
	}
	n := min(int64(size), underWay)
	if !m.sending.TryAcquire(n) {
		return nil, errSending
	}
	return func() { m.sending.Release(n) }, nil
}

// ReplyOnce makes a JSON answer and sends it. The text that makeAnswer appends to, and
// what it returns, is used again for other answers: nobody may keep it.
func (m *Room) ReplyOnce(w http.ResponseWriter, r *http.Request, makeAnswer func(into []byte) ([]byte, error)) error {
	var text *[]byte
	b, err := m.Make(r.Context(), func() ([]byte, error) {
		text = m.texts.Get().(*[]byte) // who waits for a turn holds none
		return makeAnswer((*text)[:0])
	})
	if err != nil {
		return err
	}
	sent, err := m.send(w, JSONType, b)
	if sent && cap(b) <= mostText {
		*text = b
		m.texts.Put(text)
	}
	return err
}

// Reply makes a JSON answer and sends it.
func (m *Room) Reply(w http.ResponseWriter, r *http.Request, makeAnswer func() ([]byte, error)) error {
	b, err := m.Make(r.Context(), makeAnswer)
	if err != nil {
		return err
	}
	return m.Send(w, JSONType, b)
}
