package pages

import (
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/cmd/internal/words"
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
	Status    []difference
	marks     map[string]string // by fact
}

// line is a fact that changed.
type line struct {
	Href, Headline, Was string
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
	word := func(fact, now, later string) {
		if out.Later {
			now = later
		}
		out.marks[fact] = now
	}
	for _, raw := range c.Added {
		if i, ok := itemOf(raw); ok {
			out.Added = append(out.Added, line{Href: v.hrefOf(i.Fact), Headline: i.Headline})
			word(i.Fact, "NEW", "")
		}
	}
	for _, x := range c.Corrected {
		l := line{Href: v.hrefOf(x.Fact), Headline: x.Headline}
		for _, d := range x.Changes {
			if d.Path == "/data/headline" {
				l.Was = v.Value(d.Was)
				continue
			}
			l.Changes = append(l.Changes, difference{words.Field(d.Path), v.Value(d.Was), v.Value(d.Now)})
		}
		out.Corrected = append(out.Corrected, l)
		word(x.Fact, "CHANGED", "CHANGED LATER")
	}
	for _, raw := range c.Retracted {
		if i, ok := itemOf(raw); ok {
			out.Retracted = append(out.Retracted, line{Href: v.hrefOf(i.Fact), Headline: i.Headline})
			word(i.Fact, "RETRACTED SINCE", "RETRACTED LATER")
		}
	}
	for _, raw := range c.Restored {
		if i, ok := itemOf(raw); ok {
			out.Restored = append(out.Restored, line{Href: v.hrefOf(i.Fact), Headline: i.Headline})
			word(i.Fact, "RESTORED", "RESTORED LATER")
		}
	}
	out.Status = v.statusChanges(c.Status)
	return out
}

// Between is how many events lie between, where they are too many to list.
func (s Story) Between() int { return int(s.Apart) }

func itemOf(raw []byte) (i projections.Item, ok bool) {
	return i, json.Unmarshal(raw, &i) == nil
}

// hrefOf links a fact: on this page where it is there, else a page that has it.
func (v *view) hrefOf(fact string) string {
	for _, i := range v.Items {
		if i.Fact == fact {
			return "#f-" + fact
		}
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
		out = append(out, difference{words.Label(words.Field(d.Path)), was, now})
	}
	return out
}

func compound(b []byte) bool { return len(b) > 0 && (b[0] == '{' || b[0] == '[') }

// briefly shows a list or an object as that it is there.
func briefly(b []byte, text string) string {
	switch {
	case !compound(b):
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
