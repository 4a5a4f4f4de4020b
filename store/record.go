package store

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/class"
)

// Record is one stored event.
type Record struct {
	Seq uint64
	// Stored is when the log first took the event, by the broker's clock: a log
	// that was restored keeps what its archive says. Zero where nobody knows.
	Stored time.Time
	Raw    []byte // the record: the bytes that are hashed
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

// Expect is the sequence that an append is to follow. It is checked for the whole
// stream, which is the expectation that holds on replicated streams too.
type Expect struct {
	last   uint64
	before time.Time
}

// After expects the log's last sequence to be seq.
func After(seq uint64) Expect { return Expect{last: seq} }

// Before has nothing published any more from a time on: it is then only looked up
// what came of the append. The zero time sets no bound.
func (e Expect) Before(t time.Time) Expect {
	e.before = t
	return e
}

// Last returns the sequence that is expected to be the last.
func (e Expect) Last() uint64 { return e.last }

// Info is what the broker reports about a log.
type Info struct {
	First, Last, Messages, Bytes uint64
	Created                      time.Time
	Settings                     error // a *SettingsError where they are no longer those of a log
	// Heard is how long before the answer its server last heard from so many others
	// that, with it, they are a majority: until then it spoke for the log. What
	// others have taken since it may not know. It is 0 if one server has the log.
	Heard time.Duration
}

// The errors of a log.
var (
	ErrNotFound    = class.New(class.Absent, "no such log")
	ErrExists      = class.New(class.Conflict, "a log of that name already exists")
	ErrUnavailable = class.New(class.Passing, "the log cannot be reached")
	// ErrFull is an ErrUnavailable that does not pass before somebody makes room.
	ErrFull = class.New(class.StorageFull, "the disk of the log is full or cannot be written: free some space, or raise its quota")
	// ErrFrozen is an ErrUnavailable that passes once the log can be written again.
	// What was being appended when it came is in the log then, or is not.
	ErrFrozen = class.New(class.Passing, "the log cannot be written at the moment")
)

// ConflictError reports that the log does not end where it was expected to.
type ConflictError struct{ Expected, Last uint64 }

func (e *ConflictError) Error() string {
	return fmt.Sprintf("the log has moved on: expected it to end at %d, but it ends at %d", e.Expected, e.Last)
}

// IDTakenError reports that another event already has that id.
type IDTakenError struct {
	ID  string
	Seq uint64
}

func (e *IDTakenError) Error() string {
	return fmt.Sprintf("id %s is taken: event %d has it, with different content", e.ID, e.Seq)
}

// GapError reports that a sequence is missing. Got is the one that came instead; 0
// where none did.
type GapError struct{ Want, Got uint64 }

func (e *GapError) Error() string {
	if e.Got == 0 {
		return fmt.Sprintf("the log has a gap: event %d is missing, although the log continues after it", e.Want)
	}
	return fmt.Sprintf("the log has a gap: event %d should come next, but %d came", e.Want, e.Got)
}

// ReplacedError reports that the stream is not the one that was opened: it was
// deleted and made again.
type ReplacedError struct{ Opened, Now time.Time }

func (e *ReplacedError) Error() string {
	return fmt.Sprintf("the stream was created on %s, but the one that was opened on %s: it was deleted and created again",
		e.Now.UTC().Format(time.RFC3339Nano), e.Opened.UTC().Format(time.RFC3339Nano))
}

// SettingsError names the settings of a stream that are not what keeps a log
// unchangeable.
type SettingsError struct{ Faults []string }

func (e *SettingsError) Error() string {
	return "the stream's settings differ: " + strings.Join(e.Faults, "; ")
}

// NewRecord reads stored bytes. What disagrees with them makes the record
// unreadable: subject, id and stored are those of the message.
func NewRecord(summit string, seq uint64, stored time.Time, raw []byte, subject, id string) Record {
	r := ReadRecord(summit, seq, raw)
	r.Stored, r.Subject, r.MsgID = stored, subject, id
	if r.Err == nil {
		r.Err = r.belies()
	}
	if r.Err != nil {
		r.Event = events.Event{}
	}
	return r
}

// aheadAllowed is how far the recorded time of an event may be ahead of the
// broker's clock. Beyond that the event would hold up the knowledge time of all
// that come after it.
const aheadAllowed = time.Minute

// belies compares an event with its message.
func (r Record) belies() error {
	switch e := r.Event; {
	case Subject(e) != r.Subject:
		return &MessageError{Misfiled, fmt.Sprintf("it was published on %q, but its bytes belong on %q", r.Subject, Subject(e))}
	case r.MsgID != "" && !strings.EqualFold(r.MsgID, e.ID): // RFC 9562: in either case
		return &MessageError{Misfiled, fmt.Sprintf("its message id is %q, but its bytes say %q", r.MsgID, e.ID)}
	case !r.Stored.IsZero() && e.Recorded.After(r.Stored.Add(aheadAllowed)):
		return &MessageError{Ahead, fmt.Sprintf("its recorded time is %s, but the log stored it at %s",
			e.Recorded.UTC().Format(time.RFC3339), r.Stored.UTC().Format(time.RFC3339))}
	}
	return nil
}

// Reason is the kind of reason for which a stored event counts for nothing.
type Reason string

// The kinds of reasons that come from the log.
const (
	Unreadable Reason = "unreadable" // the bytes are no event of this summit
	Misfiled   Reason = "misfiled"   // the message is that of another event
	Ahead      Reason = "ahead"      // it is recorded at a time that had not come
)

// MessageError reports that an event is well written, but its message contradicts
// it: that is not to be seen from the bytes.
type MessageError struct {
	Kind   Reason
	Detail string
}

func (e *MessageError) Error() string { return e.Detail }

// ReasonOf returns the kind of the error of a record.
func ReasonOf(err error) Reason {
	var m *MessageError
	if errors.As(err, &m) {
		return m.Kind
	}
	return Unreadable
}

// InMessage reports whether a reason lies in the message of an event and not in
// its bytes.
func (r Reason) InMessage() bool { return r == Misfiled || r == Ahead }

// ReasonIn returns the kind of a reason of which only the words were kept, as
// the versions up to 0.0 did.
func ReasonIn(words string) Reason {
	if strings.HasPrefix(words, "it was published on ") || strings.HasPrefix(words, "its message id is ") {
		return Misfiled
	}
	return Unreadable
}

// ReadRecord reads stored bytes that came without their message.
func ReadRecord(summit string, seq uint64, raw []byte) Record {
	r := Record{Seq: seq, Raw: raw}
	e, err := decode(raw)
	switch {
	case err != nil:
		r.Err = err
	case e.Summit != summit:
		r.Err = fmt.Errorf("the event belongs to summit %q", e.Summit)
	default:
		r.Event = e
	}
	return r
}

// errDecoder is the error of bytes on which the decoder itself fails. It is the
// same on every machine.
var errDecoder = errors.New("this version of the program fails to decode it")

func decode(raw []byte) (e events.Event, err error) {
	defer func() {
		if recover() != nil {
			e, err = events.Event{}, errDecoder
		}
	}()
	return events.Decode(raw) //nolint:wrapcheck // its faults are the reason that readers are told
}

// Subject is where an event is published: facts.SUMMIT.KIND.ID.
func Subject(e events.Event) string { return subjectOf(e.Summit, e.Subject) }

func subjectOf(summit string, entity events.Entity) string {
	return subjectPrefix + summit + "." + string(entity.Kind) + "." + entity.ID
}

const subjectPrefix = "facts."
