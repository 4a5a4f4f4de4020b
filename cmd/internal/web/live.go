package web

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/host"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

const (
	tickEvery  = 15 * time.Second
	frameBatch = 512
	// patience is how long a client may take to accept what it is sent.
	patience = 10 * time.Second
)

// client is one live reader: a position and what it wants. It has no queue:
// on a poke it reads what is new after its position.
type client struct {
	w      http.ResponseWriter
	rc     *http.ResponseController
	x      *Handler
	r      *http.Request
	s      *host.Summit
	types  []string
	entity string
	at     uint64
	caught bool
}

func (x *Handler) live(w http.ResponseWriter, r *http.Request, s *host.Summit) error {
	c := &client{w: w, rc: http.NewResponseController(w), x: x, r: r, s: s, entity: r.FormValue("entity")}
	var err error
	if c.types, err = typesParam(r.FormValue("types"), "types"); err != nil {
		return err
	}
	if c.entity != "" {
		if _, err := events.ParseEntity(c.entity); err != nil {
			return badParams(Fault{Pointer: "entity", Detail: err.Error()})
		}
	}
	gap, resumed, err := c.begin()
	if err != nil {
		return err
	}
	if over, err := c.over(); err != nil {
		return err
	} else if over && resumed && gap == nil {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	x.gates.enter(s.ID)
	defer x.gates.leave(s.ID)
	fmt.Fprintf(w, "retry: %d\n\n", 1000+int(x.o.Jitter()*4000))
	if gap != nil {
		c.write("gap", "", gap)
	}
	c.run()
	return nil
}

// begin finds the position to go on from. The header wins over the query.
func (c *client) begin() (gap []byte, resumed bool, err error) {
	head := c.s.Views.Head()
	id := c.r.Header.Get("Last-Event-ID")
	if id == "" {
		id = c.r.FormValue("last_event_id")
	}
	if id == "" {
		c.at = head.Seq
		if since := c.r.FormValue("since"); since != "" {
			at, err := c.x.reading(c.r, c.s, "since")
			if err != nil {
				return nil, false, err
			}
			c.at = at.Seq
			return nil, true, nil
		}
		return nil, false, nil
	}
	p, err := events.ParsePosition(id)
	if err != nil {
		return nil, false, badParams(Fault{Pointer: "last_event_id", Detail: err.Error()})
	}
	switch {
	case p.Epoch != head.Epoch:
		gap = c.gap(p, events.Position{Epoch: head.Epoch}, "the position is of another history; this one is sent from its beginning")
		c.at = 0
	case p.Seq > head.Seq:
		gap = c.gap(p, head, "the position is beyond the head")
		c.at = head.Seq
	default:
		c.at = p.Seq
	}
	return gap, true, nil
}

func (c *client) gap(asked, serving events.Position, reason string) []byte {
	return fmt.Appendf(nil, `{"asked":%q,"serving_from":%q,"reason":%q}`, asked, serving, reason)
}

// over says whether the story is closed and the reader has all of it.
func (c *client) over() (bool, error) {
	closed, err := c.s.Views.Closed()
	return closed && c.at >= c.s.Views.Head().Seq, err
}

// run sends what is new on every poke, until the reader, the story or the
// server ends.
func (c *client) run() {
	tick := time.NewTicker(tickEvery)
	defer tick.Stop()
	for {
		changed := c.s.Views.Changed()
		if err := c.catchUp(); err != nil {
			return
		}
		if over, err := c.over(); err != nil || over {
			return
		}
		select {
		case <-c.r.Context().Done():
			return
		case <-c.x.o.Done:
			return
		case <-changed:
		case now := <-tick.C:
			if !c.write("tick", "", fmt.Appendf(nil, `{"position":%q,"time":%q}`, c.s.Views.Head(), now.UTC().Format(time.RFC3339))) || c.flush() != nil {
				return
			}
		}
	}
}

// catchUp sends every frame after the position, and says once that it has.
func (c *client) catchUp() error {
	for {
		frames, read, err := c.x.rings.of(c.s).after(c.r, c.x, c.s, c.at)
		if err != nil {
			c.x.o.Logger.Error("live stream", "summit", c.s.ID, "error", err)
			return err
		}
		for i := range frames {
			if c.wants(&frames[i]) {
				if !c.send(frames[i].text) {
					return errGone
				}
			}
		}
		c.at = read
		if read >= c.s.Views.Head().Seq {
			break
		}
		if err := c.flush(); err != nil {
			return err
		}
	}
	if !c.caught {
		c.caught = true
		c.write("caught-up", "", fmt.Appendf(nil, `{"position":%q}`, events.Position{Epoch: c.s.Views.Head().Epoch, Seq: c.at}))
	}
	return c.flush()
}

var errGone = errors.New("the reader is gone")

func (c *client) wants(f *frame) bool {
	if c.entity != "" && f.Entity != c.entity && f.Event == projections.FrameFact {
		return false
	}
	if len(c.types) == 0 || f.Event != projections.FrameFact {
		return true
	}
	for _, t := range c.types {
		prefix, wild := strings.CutSuffix(t, "*")
		if f.ItemType == t || (wild && strings.HasPrefix(f.ItemType, prefix)) {
			return true
		}
	}
	return false
}

func (c *client) write(event, id string, data []byte) bool {
	return c.send(encodeFrame(event, id, data))
}

func (c *client) send(text []byte) bool {
	_ = c.rc.SetWriteDeadline(c.x.o.Clock().Add(patience)) // without it a write takes as long as it takes
	_, err := c.w.Write(text)
	return err == nil
}

func (c *client) flush() error { return c.rc.Flush() }

func encodeFrame(event, id string, data []byte) []byte {
	var b bytes.Buffer
	if id != "" {
		b.WriteString("id: " + id + "\n")
	}
	b.WriteString("event: " + event + "\ndata: ")
	b.Write(data) // JSON without line breaks
	b.WriteString("\n\n")
	return b.Bytes()
}

// frame is a frame as every client gets it.
type frame struct {
	projections.Frame
	text []byte
}

// ring keeps the last frames of a summit, encoded once for all clients.
type ring struct {
	mu     sync.Mutex
	from   uint64 // the position after which the frames begin
	to     uint64 // the last position they cover
	frames []frame
}

// ringSize is how many frames are kept; who is further behind reads the views.
const ringSize = 4096

type rings struct {
	mu  sync.Mutex
	all map[string]*ring
}

func newRings() *rings { return &rings{all: map[string]*ring{}} }

func (r *rings) of(s *host.Summit) *ring {
	r.mu.Lock()
	defer r.mu.Unlock()
	x := r.all[s.ID]
	if x == nil {
		head := s.Views.Head().Seq
		x = &ring{from: head, to: head}
		r.all[s.ID] = x
	}
	return x
}

// after gives frames after a position, and how far they reach.
func (g *ring) after(r *http.Request, x *Handler, s *host.Summit, at uint64) ([]frame, uint64, error) {
	if frames, to, ok, err := g.kept(r, x, s, at); ok || err != nil {
		return frames, to, err
	}
	return load(r, x, s, at)
}

// kept is after, where the frames are in the ring.
func (g *ring) kept(r *http.Request, x *Handler, s *host.Summit, at uint64) ([]frame, uint64, bool, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if at < g.from {
		return nil, at, false, nil
	}
	if err := g.fill(r, x, s); err != nil {
		return nil, at, false, err
	}
	switch {
	case at < g.from: // what came since has pushed them out
		return nil, at, false, nil
	case at >= g.to:
		return nil, at, true, nil
	}
	i := len(g.frames)
	for i > 0 && g.frames[i-1].Position.Seq > at {
		i--
	}
	return g.frames[i:len(g.frames):len(g.frames)], g.to, true, nil
}

// fill adds what has come since.
func (g *ring) fill(r *http.Request, x *Handler, s *host.Summit) error {
	for g.to < s.Views.Head().Seq {
		more, read, err := load(r, x, s, g.to)
		if err != nil {
			return err
		}
		if read == g.to {
			return nil
		}
		g.frames, g.to = append(g.frames, more...), read
	}
	if over := len(g.frames) - ringSize; over > 0 {
		g.from = g.frames[over-1].Position.Seq
		g.frames = append([]frame(nil), g.frames[over:]...)
	}
	return nil
}

func load(r *http.Request, x *Handler, s *host.Summit, at uint64) ([]frame, uint64, error) {
	list, read, err := s.Views.Frames(r.Context(), at, frameBatch)
	if err != nil {
		return nil, at, err
	}
	out := make([]frame, len(list))
	for i, f := range list {
		if f.Event == projections.FrameSummit {
			if f.Data, err = x.summaryJSON(r, s, projections.Reading{Seq: f.Position.Seq, Pinned: true}); err != nil {
				return nil, at, err
			}
		}
		out[i] = frame{Frame: f, text: encodeFrame(f.Event, f.Position.String(), f.Data)}
	}
	return out, read, nil
}

// gates count the open streams.
type gates struct {
	mu   sync.Mutex
	open map[string]int
}

func newGates() *gates { return &gates{open: map[string]int{}} }

func (g *gates) enter(summit string) { g.add(summit, 1) }
func (g *gates) leave(summit string) { g.add(summit, -1) }

func (g *gates) add(summit string, n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open[summit] += n
}

func (g *gates) count(summit string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.open[summit]
}
