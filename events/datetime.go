package events

import (
	"errors"
	"strings"
	"time"
)

// The faults of a text that should be a date-time of RFC 3339.
var (
	errDateTime = errors.New("must be an RFC 3339 time with a UTC offset, such as 2025-08-15T10:30:00-08:00 (without an offset a time is ambiguous)")
	errCalendar = errors.New("contains a date or a time of day that does not exist: hours run from 00 to 23 and minutes from 00 to 59, in the offset too")
	errLeap     = errors.New("has :60 seconds, which RFC 3339 allows only for a leap second: after 23:59:59 UTC on the last day of June or December")
)

// dateTime is the shape of a date-time up to its seconds: 0 stands for a digit.
const dateTime = "0000-00-00T00:00:00"

// parseDateTime reads a date-time of RFC 3339, section 5.6. A leap second is the
// instant that follows it. A fraction finer than a nanosecond is cut.
func parseDateTime(s string) (time.Time, error) {
	if len(s) <= len(dateTime) || !fits(s) {
		return time.Time{}, errDateTime
	}
	nanos, zone, ok := fraction(s[len(dateTime):])
	if !ok {
		return time.Time{}, errDateTime
	}
	offset, err := parseOffset(zone)
	if err != nil {
		return time.Time{}, err
	}
	year, month, day := number(s[0:4]), time.Month(number(s[5:7])), number(s[8:10])
	hour, minute, second := number(s[11:13]), number(s[14:16]), number(s[17:19])
	if month < time.January || month > time.December || day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59 || second > 60 {
		return time.Time{}, errCalendar
	}
	t := time.Date(year, month, day, hour, minute, second, nanos, offset)
	if second == 60 && !followsLeap(t) {
		return time.Time{}, errLeap
	}
	return t, nil
}

// fits reports whether a text begins as a date-time does.
func fits(s string) bool {
	for i := range len(dateTime) {
		switch c := s[i]; dateTime[i] {
		case '0':
			if !isDigit(c) {
				return false
			}
		case 'T':
			if c != 'T' && c != 't' {
				return false
			}
		default:
			if c != dateTime[i] {
				return false
			}
		}
	}
	return true
}

// fraction reads a fraction of a second, if there is one, and returns what
// follows it.
func fraction(s string) (nanos int, rest string, ok bool) {
	if s[0] != '.' {
		return 0, s, true
	}
	n := 1
	for unit := int(time.Second) / 10; n < len(s) && isDigit(s[n]); n++ {
		nanos += int(s[n]-'0') * unit
		unit /= 10
	}
	return nanos, s[n:], n > 1
}

// parseOffset reads Z or an offset such as -08:00.
func parseOffset(s string) (*time.Location, error) {
	if s == "Z" || s == "z" {
		return time.UTC, nil
	}
	if len(s) != len("-08:00") || (s[0] != '+' && s[0] != '-') || s[3] != ':' || !isDigit(s[1]) || !isDigit(s[2]) || !isDigit(s[4]) || !isDigit(s[5]) {
		return nil, errDateTime
	}
	hours, minutes := number(s[1:3]), number(s[4:6])
	if hours > 23 || minutes > 59 {
		return nil, errCalendar
	}
	seconds := (hours*60 + minutes) * 60
	if seconds == 0 {
		return time.UTC, nil
	}
	if s[0] == '-' {
		seconds = -seconds
	}
	return time.FixedZone("", seconds), nil
}

// isCanonical reports whether a date-time is written as Instant.Canonical
// writes it.
func isCanonical(s string) bool {
	if s[10] != 'T' || s[17] == '6' {
		return false
	}
	rest := s[len(dateTime):]
	zone := strings.IndexAny(rest, "Zz+-")
	if rest[zone] == 'z' || rest[zone+1:] == "00:00" {
		return false
	}
	return zone == 0 || (zone <= len(".123456789") && rest[zone-1] != '0')
}

// followsLeap reports whether an instant is within the second after the last of
// a June or December in UTC: RFC 3339, section 5.7.
func followsLeap(t time.Time) bool {
	t = t.UTC()
	h, m, s := t.Clock()
	return h == 0 && m == 0 && s == 0 && t.Day() == 1 && (t.Month() == time.January || t.Month() == time.July)
}

func daysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// number reads digits.
func number(s string) (n int) {
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}
