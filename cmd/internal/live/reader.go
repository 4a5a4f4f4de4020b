package live

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/summit-timeline/summit/events"
)

const (
	// beatEvery is the time between the heartbeats of a quiet stream. Every third is
	// a tick, the others are comments.
	beatEvery = 5 * time.Second
	tickBeats = 3
	// patience is how long a reader may take for a batch before it counts as lagging
	// and is cut off. It has until lastPatience to take the batch and the frame
	// lagging.
	patience     = 10 * time.Second
	lastPatience = 60 * time.Second
)

// Ask is a request for a stream.
type Ask struct {
	Summit string
	Story  Story
	// Language is that of the frames, a tag: they are encoded once for each.
	Language string
	Filter   Filter
	// After is the position after which the reader wants everything.
	After uint64
	// Resumed is set if the reader named that position itself.
	Resumed bool
	Gap     *Gap
	// Allowed is called with every heartbeat. Its error is sent to the reader and
	// ends the stream. Nil always allows.
	Allowed func() error
}

// reader is one open stream.
type reader struct {
	feed   *feed
	out    sink
	filter Filter
	at     uint64 // everything it wants up to here was sent
	lastID uint64 // the last id it was sent: where it would resume
	beats  int
	caught bool
	over   bool // it may read no more
	allow  func() error
}

// Serve sends a stream until the reader, the summit or the server ends it. It
// answers 204 to a reader that resumes and has everything of a closed summit.
func (h *Hub) Serve(w http.ResponseWriter, r *http.Request, ask Ask) error {
	f := h.feed(ask.Summit, ask.Language, ask.Story)
	x := &reader{feed: f, out: newResponse(w, r), filter: ask.Filter, at: ask.After, lastID: ask.After, allow: ask.Allowed}
	if ask.Resumed && ask.Gap == nil {
		if done, err := x.nothingToCome(); err != nil {
			return err
		} else if done {
			w.WriteHeader(http.StatusNoContent)
			return nil
		}
	}
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store, no-transform")
	header.Set("X-Accel-Buffering", "no")
	h.open.Add(1)
	f.readers.Add(1)
	f.story.Hold()
	first := retry(time.Second + time.Duration(h.o.Jitter()*float64(4*time.Second)))
	if !ask.Resumed { // else a reader that is cut before its first fact would begin anew
		first = append(first, bareID(x.position())...)
	}
	if ask.Gap != nil {
		first = append(first, ask.Gap.frame()...)
	}
	if x.send(first) != nil {
		x.leave()
		return nil
	}
	x.run(r.Context())
	return nil
}

// nothingToCome reports whether the summit is closed and nothing is left for the
// reader.
func (x *reader) nothingToCome() (bool, error) {
	over, err := x.feed.over(max(x.at, x.feed.story.Head().Seq))
	if err != nil || !over {
		return false, err
	}
	return x.feed.nothing(x.at, &x.filter)
}

// run sends what is new until the stream ends, or can wait in a shard.
func (x *reader) run(ctx context.Context) {
	beat := time.NewTicker(beatEvery)
	defer beat.Stop()
	for {
		changed := x.feed.story.Changed()
		err := x.catchUp()
		if err == nil && x.park() {
			return
		}
		if err == nil && !x.ended() {
			err = x.wait(ctx, changed, beat.C)
		} else if err == nil {
			err = errEnded
		}
		if err != nil {
			x.leave()
			return
		}
	}
}

var (
	errEnded   = errors.New("the stream ends")
	errLagging = errors.New("the reader cannot keep up")
)

// wait waits for something to send.
func (x *reader) wait(ctx context.Context, changed <-chan struct{}, beat <-chan time.Time) error {
	select {
	case <-ctx.Done():
		return errEnded
	case <-x.feed.hub.o.Done:
		return errEnded
	case <-changed:
		return nil
	case <-beat:
		return x.send(x.beat())
	}
}

// catchUp sends everything after the position, and then caught-up once.
func (x *reader) catchUp() error {
	for {
		p, err := x.feed.after(x.at, &x.filter)
		if err != nil {
			x.feed.fail(err)
			return err
		}
		if p.to == x.at {
			break
		}
		if err := x.deliver(p, func(until time.Time) error { return x.out.send(p.text, until) }); err != nil {
			return err
		}
		if x.feed.hub.stopping() {
			return errEnded
		}
	}
	if x.caught || x.at > x.feed.story.Head().Seq {
		return nil // the views have yet to come to what another server told it
	}
	x.caught = true
	return x.send(caughtUp(x.position()))
}

func (x *reader) moved(p batch) {
	x.at = p.to
	if p.last > 0 {
		x.lastID = p.last
	}
}

// send writes frames that have no position.
func (x *reader) send(text []byte) error {
	p := batch{text: text, to: x.at}
	return x.deliver(p, func(until time.Time) error { return x.out.send(text, until) })
}

// deliver writes a batch. A reader that takes too long is sent lagging.
func (x *reader) deliver(p batch, write func(until time.Time) error) error {
	if len(p.text) == 0 {
		x.moved(p)
		return nil
	}
	clock := x.feed.hub.o.Clock
	began := clock()
	if err := write(began.Add(lastPatience)); err != nil {
		return err
	}
	x.moved(p)
	if now := clock(); now.Sub(began) > patience {
		sent := x.position()
		sent.Seq = x.lastID
		_ = x.out.send(lagging(sent, x.feed.story.Head()), now.Add(patience)) // it is cut all the same
		return errLagging
	}
	return nil
}

// beat returns the heartbeat of a quiet stream: a tick, the position if a filter
// left out everything since the last id, or a comment. If the reader may read no
// more it returns the last frame.
func (x *reader) beat() []byte {
	x.beats++
	if x.allow != nil {
		if err := x.allow(); err != nil {
			x.over = true
			return refused(err)
		}
	}
	switch {
	case x.beats%tickBeats == 0:
		return tick(x.feed.story.Head(), x.feed.hub.o.Clock())
	case x.at > x.lastID:
		x.lastID = x.at
		return bareID(x.position())
	}
	return comment
}

func (x *reader) position() events.Position {
	return events.Position{Epoch: x.feed.story.Head().Epoch, Seq: x.at}
}

// ended reports whether the reader has everything of a closed summit, may read no
// more, or the server stops.
func (x *reader) ended() bool {
	if x.over {
		return true
	}
	over, err := x.feed.over(x.at)
	if err != nil {
		x.feed.fail(err)
	}
	return over || err != nil || x.feed.hub.stopping()
}

// park hands the reader to a shard, if its connection allows it. A reader
// that is ahead of these views has not caught up yet, and stays.
func (x *reader) park() bool {
	if !x.caught || x.ended() {
		return false
	}
	if r, ok := x.out.(*response); ok {
		detached := r.detach()
		if detached == nil {
			return false
		}
		x.out = detached
	}
	c, ok := x.out.(*wire)
	if !ok || c.raw == nil || c.patient() != nil {
		return false
	}
	x.feed.shards[x.feed.next.Add(1)%uint64(len(x.feed.shards))].park(x)
	return true
}

// leave ends the stream.
func (x *reader) leave() {
	x.out.finish()
	x.feed.story.Release()
	x.feed.readers.Add(-1)
	x.feed.hub.open.Done()
}

func (f *feed) fail(err error) {
	f.hub.o.Logger.Error("live stream", "summit", f.of.summit, "error", err)
}
