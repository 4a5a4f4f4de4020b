//go:build linux

package faults

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
)

// oddity is something odd that a recorder publishes in place of a fact.
type oddity struct {
	name    string
	code    int // what it is refused with; 0 is taken
	subject func(summit, note string) string
	event   func(event string) string
	header  func(id string) []string
	reply   string // where the answer is asked for, if it is not awaited
	silent  bool   // nobody waits for an answer
}

var oddities = []oddity{
	{name: "another entity in the subject", code: http.StatusUnprocessableEntity, subject: func(summit, _ string) string { return "record." + summit + ".note.another" }},
	{name: "another summit in the subject", code: http.StatusNotFound, subject: func(_, note string) string { return "record.another.note." + note }},
	{name: "too few tokens", code: http.StatusBadRequest, subject: func(summit, _ string) string { return "record." + summit + ".note" }},
	{name: "too many tokens", code: http.StatusBadRequest, subject: func(summit, note string) string { return "record." + summit + ".note." + note + ".x" }},
	{name: "another message id", code: http.StatusUnprocessableEntity, header: func(string) []string { return []string{"Nats-Msg-Id", uuid.NewString()} }},
	{name: "its message id in capitals", header: func(id string) []string { return []string{"Nats-Msg-Id", strings.ToUpper(id)} }},
	{name: "its id in capitals", event: func(event string) string { return strings.Replace(event, event[7:43], strings.ToUpper(event[7:43]), 1) }},
	{name: "part of a batch", code: http.StatusBadRequest, header: func(id string) []string { return []string{"Nats-Batch-Id", id, "Nats-Batch-Sequence", "1"} }},
	{name: "the end of a batch", code: http.StatusBadRequest, header: func(id string) []string {
		return []string{"Nats-Batch-Id", id, "Nats-Batch-Sequence", "1", "Nats-Batch-Commit", "1"}
	}},
	{name: "a rollup", code: http.StatusBadRequest, header: func(string) []string { return []string{"Nats-Rollup", "all"} }},
	{name: "after the beginning", code: http.StatusPreconditionFailed, header: func(string) []string { return []string{"Nats-Expected-Last-Sequence", "1"} }},
	{name: "after another message id", code: http.StatusBadRequest, header: func(id string) []string { return []string{"Nats-Expected-Last-Msg-Id", id} }},
	{name: "an offset that there is not", code: http.StatusUnprocessableEntity, event: func(event string) string { return `{"time":"2026-01-01T00:00:00+24:00",` + event[1:] }},
	{name: "its type in capitals", code: http.StatusUnprocessableEntity, event: func(event string) string { return strings.Replace(event, "note.added", "NOTE.ADDED", 1) }},
	{name: "half of it", code: http.StatusUnprocessableEntity, event: func(event string) string { return event[:len(event)/2] }},
	{name: "nothing", code: http.StatusUnprocessableEntity, event: func(string) string { return "" }},
	{name: "a list", code: http.StatusUnprocessableEntity, event: func(event string) string { return "[" + event + "]" }},
	{name: "too much", code: http.StatusRequestEntityTooLarge, event: func(event string) string {
		return strings.Replace(event, `"data":`, `"x":"`+strings.Repeat("x", 64<<10)+`","data":`, 1)
	}},
	{name: "no answer", silent: true},
	{name: "no answer, refused", silent: true, header: func(id string) []string { return []string{"Nats-Batch-Id", id} }},
	{name: "the answer into the log", reply: "facts.%s.note.answer"},
	{name: "the answer to recorders", reply: "record.%s.note.answer"},
}

const (
	desks   = 4 // odd recorders at a time
	oddEach = 4 // times that each of them does every odd thing
)

// odd lets recorders over NATS do every odd thing, each with an id that they then
// record as it should be, over HTTP or NATS.
func (t *trial) odd() {
	var all sync.WaitGroup
	for i := range desks {
		all.Go(func() {
			w := t.writer(2*i, fmt.Sprint("odd-", i))
			for range oddEach {
				for _, o := range oddities {
					_ = t.ledger.gaveUp(t.does(w, o)) // it is asked where the round ends
				}
			}
		})
	}
	all.Wait()
}

// does lets a recorder do one odd thing, twice, and then what it should have.
func (t *trial) does(w *writer, o oddity) error {
	id := uuid.NewString()
	note := "odd-" + id
	event := w.fact(id, note, o.name)
	for range 2 {
		if err := t.tries(o, id, note, event); err != nil {
			return fmt.Errorf("%s: %w", o.name, err)
		}
	}
	if err := w.record(t.ctx, id, event, true); err != nil {
		return fmt.Errorf("after %s: %w", o.name, err)
	}
	other := w.fact(id, note, "something else")
	if _, again, err := t.publish(t.ctx, nil, other); err == nil || !again && !strings.Contains(err.Error(), fmt.Sprint(http.StatusConflict)) {
		return fmt.Errorf("something else with an id that is taken, after %s: %w", o.name, err)
	}
	return nil
}

// tries publishes an oddity, and holds what it is answered.
func (t *trial) tries(o oddity, id, note, event string) error {
	m := nats.NewMsg("record." + t.summit + ".note." + note)
	if o.subject != nil {
		m.Subject = o.subject(t.summit, note)
	}
	if o.event != nil {
		event = o.event(event)
	}
	if o.header != nil {
		for list := o.header(id); len(list) > 0; list = list[2:] {
			m.Header.Set(list[0], list[1])
		}
	}
	if o.silent || o.reply != "" {
		m.Data = []byte(event)
		if o.reply != "" {
			m.Reply = fmt.Sprintf(o.reply, t.summit)
		}
		return t.wire.PublishMsg(m)
	}
	a, err := t.hand(context.WithoutCancel(t.ctx), m, event)
	switch {
	case err != nil:
		return err
	case a.Error == nil && o.code == 0:
		return nil
	case a.Error == nil || a.Error.Code != o.code:
		return fmt.Errorf("it is answered %+v %+v, not %d", a, a.Error, o.code)
	}
	return nil
}
