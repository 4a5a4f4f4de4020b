package live

import (
	"strings"
	"testing"
)

// What was encoded out of the views of one version is not sent once those of
// another serve: neither of a segment that is complete nor of the last one.
func TestFramesOfAnOlderVersionAreForgotten(t *testing.T) {
	s := newTale()
	s.tell(span+10, 5, "note/n")
	f := newFeed(New(Options{}), feedKey{"s", ""}, s)
	for _, word := range []string{"xxxxx", "anew", "anew"} {
		if word == "anew" && s.Version() == 0 {
			s.reword()
		}
		for _, at := range []uint64{0, span} {
			p, err := f.after(at, &Filter{})
			if err != nil || strings.Count(string(p.text), word) == 0 || word == "anew" && strings.Contains(string(p.text), "xxxxx") {
				t.Errorf("after %d: %v: %.200s, want %s", at, err, p.text, word)
			}
		}
	}
}
