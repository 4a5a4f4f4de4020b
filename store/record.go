package store

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/summit-timeline/summit/events"
)

// Record is one stored event.
type Record struct {
	Seq    uint64
	Stored time.Time // by the broker's clock
	Raw    []byte    // the record: the bytes that are hashed
	Event  events.Event
	Err    error // why Raw cannot be read; Event is then zero
	// Subject and MsgID are what the broker has beside the bytes. They say
	// nothing that the bytes do not: where they disagree, Err says so.
	Subject, MsgID string
}

// Outcome is what came of appending an event.
type Outcome string

// The outcomes.
const (
	Created   Outcome = "created"
	Duplicate Outcome = "duplicate" // it was there already, and says the same
)

// Result is where an event stands.
type Result struct {
	Seq     uint64
	Outcome Outcome
}

// Expect says what the log must look like for an append to be taken.
type Expect struct {
	set     bool
	last    uint64
	subject string // where only this one counts
	on      uint64 // the last sequence on it
}

// Anywhere expects nothing.
func Anywhere() Expect { return Expect{} }

// After expects the log's last sequence to be seq. It is checked for the whole
// stream, which is the expectation that holds on replicated streams too.
func After(seq uint64) Expect { return Expect{set: true, last: seq} }

// AfterOn expects less: that an entity has not moved since the log ended at
// seq, when on was the last event on it. What was appended on others meanwhile
// is no conflict. It is for one event, not for a batch.
func AfterOn(seq uint64, summit string, entity events.Entity, on uint64) Expect {
	return Expect{set: true, last: seq, subject: subjectOf(summit, entity), on: on}
}

// On gives the subject that is expected not to have moved, and the last sequence
// on it; false where the whole log is not to have moved.
func (e Expect) On() (subject string, last uint64, narrow bool) {
	return e.subject, e.on, e.subject != ""
}

// Last gives the sequence that is expected to be the last; false where nothing
// is expected.
func (e Expect) Last() (seq uint64, expected bool) { return e.last, e.set }

// Info is what the broker says of a log.
type Info struct {
	First, Last, Messages, Bytes uint64
	Created                      time.Time
	Settings                     error // a *SettingsError where they are no longer those of a log
}

// The errors of a log.
var (
	ErrNotFound    = errors.New("no such log")
	ErrExists      = errors.New("there is a log of that name already")
	ErrUnavailable = errors.New("the log cannot be reached")
)

// ConflictError says that another event came first.
type ConflictError struct{ Expected, Last uint64 }

func (e *ConflictError) Error() string {
	return fmt.Sprintf("the log has moved on: expected it to end at %d, but it ends at %d", e.Expected, e.Last)
}

// IDTakenError says that an event with that id says something else.
type IDTakenError struct {
	ID  string
	Seq uint64
}

func (e *IDTakenError) Error() string {
	return fmt.Sprintf("id %s is taken: event %d has it and says something else", e.ID, e.Seq)
}

// GapError says that a sequence is missing. Got is the one that came instead; 0
// where none did.
type GapError struct{ Want, Got uint64 }

func (e *GapError) Error() string {
	if e.Got == 0 {
		return fmt.Sprintf("the log has a gap: event %d is missing, though the log is said to go further", e.Want)
	}
	return fmt.Sprintf("the log has a gap: event %d should come next, but %d came", e.Want, e.Got)
}

// ReplacedError says that the stream is not the one that was opened: it was
// deleted and made again.
type ReplacedError struct{ Opened, Now time.Time }

func (e *ReplacedError) Error() string {
	return fmt.Sprintf("the stream was made on %s, but the one that was opened on %s: it was deleted and made again",
		e.Now.UTC().Format(time.RFC3339Nano), e.Opened.UTC().Format(time.RFC3339Nano))
}

// SettingsError names the settings of a stream that are not what keeps a log
// unchangeable.
type SettingsError struct{ Faults []string }

func (e *SettingsError) Error() string {
	return "the stream's settings differ: " + strings.Join(e.Faults, "; ")
}

// NewRecord reads stored bytes. What disagrees with them makes the record
// unreadable: subject and id are those of the message.
func NewRecord(summit string, seq uint64, stored time.Time, raw []byte, subject, id string) Record {
	r := ReadRecord(summit, seq, raw)
	r.Stored, r.Subject, r.MsgID = stored, subject, id
	switch {
	case r.Err != nil:
	case Subject(r.Event) != subject:
		r.Err = &MisfiledError{fmt.Sprintf("it was published on %q, but its bytes belong on %q", subject, Subject(r.Event))}
	case id != "" && !strings.EqualFold(id, r.Event.ID): // RFC 9562: in either case
		r.Err = &MisfiledError{fmt.Sprintf("its message id is %q, but its bytes say %q", id, r.Event.ID)}
	}
	if r.Err != nil {
		r.Event = events.Event{}
	}
	return r
}

// MisfiledError says that an event is well written, but its message is that of
// another: it is not to be seen from the bytes.
type MisfiledError struct{ Reason string }

func (e *MisfiledError) Error() string { return e.Reason }

// Misfiled says whether the reason for which an event could not be read is of
// that kind.
func Misfiled(reason string) bool {
	return strings.HasPrefix(reason, "it was published on ") || strings.HasPrefix(reason, "its message id is ")
}

// ReadRecord reads stored bytes that came without their message.
func ReadRecord(summit string, seq uint64, raw []byte) Record {
	r := Record{Seq: seq, Raw: raw}
	e, err := events.Decode(raw)
	switch {
	case err != nil:
		r.Err = err
	case e.Summit != summit:
		r.Err = fmt.Errorf("the event is of summit %q", e.Summit)
	default:
		r.Event = e
	}
	return r
}

// Subject is where an event is published: facts.SUMMIT.KIND.ID.
func Subject(e events.Event) string { return subjectOf(e.Summit, e.Subject) }

func subjectOf(summit string, entity events.Entity) string {
	return subjectPrefix + summit + "." + string(entity.Kind) + "." + entity.ID
}

const subjectPrefix = "facts."
