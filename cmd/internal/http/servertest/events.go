package servertest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Event writes an event; members come as names and JSON values by turns and
// override the others.
func Event(typ, subject, data string, members ...string) string {
	m := map[string]json.RawMessage{
		"source": json.RawMessage(`"/desks/test"`), "type": Quoted(typ), "subject": Quoted(subject), "data": json.RawMessage(data),
	}
	for pair := range slices.Chunk(members, 2) {
		m[pair[0]] = json.RawMessage(pair[1])
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(m); err != nil {
		panic(err) // the test wrote no JSON
	}
	return strings.TrimSpace(b.String())
}

// Quoted returns a text as JSON.
func Quoted(s string) json.RawMessage {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a text always encodes
	}
	return b
}

// Note returns a note as an event.
func Note(id, text string, members ...string) string {
	return Event("note.added", "note/"+id, fmt.Sprintf(`{"text":%s,"sources":[{"id":"s","name":"A reporter"}]}`, Quoted(text)), members...)
}

// Retraction returns a retraction as an event.
func Retraction(subject, target string, members ...string) string {
	return Event("fact.retracted", subject, fmt.Sprintf(`{"target":%q,"reason":"it was wrong"}`, target), members...)
}

// Batch returns events as a batch.
func Batch(list ...string) string { return "[" + strings.Join(list, ",") + "]" }

// ID is a UUID of its own for each number.
func ID(n int) string { return fmt.Sprintf("0198a9f2-7c1e-7000-8000-%012d", n) }

// Page is a page of the timeline, as a reader sees it.
type Page struct {
	Summit, Position, Known string
	Complete                bool
	Quarantined             []struct {
		Seq    uint64
		Reason string
	}
	Items []Item
	Next  *string
}

// Item is an item of the timeline, as a reader sees it.
type Item struct {
	Fact, Type, Entity, Headline, Attribution, Standing, Position string
	Seq                                                           uint64
	Recorded                                                      string
	Grade                                                         *string
	Roots, Revision                                               int
	Amendments                                                    []struct{ ID, Type, Notice string }
	Data                                                          json.RawMessage
}

// Timeline reads a page of the timeline.
func (f *Instance) Timeline(summit, query string) Page {
	f.Helper()
	var p Page
	f.Get("/v1/summits/" + summit + "/timeline" + query).Want(http.StatusOK).Into(&p)
	return p
}

// Seqs returns the sequence numbers of the items.
func (p Page) Seqs() []uint64 {
	list := make([]uint64, 0, len(p.Items))
	for _, i := range p.Items {
		list = append(list, i.Seq)
	}
	return list
}
