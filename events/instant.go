package events

import (
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Instant is a moment of the world, RFC 3339 with an offset. It is written as it
// was given: the offset, the case of T and Z, the digits of a second, a leap
// second.
type Instant struct {
	time.Time
	text string // as it was given, where Canonical writes it otherwise
}

const (
	firstYear = 1800
	lastYear  = 2200
)

var errInstantRange = errors.New("must lie between the years 1800 and 2200")

// ParseInstant reads a date-time of RFC 3339, section 5.6, and nothing else. A
// time without a zone is refused: it names no instant.
func ParseInstant(s string) (Instant, error) {
	t, err := parseDateTime(s)
	if err != nil {
		return Instant{}, err
	}
	if !inRange(t) {
		return Instant{}, errInstantRange
	}
	i := Instant{Time: t}
	if !isCanonical(s) {
		i.text = s
	}
	return i, nil
}

func inRange(t time.Time) bool {
	y := t.UTC().Year()
	return y >= firstYear && y <= lastYear
}

// String writes the instant as it was given; the zero instant is "".
func (i Instant) String() string {
	if i.text != "" {
		return i.text
	}
	return i.Canonical()
}

// Canonical writes the instant with a capital T and Z, as many digits of a
// second as are needed, and a leap second as the second that follows. It is for
// formats that know less than RFC 3339. The zero instant is "".
func (i Instant) Canonical() string {
	if i.IsZero() {
		return ""
	}
	t := i.Time
	if _, offset := t.Zone(); offset%60 != 0 {
		t = t.UTC() // RFC 3339 has no seconds of an offset
	}
	return t.Format(time.RFC3339Nano)
}

// UnmarshalText reads what [ParseInstant] reads.
func (i *Instant) UnmarshalText(b []byte) error {
	v, err := ParseInstant(string(b))
	if err != nil {
		return err
	}
	*i = v
	return nil
}

// UnmarshalJSON reads a JSON text; null leaves the instant as it is.
func (i *Instant) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	text, err := jsontext.AppendUnquote(nil, b)
	if err != nil {
		return fmt.Errorf("read an instant: %w", err)
	}
	return i.UnmarshalText(text)
}

// AppendText writes the instant. What could not be read again is an error.
func (i Instant) AppendText(b []byte) ([]byte, error) {
	if !i.IsZero() && !inRange(i.Time) {
		return b, errInstantRange
	}
	return append(b, i.String()...), nil
}

// MarshalText writes what AppendText writes.
func (i Instant) MarshalText() ([]byte, error) { return i.AppendText(nil) }

// MarshalJSON writes the instant as a JSON text.
func (i Instant) MarshalJSON() ([]byte, error) {
	b, err := i.AppendText([]byte{'"'})
	return append(b, '"'), err
}
