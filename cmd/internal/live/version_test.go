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

// A language has frames of its own, which its readers share.
func TestFramesAreEncodedOnceForEachLanguage(t *testing.T) {
	hub, s := New(Options{}), newTale()
	s.tell(3, 10, "note/a")
	english, german := hub.feed("s", "en", s), hub.feed("s", "de", s)
	if english == german || hub.feed("s", "de", s) != german {
		t.Error("the readers of two languages share their frames, or those of one do not")
	}
	for _, f := range []*feed{english, german, german} {
		if p, err := f.after(0, &Filter{}); err != nil || p.to != 3 {
			t.Errorf("frames up to %d, %v", p.to, err)
		}
	}
	if s.read != 6 {
		t.Errorf("%d frames were read for two languages of 3", s.read)
	}
}
