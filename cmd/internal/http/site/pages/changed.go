package pages

import (
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/cmd/internal/humanize"
	"github.com/summit-timeline/summit/projections"
)

// changed is what knowledge changed between two positions.
type changed struct {
	Since, Until string // positions
	SinceAt      string // in words
	// Later says that the changes came after the moment that the page shows.
	Later     bool
	Added     []line
	Corrected []line
	Retracted []line
	Restored  []line
	Judged    []line // corroborated, disputed, or amended in another way
	Status    []difference
	marks     map[string]string // by fact
}

// line is a fact that changed.
type line struct {
	Href, Headline, Was string
	Standing            string // as it now is
	Changes             []difference
}

type difference struct{ Field, Was, Now string }

func (v *view) changes() *changed {
	c := v.Story.Changes
	if c == nil {
		return nil
	}
	out := &changed{Since: c.Since.String(), Until: c.Known.String(), SinceAt: v.Time(v.SinceAt), marks: map[string]string{}}
	out.Later = v.Frozen() && c.Since.Seq == v.Reading.Seq
	out.Added = v.itemLines(out, c.Added, "NEW", "")
	out.Retracted = v.itemLines(out, c.Retracted, "RETRACTED SINCE", "RETRACTED LATER")
	out.Restored = v.itemLines(out, c.Restored, "RESTORED", "RESTORED LATER")
	out.Corrected = v.correctedLines(out, c)
	out.Judged = v.judgedLines(out, c)
	out.Status = v.statusChanges(c.Status)
	return out
}

// mark notes what became of a fact; of several words the first stays. On a page
// of the past it is the word for what came later, "" where there is none.
func (c *changed) mark(fact, since, later string) {
	if c.Later {
		since = later
	}
	if _, marked := c.marks[fact]; !marked {
		c.marks[fact] = since
	}
}

func (v *view) itemLines(out *changed, list []jsontext.Value, since, later string) []line {
	var lines []line
	for _, raw := range list {
		var i projections.Item
		if json.Unmarshal(raw, &i) == nil {
			lines = append(lines, line{Href: v.hrefOf(i.Fact), Headline: i.Headline, Standing: i.Standing})
			out.mark(i.Fact, since, later)
		}
	}
	return lines
}

func (v *view) correctedLines(out *changed, c *projections.Changes) []line {
	standing := map[string]string{}
	for _, s := range c.Standing {
		standing[s.Fact] = s.Now
	}
	var lines []line
	for _, x := range c.Corrected {
		l := line{Href: v.hrefOf(x.Fact), Headline: x.Headline, Standing: standing[x.Fact]}
		for _, d := range x.Changes {
			if d.Path == "/data/headline" {
				l.Was = v.Value(d.Was)
				continue
			}
			l.Changes = append(l.Changes, difference{v.clock.Field(d.Path), v.Value(d.Was), v.Value(d.Now)})
		}
		lines = append(lines, l)
		out.mark(x.Fact, "CHANGED", "CHANGED LATER")
	}
	return lines
}

// judgedLines are the facts that were amended and are in no other list: what
// they say stayed, and whether one can rely on it did not.
func (v *view) judgedLines(out *changed, c *projections.Changes) []line {
	var lines []line
	for _, s := range c.Standing {
		if _, told := out.marks[s.Fact]; told {
			continue
		}
		l, word := line{Href: v.hrefOf(s.Fact), Headline: s.Headline, Standing: s.Now}, "AMENDED"
		if s.Was != s.Now {
			l.Changes = []difference{{"standing", humanize.Label(s.Was), humanize.Label(s.Now)}}
			word = strings.ToUpper(s.Now)
		}
		lines = append(lines, l)
		out.mark(s.Fact, word, word+" LATER")
	}
	return lines
}

// Between is how many events lie between, where they are too many to list.
func (s Story) Between() int { return int(s.Apart) }

// hrefOf links a fact: on this page where it is there, else a page that has it.
func (v *view) hrefOf(fact string) string {
	if v.shown[fact] {
		return "#f-" + fact
	}
	return v.Base() + "?fact=" + fact + "#f-" + fact
}

// statusChanges are the values on the board that changed, in words. Which
// facts a value rests on is told on the board itself.
func (v *view) statusChanges(list []projections.Difference) []difference {
	var out []difference
	for _, d := range list {
		if strings.HasSuffix(d.Path, "/facts") || strings.HasSuffix(d.Path, "/standing") {
			continue
		}
		was, now := v.Value(d.Was), v.Value(d.Now)
		if compound(d.Was) || compound(d.Now) {
			was, now = briefly(d.Was, was), briefly(d.Now, now)
		}
		out = append(out, difference{humanize.Label(v.clock.Field(d.Path)), was, now})
	}
	return out
}

func compound(b []byte) bool { return len(b) > 0 && (b[0] == '{' || b[0] == '[') }

// briefly shows a list or an object that was not told in words as that it is
// there.
func briefly(b []byte, text string) string {
	switch {
	case !compound(b), text != string(b):
		return text
	case len(b) == 2:
		return "–"
	}
	var named struct{ Name, Title, Model, Text, Topic string }
	if json.Unmarshal(b, &named, json.MatchCaseInsensitiveNames(true)) == nil {
		for _, s := range []string{named.Name, named.Title, named.Model, named.Text, named.Topic} {
			if s != "" {
				return s
			}
		}
	}
	return "given"
}
