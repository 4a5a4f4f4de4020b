package ingest

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/summit-timeline/summit/events"
)

// undatedMark begins the sentence of a note that says why a fact has no time.
const undatedMark = "When it was published is not known: "

// before is what the version before made of an item, which read every text as
// HTML and dropped whatever stood in angle brackets, or nil if it is what is
// made of it now. What is told of a date is not compared.
func before(it entry) events.Payload {
	old := func(w words) string { return plain(w.text, func(string, string) bool { return true }) }
	authors := make([]string, 0, it.wasAuthors)
	for _, a := range it.authors[:min(it.wasAuthors, len(it.authors))] {
		if name := line(old(words{text: a})); name != "" {
			authors = append(authors, name)
		}
	}
	raw := words{text: cmp.Or(it.summary.text, it.content.text)}
	note := noteOf(line(old(it.title)), old(raw), authors, "")
	if note == nil {
		return nil
	}
	return note
}

// dateless is a note without what it says of the date.
func dateless(note string) string {
	front, rest, found := strings.Cut(note, undatedMark)
	if !found {
		return note
	}
	_, after, _ := strings.Cut(rest, " The text is cut: ")
	if after != "" {
		after = "The text is cut: " + after
	}
	return strings.TrimSpace(front + after)
}

// unchanged reports whether a fact that the version before recorded still says
// what that version made of the same words and the same date.
func (f Fact) unchanged(k known) (bool, error) {
	if f.Before == nil {
		return false, nil
	}
	data, err := events.EncodeData(f.Before)
	if err != nil {
		return false, fmt.Errorf("compare: %w", err)
	}
	said, then := sayingOf(k.said()).seen(), sayingOf(data).seen()
	repaired := k.time().IsZero() && !f.Time.IsZero() && !strings.Contains(said.Note, fmt.Sprintf("%q", f.Date))
	return !repaired && said.Headline == then.Headline && said.Text == then.Text && dateless(said.Note) == then.Note, nil
}
