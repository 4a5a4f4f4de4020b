package pages

import (
	"html/template"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/cmd/internal/locale"
	"github.com/summit-timeline/summit/projections"
)

// changed is what knowledge changed between two positions.
type changed struct {
	Since, Until string // positions
	SinceAt      locale.Words
	// Later reports whether the changes came after the moment that the page shows.
	Later     bool
	Added     []line
	Corrected []line
	Retracted []line
	Restored  []line
	Judged    []line // corroborated, disputed, or amended in another way
	Status    []difference
	marks     map[string]mark // by fact
}

// mark is what became of a fact since, in a word.
type mark struct {
	Text string
	Bad  bool // it was retracted
}

// line is a fact that changed.
type line struct {
	Href, Headline, Was string
	Standing            string // as it now is, on the wire
	Changes             []difference
}

type difference struct{ Field, Was, Now string }

func (v *view) changes() *changed {
	c := v.Story.Changes
	if c == nil {
		return nil
	}
	out := &changed{Since: c.Since.String(), Until: c.Known.String(), SinceAt: v.Time(v.SinceAt), marks: map[string]mark{}}
	out.Later = v.Frozen() && c.Since.Seq == v.Reading.Seq
	out.Added = v.itemLines(out, c.Added, mark{Text: v.words.Say("stamp.new")}, mark{})
	retracted, restored := v.words.Say("stamp.retracted"), v.words.Say("stamp.restored")
	out.Retracted = v.itemLines(out, c.Retracted, mark{v.words.Say("stamp.since", "stamp", locale.Words(retracted)), true}, mark{v.later(retracted), true})
	out.Restored = v.itemLines(out, c.Restored, mark{Text: restored}, mark{Text: v.later(restored)})
	out.Corrected = v.correctedLines(out, c)
	out.Judged = v.judgedLines(out, c)
	out.Status = v.statusChanges(c.Status)
	return out
}

// later reports whether something came after the moment that the page shows.
func (v *view) later(stamp string) string {
	return v.words.Say("stamp.later", "stamp", locale.Words(stamp))
}

// mark notes what became of a fact; of several words the first stays. On a page
// of the past it is the word for what came later, or "" if there is none.
func (c *changed) mark(fact string, since, later mark) {
	if c.Later {
		since = later
	}
	if _, marked := c.marks[fact]; !marked {
		c.marks[fact] = since
	}
}

func (v *view) itemLines(out *changed, list []jsontext.Value, since, later mark) []line {
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
			l.Changes = append(l.Changes, v.correction(v.about[x.Fact], d))
		}
		lines = append(lines, l)
		word := v.words.Say("stamp.changed")
		out.mark(x.Fact, mark{Text: word}, mark{Text: v.later(word)})
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
		l, word := line{Href: v.hrefOf(s.Fact), Headline: s.Headline, Standing: s.Now}, v.words.Say("stamp.amended")
		if s.Was != s.Now {
			l.Changes = []difference{{v.words.Member("standing"), v.words.label("standing", s.Was), v.words.label("standing", s.Now)}}
			word = v.words.Say("stamp." + s.Now)
		}
		lines = append(lines, l)
		out.mark(s.Fact, mark{Text: word}, mark{Text: v.later(word)})
	}
	return lines
}

// Counts reports how many facts changed in which way.
func (v *view) Counts(c *changed) template.HTML {
	told := func(key string, list []line) template.HTML {
		return v.words.tell(key, "count", v.words.strong(len(list)))
	}
	parts := []template.HTML{told("changed.added", c.Added), told("changed.corrected", c.Corrected), told("changed.retracted", c.Retracted)}
	if len(c.Restored) > 0 {
		parts = append(parts, told("changed.restored", c.Restored))
	}
	if len(c.Judged) > 0 {
		parts = append(parts, told("changed.judged", c.Judged))
	}
	return v.words.list(parts...)
}

// Between is how many events lie between, if they are too many to list.
func (s Story) Between() int { return int(s.Apart) }

// hrefOf links a fact: on this page if it is there, else a page that has it.
func (v *view) hrefOf(fact string) string {
	if v.about[fact] != "" {
		return "#f-" + fact
	}
	return v.Visitor.Link(v.Base()+"?fact="+fact) + "#f-" + fact
}

// statusChanges are the values on the board that changed, in words. Which
// facts a value rests on is told on the board itself.
func (v *view) statusChanges(list []projections.Difference) []difference {
	var out []difference
	for _, d := range list {
		if strings.HasSuffix(d.Path, "/facts") || strings.HasSuffix(d.Path, "/standing") {
			continue
		}
		if strings.HasPrefix(d.Path, "/warnings/") {
			if c, told := v.clock.Change(d.Path, d.Was, d.Now); told {
				out = append(out, difference{c.What, c.Was, c.Now})
			}
			continue
		}
		was, now := v.Value(d.Was), v.Value(d.Now)
		if compound(d.Was) || compound(d.Now) {
			was, now = v.briefly(d.Was, was), v.briefly(d.Now, now)
		}
		was, now = v.valueAt(d.Path, d.Was, was), v.valueAt(d.Path, d.Now, now)
		out = append(out, difference{strings.ReplaceAll(v.clock.Field(d.Path), "-", " "), was, now})
	}
	return out
}

// valueAt returns the word for a value of the wire, such as en_route at
// /aircraft/x/state, and else the text.
func (v *view) valueAt(path string, raw []byte, text string) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return text
	}
	kind, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if word, ok := v.words.Value(strings.TrimSuffix(kind, "s"), path[strings.LastIndexByte(path, '/')+1:], s); ok {
		return word
	}
	return text
}

func compound(b []byte) bool { return len(b) > 0 && (b[0] == '{' || b[0] == '[') }

// briefly shows a list or an object that has no words of its own as the kind that it is
// there.
func (v *view) briefly(b []byte, text string) string {
	switch {
	case !compound(b), text != string(b):
		return text
	case len(b) == 2:
		return v.words.Say("value.none")
	}
	var named struct{ Name, Title, Model, Text, Topic string }
	if json.Unmarshal(b, &named, json.MatchCaseInsensitiveNames(true)) == nil {
		for _, s := range []string{named.Name, named.Title, named.Model, named.Text, named.Topic} {
			if s != "" {
				return s
			}
		}
	}
	return v.words.Say("value.given")
}
