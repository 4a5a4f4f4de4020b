package ingest

import (
	"regexp"
	"slices"
	"strings"
)

var (
	// hourForm is a time of day in a date with a named month, and what is
	// written to it without a space: a zone, or which half of the day.
	hourForm = regexp.MustCompile(`^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?(.*)$`)
	// hyphened is a date of RFC 850: 25-Nov-26.
	hyphened = regexp.MustCompile(`^(\d{1,2})-([A-Za-z]+)-(\d{2,4})$`)
	// figures is a date of figures alone.
	figures = regexp.MustCompile(`^\d{1,4}[./-]\d{1,2}[./-]\d{1,4}$`)
	// ordinals are the endings of "1st" and "25th".
	ordinals = regexp.MustCompile(`^(\d{1,2})(st|nd|rd|th)$`)
	digits   = regexp.MustCompile(`^\d{1,4}$`)
)

var (
	months   = strings.Fields("january february march april may june july august september october november december")
	weekdays = strings.Fields("sunday monday tuesday wednesday thursday friday saturday")
)

// named reads a date with a named month word by word.
type named struct {
	calendar
	numbers []string // the day and the year, as they come
	half    string   // am or pm
	failed  error
}

// namedDate reads a date with a named month: RFC 822, 850, 1123, 2822, the form
// of C's asctime, and those of people. In all of them the month is a word and
// the time has colons, so that the order does not matter.
func namedDate(s string) (calendar, error) {
	var n named
	for _, word := range strings.Fields(strings.ReplaceAll(withoutRemark(s), ",", " ")) {
		n.take(word)
	}
	if n.failed != nil {
		return calendar{}, n.failed
	}
	if n.month == 0 || len(n.numbers) != 2 || !n.dayAndYear() || !n.halves() {
		return calendar{}, errDate
	}
	return n.calendar, nil
}

func (n *named) take(word string) {
	lower := strings.ToLower(word)
	switch m := ordinals.FindStringSubmatch(lower); {
	case hyphened.MatchString(word):
		for _, part := range strings.Split(word, "-") {
			n.take(part)
		}
	case figures.MatchString(word):
		n.failed = errOrder
	case hourForm.MatchString(word) && !n.clock:
		n.setClock(hourForm.FindStringSubmatch(word))
	case monthOf(lower) > 0 && n.month == 0:
		n.month = monthOf(lower)
	case isWeekday(lower), lower == "at", lower == "of", lower == "the":
	case m != nil:
		n.numbers = append(n.numbers, m[1])
	case digits.MatchString(word):
		n.numbers = append(n.numbers, word)
	case half(lower) != "":
		n.half = half(lower)
	default:
		n.zone += word // "GMT +0100" is one zone
	}
}

func (n *named) setClock(m []string) {
	n.clock, n.hour, n.minute, n.second, n.nanos = true, number(m[1]), number(m[2]), number(m[3]), fraction(m[4])
	if m[5] != "" {
		n.take(m[5])
	}
}

// dayAndYear distinguishes a day from a year: the year is the longer one, else the
// one that stands last. One of two digits is of RFC 2822.
func (n *named) dayAndYear() bool {
	day, year := n.numbers[0], n.numbers[1]
	if len(day) > 2 {
		day, year = year, day
	}
	n.day, n.year = number(day), number(year)
	switch {
	case len(day) > 2:
		return false
	case len(year) <= 2 && n.year < 50:
		n.year += 2000
	case len(year) <= 3:
		n.year += 1900
	}
	return true
}

// halves makes 24 hours out of twice twelve.
func (n *named) halves() bool {
	if n.half == "" {
		return true
	}
	if n.hour < 1 || n.hour > 12 {
		return false
	}
	n.hour %= 12
	if n.half == "pm" {
		n.hour += 12
	}
	return true
}

func half(word string) string {
	if word = strings.ReplaceAll(word, ".", ""); word == "am" || word == "pm" {
		return word
	}
	return ""
}

// monthOf is the number of a month of which at least three letters are given;
// 0 for what is none.
func monthOf(word string) int { return 1 + indexOf(word, months) }

func isWeekday(word string) bool { return indexOf(word, weekdays) >= 0 }

// indexOf is where the name stands in a list of which a word is the beginning;
// -1 if there is none.
func indexOf(word string, names []string) int {
	word = strings.TrimSuffix(word, ".")
	return slices.IndexFunc(names, func(name string) bool { return len(word) >= 3 && strings.HasPrefix(name, word) })
}
