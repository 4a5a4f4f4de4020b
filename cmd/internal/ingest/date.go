package ingest

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/summit-timeline/summit/events"
)

// calendar is a date as it was read, before anything is made of it.
type calendar struct {
	year, month, day     int
	hour, minute, second int
	nanos                int
	clock                bool // whether it has a time of day
	zone                 string
}

var (
	errDate    = errors.New("cannot be read")
	errNoClock = errors.New("names a day and no time of day")
	errNoZone  = errors.New("has an unclear time zone: it names none")
	errOrder   = errors.New("is ambiguous: its day and its month cannot be told apart")
	errNoDay   = errors.New("names a day or an hour that does not exist")
	errYears   = errors.New("lies outside the years 1800 to 2200")
)

// date reads the date of an item in the forms that feeds use, RFC 822 and its
// kin and ISO 8601, in the zone that it was given in. One without a zone names
// no instant, and none is made up: the error reports what it lacks.
func date(s string) (events.Instant, error) {
	s = strings.Join(strings.Fields(s), " ")
	t, err := dateOf(s)
	if err != nil {
		return events.Instant{}, fmt.Errorf("the date %q %w", s, err)
	}
	return t, nil
}

func dateOf(s string) (events.Instant, error) {
	c, err := isoDate(s)
	if errors.Is(err, errDate) {
		c, err = namedDate(s)
	}
	if err != nil {
		return events.Instant{}, err
	}
	return c.instant()
}

// instant is the moment that a date names.
func (c calendar) instant() (events.Instant, error) {
	midnight := c.hour == 24 && c.minute == 0 && c.second == 0 && c.nanos == 0 // ISO 8601: the end of the day
	day := time.Date(c.year, time.Month(c.month), c.day, 0, 0, 0, 0, time.UTC)
	switch {
	case day.Month() != time.Month(c.month) || day.Day() != c.day || c.hour > 23 && !midnight || c.minute > 59 || c.second > 60:
		return events.Instant{}, errNoDay
	case !c.clock:
		return events.Instant{}, errNoClock
	case c.zone == "":
		return events.Instant{}, errNoZone
	}
	loc, err := zoneOf(c.zone)
	if err != nil {
		return events.Instant{}, err
	}
	t := time.Date(c.year, time.Month(c.month), c.day, c.hour, c.minute, c.second, c.nanos, loc)
	at, err := events.ParseInstant(t.Format(time.RFC3339Nano))
	if err != nil {
		return events.Instant{}, errYears
	}
	return at, nil
}

var (
	// isoForm is ISO 8601, extended and basic, and the forms between that are
	// written: a space for the T, no seconds, a space before the zone.
	isoForm = regexp.MustCompile(`^(\d{4})(?:-?(\d{2})-?(\d{2})|-(\d{1,2})-(\d{1,2})|-?W(\d{2})-?(\d)|-?(\d{3}))(?:(?:[Tt]| at | )(.*))?$`)
	// clockForm is a time of day and what follows it.
	clockForm = regexp.MustCompile(`^(\d{2}):?(?:(\d{2})(?::?(\d{2})(?:[.,](\d+))?)?)?(.*)$`)
)

// isoDate reads a date of ISO 8601.
func isoDate(s string) (calendar, error) {
	m := isoForm.FindStringSubmatch(s)
	if m == nil {
		return calendar{}, errDate
	}
	c := calendar{year: number(m[1]), month: number(m[2] + m[4]), day: number(m[3] + m[5])}
	switch {
	case m[6] != "":
		c.setDay(weekDay(c.year, number(m[6]), number(m[7])))
	case m[8] != "":
		c.setDay(time.Date(c.year, 1, number(m[8]), 0, 0, 0, 0, time.UTC))
	}
	if m[9] == "" {
		return c, nil
	}
	clock := clockForm.FindStringSubmatch(m[9])
	if clock == nil {
		return c, errDate
	}
	c.clock, c.hour, c.minute, c.second, c.nanos = true, number(clock[1]), number(clock[2]), number(clock[3]), fraction(clock[4])
	c.zone = strings.TrimSpace(withoutRemark(clock[5]))
	return c, nil
}

func (c *calendar) setDay(t time.Time) { c.year, c.month, c.day = t.Year(), int(t.Month()), t.Day() }

// weekDay is the day of a week of ISO 8601: week 1 has the fourth of January.
func weekDay(year, week, day int) time.Time {
	fourth := time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC)
	monday := fourth.AddDate(0, 0, -(int(fourth.Weekday())+6)%7)
	return monday.AddDate(0, 0, (week-1)*7+day-1)
}

// remark is what may follow a zone: its name, in brackets.
var remark = regexp.MustCompile(`\s*[(\[][^()\[\]]*[)\]]\s*$`)

func withoutRemark(s string) string { return remark.ReplaceAllString(s, "") }

// number is the value of digits, or 0 if there are none.
func number(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

// fraction is a part of a second in nanoseconds.
func fraction(digits string) int {
	return number((digits + "000000000")[:9])
}
