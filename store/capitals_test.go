package store_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
)

// An event in capitals is read, or set aside for what is wrong with it: the
// digits of a UUID are the same in either case (RFC 9562), ids of entities and
// types are not.
func TestAnEventInCapitals(t *testing.T) {
	const id = "0198a9f2-7c1e-7000-8000-00000000abcd"
	raw := func(id, typ, subject string) []byte {
		return []byte(`{"specversion":"1.0","id":"` + id + `","source":"/d","type":"` + typ + `","subject":"` + subject + `","recordedtime":"2025-08-15T06:40:12Z","summit":"geneva",` +
			`"datacontenttype":"application/json","dataschema":"/schemas/note.added/1","data":{"text":"t","sources":[{"id":"s","name":"S"}]}}`)
	}
	for _, row := range []struct {
		name, msgID, fault string
		raw                []byte
	}{
		{"the id alone", "", "", raw(strings.ToUpper(id), "note.added", "note/n")},
		{"the id and that of the message", strings.ToUpper(id), "", raw(strings.ToUpper(id), "note.added", "note/n")},
		{"the id, not that of the message", id, "", raw(strings.ToUpper(id), "note.added", "note/n")},
		{"that of the message", strings.ToUpper(id), "", raw(id, "note.added", "note/n")},
		{"the type", id, "/type", raw(id, "NOTE.ADDED", "note/n")},
		{"the entity", id, "/subject", raw(id, "note.added", "note/N")},
		{"the kind", id, "/subject", raw(id, "note.added", "NOTE/n")},
	} {
		rec := store.NewRecord("geneva", 2, time.Now(), row.raw, "facts.geneva.note.n", row.msgID)
		var faults events.Faults
		switch errors.As(rec.Err, &faults); {
		case row.fault == "" && (rec.Err != nil || rec.Event.ID != id):
			t.Errorf("%s: %v, id %s", row.name, rec.Err, rec.Event.ID)
		case row.fault != "" && (len(faults) == 0 || faults[0].Pointer != row.fault):
			t.Errorf("%s: %v, want a fault at %s", row.name, rec.Err, row.fault)
		}
	}
	if rec := store.NewRecord("geneva", 2, time.Now(), raw(id, "note.added", "note/n"), "facts.geneva.note.n", id[:35]+"e"); rec.Err == nil {
		t.Error("another id of the message is taken")
	}
}
