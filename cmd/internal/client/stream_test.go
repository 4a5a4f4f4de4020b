package client

import (
	"bufio"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// framesOf reads a stream to its end.
func framesOf(text string) (frames []Frame, heard int) {
	r := &FrameReader{Lines: bufio.NewReader(strings.NewReader(text)), Heard: func() { heard++ }}
	for {
		f, err := r.Next()
		if err != nil {
			return frames, heard
		}
		frames = append(frames, f)
	}
}

func TestFramesAreThoseOfTheStandard(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []Frame
	}{
		"one":                    {"id: 1\nevent: fact\ndata: {}\n\n", []Frame{{Event: "fact", ID: "1", Data: "{}"}}},
		"without blanks":         {"id:1\nevent:fact\ndata:{}\n\n", []Frame{{Event: "fact", ID: "1", Data: "{}"}}},
		"one blank is left out":  {"data:  x\n\n", []Frame{{Data: " x"}}},
		"lines of Windows":       {"id: 1\r\ndata: a\r\n\r\n", []Frame{{ID: "1", Data: "a"}}},
		"several lines":          {"data: a\ndata:\n" + "data: b\n\n", []Frame{{Data: "a\n\nb"}}},
		"a comment":              {": still here\n\nid: 2\ndata: b\n\n", []Frame{{}, {ID: "2", Data: "b"}}},
		"an id holds":            {"id: 1\ndata: a\n\ndata: b\n\n", []Frame{{ID: "1", Data: "a"}, {ID: "1", Data: "b"}}},
		"an id that is emptied":  {"id: 1\ndata: a\n\nid\ndata: b\n\n", []Frame{{ID: "1", Data: "a"}, {Data: "b"}}},
		"how long to wait":       {"retry: 250\n\n", []Frame{{Retry: 250 * time.Millisecond}}},
		"no number":              {"retry: soon\n\n", []Frame{{}}},
		"a field that is no one": {"colour: red\ndata: a\n\n", []Frame{{Data: "a"}}},
		"colons in the data":     {"data: {\"a\":1}\n\n", []Frame{{Data: `{"a":1}`}}},
		"cut off in a frame":     {"id: 1\ndata: a\n\nid: 2\ndata: b\n", []Frame{{ID: "1", Data: "a"}}},
	} {
		if got, _ := framesOf(c.text); !slices.Equal(got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// Every frame that was written is read. A stream that is cut gives the whole frames
// before the cut.
func TestAStreamThatIsCutGivesItsWholeFrames(t *testing.T) {
	word := rapid.StringMatching(`[a-z0-9{}":, é-]{0,8}`)
	rapid.Check(t, func(t *rapid.T) {
		var text strings.Builder
		var want []Frame
		var ends []int
		for n := range rapid.IntRange(0, 5).Draw(t, "frames") {
			f := Frame{Event: "fact", ID: fmt.Sprint("e-", n), Data: strings.Join(rapid.SliceOfN(word, 1, 3).Draw(t, "data"), "\n")}
			fmt.Fprintf(&text, ": comment\nid: %s\nevent: %s\n", f.ID, f.Event)
			for line := range strings.SplitSeq(f.Data, "\n") {
				fmt.Fprintf(&text, "data: %s\n", line)
			}
			text.WriteString("\n")
			want, ends = append(want, f), append(ends, text.Len())
		}
		cut := rapid.IntRange(0, text.Len()).Draw(t, "cut")
		whole := 0
		for _, end := range ends {
			if end <= cut {
				whole++
			}
		}
		if got, heard := framesOf(text.String()[:cut]); !slices.Equal(got, want[:whole]) || heard != strings.Count(text.String()[:cut], "\n") {
			t.Fatalf("%d bytes of\n%s\ngive %+v, heard %d times", cut, &text, got, heard)
		}
	})
}
