// Package stored is an event as the broker keeps it.
//
// The door is [Event].
package stored

import (
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/events"
)

// Event is an event as the broker keeps it.
type Event struct {
	Subject string
	MsgID   string // "" where it came without one
	Raw     []byte
	// Stored is when the log first took it, or zero if nobody knows.
	Stored time.Time
}

// Header is that in which a message carries when the log first took the event, where the
// broker's own stamp is of another time. It is not part of the record, and is not hashed.
const Header = "Summit-Stored"

// unknown is its value where nobody knows.
const unknown = "unknown"

// Message is what is published to have the event stored as it was.
func (e Event) Message() *nats.Msg {
	m := Message(e.Subject, e.MsgID, e.Raw)
	at := unknown
	if !e.Stored.IsZero() {
		at = e.Stored.UTC().Format(time.RFC3339Nano)
	}
	m.Header.Set(Header, at)
	return m
}

// Message is what is published to have an event stored now.
func Message(subject, id string, raw []byte) *nats.Msg {
	m := nats.NewMsg(subject)
	if id != "" {
		m.Header.Set(jetstream.MsgIDHeader, id)
	}
	m.Header.Set("Content-Type", events.ContentType)
	m.Data = raw
	return m
}

// At returns when the log first took a message that the broker has stamped.
func At(h nats.Header, stamp time.Time) time.Time {
	text := h.Get(Header)
	if text == "" {
		return stamp
	}
	t, _ := time.Parse(time.RFC3339Nano, text) // zero where it is unknown, or was never written by a restore
	return t
}
