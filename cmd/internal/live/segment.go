package live

import (
	"fmt"
	"sort"

	"github.com/summit-timeline/summit/projections"
)

// span is how many positions a segment covers. Segments are cut at the same
// places for all readers, so that they share them.
const span = 256

// piece is about how many bytes are written at a time.
const piece = 64 << 10

// segment is the encoded frames of a span of positions, one behind the other.
// It grows at its end alone: what was taken of it stays as it is.
type segment struct {
	to    uint64 // it tells of everything up to here
	text  []byte
	marks []mark
}

// mark is where a frame ends, and what filters ask of it.
type mark struct {
	seq                          uint64
	end                          int
	event, typ, itemType, entity string
}

// portion is what a reader is sent at a time.
type portion struct {
	text []byte
	last uint64 // position of the last frame in it; 0 where there is none
	to   uint64 // the position the reader then is at
}

// after gives the frames that come after a position, about a piece of them.
func (s *segment) after(at uint64, f *Filter) portion {
	first := sort.Search(len(s.marks), func(i int) bool { return s.marks[i].seq > at })
	start := 0
	if first > 0 {
		start = s.marks[first-1].end
	}
	if f.all() {
		return s.whole(start, first)
	}
	p := portion{to: s.to}
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

// whole is after without a filter: nothing is copied.
func (s *segment) whole(start, first int) portion {
	p := portion{to: s.to}
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

// expect makes room for a whole segment as large as another: growing into it
// bit by bit would take as long as making the frames.
func (s *segment) expect(bytes int) {
	s.text, s.marks = make([]byte, 0, bytes+bytes/16), make([]mark, 0, span)
}

// fill adds what a story tells up to a position.
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

// read adds frames up to a position, or to a frame of the summit: its data is
// read apart, for one reading must not lie within another.
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
