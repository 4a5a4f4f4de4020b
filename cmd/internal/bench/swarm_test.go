package bench

import (
	"fmt"
	"testing"
	"time"
)

func TestFramesAreCountedWhereverReadsEnd(t *testing.T) {
	frame := func(ago time.Duration) string {
		return fmt.Sprintf("id: 0a0b0c0d-1\nevent: fact\ndata: {\"text\":\"%s%d\"}\n\n", stampMark, time.Now().Add(-ago).UnixNano())
	}
	made := func() string {
		return "retry: 1000\n\nevent: caught-up\ndata: {}\n\n" + frame(time.Second) + ": still here\n\n" + frame(2*time.Second) + "event: tick\ndata: {}\n\n"
	}
	for cut := range len(made()) {
		text := made() // anew for each cut: what was sent long ago counts as longer ago than it is told apart
		s := &swarm{began: time.Now()}
		used := s.count([]byte(text[:cut]))
		if rest := used + s.count([]byte(text[used:])); rest != len(text) {
			t.Fatalf("cut at %d: %d of %d bytes are used", cut, rest, len(text))
		}
		x := s.state()
		if x.Frames != 2 || x.Ready != 1 || x.P50 < 1000 || x.P99 < x.P50+900 || x.Max < x.P99 {
			t.Fatalf("cut at %d: %+v", cut, x)
		}
	}
}
