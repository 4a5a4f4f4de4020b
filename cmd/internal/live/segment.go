package live

import (
	"fmt"
	"sort"

	"github.com/summit-timeline/summit/projections"
)

// span is how many positions a segment covers. Segments begin at the same positions
// for all readers, so that readers share them.
const span = 256

// piece is about the most bytes of a batch.
const piece = 64 << 10

// segment holds the encoded frames of a span of positions. It only grows at its
// end: batches that were taken from it stay valid.
type segment struct {
	to    uint64 // it holds everything up to here
	text  []byte
	marks []mark
}

// mark is where a frame ends, and what filters need of it.
type mark struct {
	seq                          uint64
	end                          int
	event, typ, itemType, entity string
}

// batch is what a reader is sent in one write.
type batch struct {
	text []byte
	last uint64 // position of the last frame in it; 0 where there is none
	to   uint64 // the position the reader then is at
}

// after returns the frames after a position, up to about a piece.
func (s *segment) after(at uint64, f *Filter) batch {
	first := sort.Search(len(s.marks), func(i int) bool { return s.marks[i].seq > at })
	start := 0
	if first > 0 {
		start = s.marks[first-1].end
	}
	if f.all() {
		return s.whole(start, first)
	}
	p := batch{to: s.to}
	for i := first; i < len(s.marks); i++ {
		m := &s.marks[i]
		if f.wants(m) {
			if p.last > 0 && len(p.text)+m.end-start > piece {
				p.to = m.seq - 1
				break
			}
			p.text, p.last = append(p.text, s.text[start:m.end]...), m.seq
		}
		start = m.end
	}
	return p
}

// whole is after without a filter. It copies nothing.
func (s *segment) whole(start, first int) batch {
	p := batch{to: s.to}
	end := start
	for i := first; i < len(s.marks); i++ {
		m := &s.marks[i]
		if p.last > 0 && m.end-start > piece {
			p.to = m.seq - 1
			break
		}
		end, p.last = m.end, m.seq
	}
	p.text = s.text[start:end:end]
	return p
}

// expect allocates room for a segment of a size: growing bit by bit would take as
// long as making the frames.
func (s *segment) expect(bytes int) {
	s.text, s.marks = make([]byte, 0, bytes+bytes/16), make([]mark, 0, span)
}

// fill adds the frames of a story up to a position.
func (s *segment) fill(story Story, until uint64) error {
	for s.to < until {
		text, marks := len(s.text), len(s.marks)
		read, err := s.read(story, until)
		if err != nil {
			s.text, s.marks = s.text[:text], s.marks[:marks]
			return fmt.Errorf("read the frames after %d: %w", s.to, err)
		}
		if read == s.to {
			return nil
		}
		s.to = read
	}
	return nil
}

// read adds frames up to a position, or to a frame of the summit itself. Its data
// needs a read of its own, which must not be nested in another.
func (s *segment) read(story Story, until uint64) (uint64, error) {
	apart := false
	read, err := story.Frames(s.to, int(until-s.to), func(f projections.Frame) bool {
		if apart = f.Event == projections.FrameSummit; apart {
			return false
		}
		s.add(f)
		return true
	})
	if err != nil || !apart {
		return read, err
	}
	f := projections.Frame{Position: story.Head(), Event: projections.FrameSummit}
	f.Position.Seq = read
	if f.Data, err = story.Summary(read); err != nil {
		return 0, err
	}
	s.add(f)
	return read, nil
}

func (s *segment) add(f projections.Frame) {
	s.text = appendFrame(s.text, f.Event, f.Position.String(), f.Data)
	s.marks = append(s.marks, mark{f.Position.Seq, len(s.text), f.Event, f.Type, f.ItemType, f.Entity})
}
