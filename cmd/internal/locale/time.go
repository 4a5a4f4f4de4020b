package locale

import "time"

// Day writes the date of a time with its weekday, by the clock of its own zone.
func (l *Language) Day(t time.Time) Words { return l.date("time.day", t) }

// ShortDay writes the date of a time with its weekday and without its year.
func (l *Language) ShortDay(t time.Time) Words { return l.date("time.day.short", t) }

func (l *Language) date(key string, t time.Time) Words {
	return Words(l.Say(key,
		"weekday", Words(l.data.WeekdayAbbreviated(t.Weekday())), "day", Words(t.Format("2")),
		"month", Words(l.data.MonthAbbreviated(t.Month())), "year", Words(t.Format("2006"))))
}

// Hour writes the time of day. All languages here have 24 hours.
func (*Language) Hour(t time.Time) Words { return Words(t.Format("15:04")) }

// Zone writes the abbreviation of a time's zone.
func (l *Language) Zone(t time.Time) string { return l.Isolate(t.Format("MST")) }
