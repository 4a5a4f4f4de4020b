// Package when reads times as people type them: "today 10:00", "2h ago",
// "2026-11-28 10:00", "late thursday". Words are read in the zone of the summit;
// how long a part of a day lasts is fixed, and shown before anything is recorded.
package when

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Span is the time that words stand for: an instant, where both ends are the
// same, or an interval, whose end is not part of it.
type Span struct{ Earliest, Latest time.Time }

// Exact reports whether the span is an instant.
func (s Span) Exact() bool { return s.Earliest.Equal(s.Latest) }

// forms are what [Parse] takes, for errors.
const forms = "2026-11-28 10:00, today 10:00, yesterday evening, late thursday, 2h ago or RFC 3339 such as 2026-11-28T10:00:00+01:00"

// Parse reads a time at the moment now, whose location is the zone of the words.
func Parse(text string, now time.Time) (Span, error) {
	if t, err := time.Parse(time.RFC3339Nano, strings.TrimSpace(text)); err == nil {
		return Span{t, t}, nil
	}
	words := strings.Fields(strings.ToLower(strings.ReplaceAll(text, ",", " ")))
	if len(words) == 1 { // 2026-11-28t10:00
		if day, clock, ok := strings.Cut(words[0], "t"); ok && strings.Contains(day, "-") {
			words = []string{day, clock}
		}
	}
	if s, ok := relative(words, now); ok {
		return s, nil
	}
	p := parser{now: noon(now.Year(), now.Month(), now.Day(), now.Location()), words: words}
	s, ok := p.span()
	if !ok {
		return Span{}, fmt.Errorf("%q is not a time; expected for example %s", text, forms)
	}
	return s, nil
}

// amount is a number and a unit, together or apart.
var amount = regexp.MustCompile(`^(\d{1,5}) ?(s|sec|secs|second|seconds|m|min|mins|minute|minutes|h|hour|hours|d|day|days|w|week|weeks)$`)

// relative reads "2h ago", "in 30 minutes" and "now".
func relative(words []string, now time.Time) (Span, bool) {
	n := len(words)
	if n == 1 && words[0] == "now" {
		return Span{now, now}, true
	}
	sign, rest := 0, words
	switch {
	case n > 1 && words[n-1] == "ago":
		sign, rest = -1, words[:n-1]
	case n > 1 && words[0] == "in":
		sign, rest = 1, words[1:]
	}
	if sign == 0 {
		return Span{}, false
	}
	t := now
	for _, m := range amounts(rest) {
		if m == nil {
			return Span{}, false
		}
		t = shift(t, sign, m)
	}
	return Span{t, t}, len(rest) > 0
}

// amounts splits words into amounts; one that is none is nil.
func amounts(words []string) (list [][]string) {
	for i := 0; i < len(words); i++ {
		word := words[i]
		if _, err := strconv.Atoi(word); err == nil && i+1 < len(words) {
			i++
			word += " " + words[i]
		}
		list = append(list, amount.FindStringSubmatch(word))
	}
	return list
}

// shift moves t by an amount. Days and weeks are those of the calendar.
func shift(t time.Time, sign int, m []string) time.Time {
	n, _ := strconv.Atoi(m[1]) // the pattern has digits alone
	n *= sign
	switch m[2][0] {
	case 's':
		return t.Add(time.Duration(n) * time.Second)
	case 'm':
		return t.Add(time.Duration(n) * time.Minute)
	case 'h':
		return t.Add(time.Duration(n) * time.Hour)
	case 'w':
		n *= 7
	}
	return t.AddDate(0, 0, n)
}

// part is a part of a day, in hours. Midnight of the next day is 24.
type part struct{ from, to int }

// parts are the parts of a day by name.
var parts = map[string]part{
	"early": {0, 6}, "morning": {6, 12}, "afternoon": {12, 18}, "evening": {18, 24}, "late": {18, 24}, "night": {20, 24},
	"noon": {12, 12}, "midday": {12, 12}, "midnight": {0, 0},
}

var weekdays = map[string]time.Weekday{
	"sun": time.Sunday, "mon": time.Monday, "tue": time.Tuesday, "wed": time.Wednesday, "thu": time.Thursday, "fri": time.Friday, "sat": time.Saturday,
}

var months = map[string]time.Month{
	"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
}

// parser reads a day, and a time or a part of it, in any order.
type parser struct {
	now   time.Time // noon of today
	words []string

	day   *time.Time // its noon
	clock *[3]int    // hour, minute, second
	part  *part
}

func (p *parser) span() (Span, bool) {
	for len(p.words) > 0 {
		n := p.take()
		if n == 0 {
			return Span{}, false
		}
		p.words = p.words[n:]
	}
	if p.day == nil && p.clock == nil && p.part == nil || p.clock != nil && p.part != nil {
		return Span{}, false
	}
	day := p.now
	if p.day != nil {
		day = *p.day
	}
	switch {
	case p.clock != nil:
		t := at(day, p.clock[0], p.clock[1], p.clock[2])
		return Span{t, t}, true
	case p.part != nil:
		return Span{at(day, p.part.from, 0, 0), at(day, p.part.to, 0, 0)}, true
	}
	return Span{at(day, 0, 0, 0), at(day, 24, 0, 0)}, true
}

// weekdayNext returns the weekday that the second word names, or -1 if it names
// none.
func (p *parser) weekdayNext() time.Weekday {
	if len(p.words) > 1 {
		if w, ok := weekdayOf(p.words[1]); ok {
			return w
		}
	}
	return -1
}

// at returns a time of a day. A time that the clocks pass over is as long after the one
// before: where they go from midnight to one, such a day begins at one.
func at(day time.Time, hour, minute, second int) time.Time {
	t := time.Date(day.Year(), day.Month(), day.Day(), hour, minute, second, 0, day.Location())
	asked := time.Date(day.Year(), day.Month(), day.Day(), hour, minute, second, 0, time.UTC)
	shown := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
	return t.Add(max(asked.Sub(shown), 0))
}

// noon returns the middle of a day, which stands for the day: the clocks of no zone pass
// over it, as they do over midnight.
func noon(year int, month time.Month, day int, zone *time.Location) time.Time {
	return time.Date(year, month, day, 12, 0, 0, 0, zone)
}

// take reads what the next words are, and returns how many, or 0 if they are
// nothing, or a second day or time.
func (p *parser) take() int {
	word := p.words[0]
	if x, ok := parts[word]; ok && p.part == nil {
		p.part = &x
		return 1
	}
	if word == "at" || word == "on" || word == "in" || word == "the" || word == "this" && p.weekdayNext() < 0 {
		return 1
	}
	if c, ok := clockOf(word); ok && p.clock == nil {
		p.clock = &c
		return 1
	}
	if p.day != nil {
		return 0
	}
	day, n := p.dayOf()
	if n > 0 {
		p.day = &day
	}
	return n
}

// clockForm is a time of day: 10:00, 10:00:30, 9.30, 10am.
var clockForm = regexp.MustCompile(`^(\d{1,2})(?:[:.](\d{2})(?::(\d{2}))?)?(am|pm)?$`)

func clockOf(word string) (c [3]int, ok bool) {
	m := clockForm.FindStringSubmatch(word)
	if m == nil || m[2] == "" && m[4] == "" {
		return c, false
	}
	for i := range c {
		c[i], _ = strconv.Atoi(m[i+1]) // what is left out is 0
	}
	if m[4] != "" {
		if c[0] < 1 || c[0] > 12 {
			return c, false
		}
		c[0] %= 12
	}
	if m[4] == "pm" {
		c[0] += 12
	}
	return c, c[0] < 24 && c[1] < 60 && c[2] < 60
}

// dayOf reads a day at the beginning of the words.
func (p *parser) dayOf() (day time.Time, n int) {
	word := p.words[0]
	switch word {
	case "today", "tonight":
		if word == "tonight" && p.part == nil {
			p.part = &part{18, 24}
		}
		return p.now, 1
	case "yesterday":
		return p.now.AddDate(0, 0, -1), 1
	case "tomorrow":
		return p.now.AddDate(0, 0, 1), 1
	case "last", "next", "this":
		if w := p.weekdayNext(); w >= 0 {
			return p.weekday(w, word), 2
		}
		return day, 0
	}
	if w, ok := weekdayOf(word); ok {
		return p.weekday(w, ""), 1
	}
	if t, err := time.Parse("2006-1-2", word); err == nil {
		return noon(t.Year(), t.Month(), t.Day(), p.now.Location()), 1
	}
	return p.date()
}

// weekday returns the latest such day, today included; "last" is before today,
// and "next" after it.
func (p *parser) weekday(w time.Weekday, which string) time.Time {
	back := (int(p.now.Weekday()) - int(w) + 7) % 7
	switch {
	case which == "next":
		return p.now.AddDate(0, 0, 7-back)
	case which == "last" && back == 0:
		back = 7
	}
	return p.now.AddDate(0, 0, -back)
}

func weekdayOf(word string) (time.Weekday, bool) {
	if len(word) < 3 {
		return 0, false
	}
	w, ok := weekdays[word[:3]]
	return w, ok && strings.HasPrefix(strings.ToLower(w.String()), word)
}

// A number of four digits after a day is a year between these. Else it may be meant as a
// time of day, which has a colon or a point, and is refused.
const firstYear, lastYear = 1900, 2099

// date reads "14 aug" and "aug 14", with a year or of this one.
func (p *parser) date() (day time.Time, n int) {
	if len(p.words) < 2 {
		return day, 0
	}
	number, name := p.words[0], p.words[1]
	if _, isMonth := monthOf(number); isMonth {
		number, name = name, number
	}
	m, ok := monthOf(name)
	d, err := strconv.Atoi(number)
	if !ok || err != nil {
		return day, 0
	}
	year, n := p.now.Year(), 2
	if len(p.words) > 2 && len(p.words[2]) == 4 {
		if y, err := strconv.Atoi(p.words[2]); err == nil && y >= firstYear && y <= lastYear {
			year, n = y, 3
		}
	}
	day = noon(year, m, d, p.now.Location())
	if day.Day() != d || day.Month() != m {
		return day, 0
	}
	return day, n
}

func monthOf(word string) (time.Month, bool) {
	if len(word) < 3 {
		return 0, false
	}
	m, ok := months[word[:3]]
	return m, ok && strings.HasPrefix(strings.ToLower(m.String()), word)
}
