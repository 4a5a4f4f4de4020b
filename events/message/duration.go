package message

import (
	"strconv"
	"time"
)

// The patterns of durations, by their greatest unit.
var (
	durationHours        = Define("duration.hours", "{hours} h {minutes} min")
	durationMinutes      = Define("duration.minutes", "{minutes} min {seconds} s")
	durationSeconds      = Define("duration.seconds", "{seconds} s")
	durationMilliseconds = Define("duration.milliseconds", "{count} ms")
)

// Duration returns an argument that is a duration, told in two units. Less than a
// millisecond is nothing.
func Duration(d time.Duration) Arg {
	return Arg{argDuration, strconv.FormatInt(d.Milliseconds(), 10)}
}

// duration appends a number of milliseconds as it is told.
func (l *Language) duration(b, text []byte) []byte {
	ms, _ := strconv.ParseInt(string(text), 10, 64)
	d := time.Duration(ms) * time.Millisecond
	hours, minutes, seconds := int64(d.Hours()), int64(d.Minutes())%60, int64(d.Seconds())%60
	numbers := func(list ...int64) func(b []byte, arg int) []byte {
		return func(b []byte, arg int) []byte { return appendInside(b, l.Number(list[arg])) }
	}
	switch {
	case hours > 0:
		return l.compose(b, durationHours, numbers(hours, minutes))
	case minutes > 0:
		return l.compose(b, durationMinutes, numbers(minutes, seconds))
	case seconds == 0 && ms > 0:
		return l.compose(b, durationMilliseconds, numbers(ms))
	}
	return l.compose(b, durationSeconds, numbers(seconds))
}
