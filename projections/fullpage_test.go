package projections

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
)

// Pages that end early for what it takes to find their items neither skip nor
// repeat, and a full page is what it would be at once.
func TestShortPagesNeitherSkipNorRepeat(t *testing.T) {
	short := 0
	for seed := *firstStory; seed < *firstStory+*stories/4; seed++ {
		m := randomStory(t, seed, 60)
		e := openStory(t, m, m.records, 9)
		for name, q := range queries {
			q.Reading, q.Limit = AsOf{Seq: e.Head().Seq - seed%20, Pinned: true}, MaxLimit
			whole, err := e.Timeline(t.Context(), q, opening)
			if err != nil {
				t.Fatal(err)
			}
			q.Limit, q.Looks = 1+int(seed%5), 1+int(seed%7)
			var inPages, inFull []jsontext.Value
			for x := q; ; {
				page, err := e.Timeline(t.Context(), x, opening)
				if err != nil {
					t.Fatal(err)
				}
				if inPages = append(inPages, page.Items...); page.Short {
					short++
				}
				if x.Cursor = page.Next; page.Next == "" {
					break
				}
			}
			for x := q; ; {
				page, err := e.FullPage(t.Context(), x, opening)
				if err != nil {
					t.Fatal(err)
				}
				if page.Short || page.Next != "" && len(page.Items) < q.Limit {
					t.Fatalf("story %d, %s: a full page has %d items of %d", seed, name, len(page.Items), q.Limit)
				}
				inFull = append(inFull, page.Items...)
				if x.Cursor = page.Next; page.Next == "" {
					break
				}
			}
			if want := fmt.Sprintf("%s", whole.Items); fmt.Sprintf("%s", inPages) != want || fmt.Sprintf("%s", inFull) != want {
				t.Fatalf("story %d, %s:\nin pages %s\n   full %s\n   want %s", seed, name, inPages, inFull, want)
			}
		}
	}
	if short == 0 {
		t.Error("no page ends early")
	}
}

// What nothing fits costs a page a bounded number of looks, whatever it asks for
// and however long the story is.
func TestAPageLooksAtABoundedNumberOfFacts(t *testing.T) {
	m := newStory(t)
	for i := range 5 * DefaultLooks {
		m.add(t, events.TypeNoteAdded, entity(events.KindNote, fmt.Sprint("n-", i%3)), &events.NoteAdded{Common: word("a source"), Text: "a text"})
	}
	e := openStory(t, m, m.records, 2_000)
	for name, q := range map[string]Query{
		"words": {Text: "nowhere"}, "actor": {Actor: "nobody"}, "source": {Source: "nobody"}, "place": {Place: "nowhere"}, "party": {Party: "none"},
		"recorded": {Text: "nowhere", Recorded: true, Desc: true}, "entity": {Text: "nowhere", Entity: "note/n-1", Recorded: true, Looks: 100},
		"type": {Types: []string{"incident.*"}, Looks: DefaultLooks / 4}, "standing": {Standing: StandingDisputed, Looks: DefaultLooks / 4},
	} {
		q.Reading = e.Latest()
		pages := 0
		for more := true; more; pages++ {
			page, err := e.Timeline(t.Context(), q, opening)
			if err != nil {
				t.Fatal(err)
			}
			if len(page.Items) > 0 || page.Short != (page.Next != "") {
				t.Fatalf("%s: %d items, short %v, next %q", name, len(page.Items), page.Short, page.Next)
			}
			more, q.Cursor = page.Short, page.Next
		}
		if pages < 3 || pages > 100 {
			t.Errorf("%s: the end comes after %d pages", name, pages)
		}
	}
}

// late is a context that reaches its deadline once it was looked at so often.
type late struct {
	context.Context
	looks int
}

func (c *late) Err() error {
	if c.looks--; c.looks < 0 {
		return context.DeadlineExceeded
	}
	return nil
}

// A page that is to be full ends early at a deadline, and leads on to what it did not reach.
func TestAFullPageEndsAtItsDeadline(t *testing.T) {
	m := newStory(t)
	add := func(text string) {
		m.add(t, events.TypeNoteAdded, entity(events.KindNote, "n"), &events.NoteAdded{Common: word("a source"), Text: text})
	}
	add("the first needle")
	for range 6 * DefaultLooks {
		add("hay")
	}
	add("the last needle")
	e := openStory(t, m, m.records, 2_000)
	early := 0
	for looks := 1; looks < 200; looks += 7 {
		q := Query{Reading: e.Latest(), Text: "needle", Limit: 10}
		page, err := e.FullPage(&late{t.Context(), looks}, q, opening)
		if errors.Is(err, context.DeadlineExceeded) {
			continue // not even the first part was read
		}
		if err != nil {
			t.Fatal(err)
		}
		found := len(page.Items)
		if page.Next != "" {
			early++
			q.Cursor = page.Next
			rest, err := e.FullPage(t.Context(), q, opening)
			if err != nil || rest.Next != "" {
				t.Fatalf("%q, %v", rest.Next, err)
			}
			found += len(rest.Items)
		}
		if found != 2 {
			t.Errorf("after %d looks: %d facts in both pages", looks, found)
		}
	}
	if early == 0 {
		t.Error("no page ends early")
	}
}

// The items of an entity in the order of recording cost what they are, not what
// others say.
func TestAnEntityIsReadByItsOwnIndex(t *testing.T) {
	m := newStory(t)
	for i := range 2_000 {
		m.add(t, events.TypeNoteAdded, entity(events.KindNote, fmt.Sprint("n-", i%500)), &events.NoteAdded{Common: word("a source"), Text: "a text"})
	}
	e := openStory(t, m, m.records, 2_000)
	for _, desc := range []bool{false, true} {
		page, err := e.Timeline(t.Context(), Query{Reading: e.Latest(), Entity: "note/n-7", Recorded: true, Desc: desc, Looks: 1}, opening)
		if err != nil || len(page.Items) != 4 || page.Next != "" {
			t.Errorf("descending %v: %d items, next %q, %v", desc, len(page.Items), page.Next, err)
		}
	}
}
