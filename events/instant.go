package events

import (
	"errors"
	"time"
)

// Instant is a moment of the world, RFC 3339 with an offset, as it was given:
// the offset is kept, because it tells how the source said it.
type Instant struct{ time.Time }

const (
	firstYear = 1800
	lastYear  = 2200
)

var (
	errInstant      = errors.New("must be a time in RFC 3339 with an offset, such as 2025-08-15T10:30:00-08:00 (a time without a zone names no instant)")
	errInstantRange = errors.New("must lie between the years 1800 and 2200")
)

// ParseInstant reads RFC 3339 with an offset, strictly. A time without a zone
// is refused: it names no instant.
func ParseInstant(s string) (Instant, error) {
	var t time.Time
	if err := t.UnmarshalText([]byte(s)); err != nil {
		return Instant{}, errInstant
	}
	if y := t.UTC().Year(); y < firstYear || y > lastYear {
		return Instant{}, errInstantRange
	}
	return Instant{t}, nil
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

// MarshalText writes RFC 3339 with as many digits of a second as are needed.
func (i Instant) MarshalText() ([]byte, error) {
	return []byte(i.String()), nil
}

// String writes RFC 3339; the zero instant is "".
func (i Instant) String() string {
	if i.IsZero() {
		return ""
	}
	return i.Format(time.RFC3339Nano)
}
