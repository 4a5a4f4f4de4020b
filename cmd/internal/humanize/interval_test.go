package humanize

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/summit-timeline/summit/events"
)

// The abbreviations and offsets are those of the IANA time zone database.
func TestAnIntervalOverAChangeOfTheClocksTellsTheZoneOfEachEnd(t *testing.T) {
	for _, c := range []struct{ name, zone, earliest, latest, want string }{
		{"put back", "America/New_York", "2025-11-02T01:30:00-04:00", "2025-11-02T03:30:00-05:00", "between Sun 2 Nov 2025 01:30 EDT and 03:30 EST"},
		{"the hour that comes twice", "America/New_York", "2025-11-02T01:30:00-04:00", "2025-11-02T01:30:00-05:00", "between Sun 2 Nov 2025 01:30 EDT and 01:30 EST"},
		{"the first of the two hours", "America/New_York", "2025-11-02T01:10:00-04:00", "2025-11-02T01:50:00-04:00", "between Sun 2 Nov 2025 01:10 and 01:50 EDT"},
		{"the second of the two hours", "America/New_York", "2025-11-02T01:10:00-05:00", "2025-11-02T01:50:00-05:00", "between Sun 2 Nov 2025 01:10 and 01:50 EST"},
		{"put forward", "Europe/Berlin", "2026-03-29T01:30:00+01:00", "2026-03-29T03:30:00+02:00", "between Sun 29 Mar 2026 01:30 CET and 03:30 CEST"},
		{"up to the change", "America/New_York", "2026-03-08T01:00:00-05:00", "2026-03-08T03:00:00-04:00", "between Sun 8 Mar 2026 01:00 EST and 03:00 EDT"},
		{"over days", "America/New_York", "2025-11-01T22:00:00-04:00", "2025-11-02T03:30:00-05:00", "between Sat 1 Nov 2025 22:00 EDT and Sun 2 Nov 2025 03:30 EST"},
		{"the whole day", "America/New_York", "2025-11-02T00:00:00-04:00", "2025-11-03T00:00:00-05:00", "between Sun 2 Nov 2025 00:00 EDT and 24:00 EST"},
		{"half a year", "Europe/Zurich", "2026-01-15T12:00:00+01:00", "2026-07-15T12:00:00+02:00", "between Thu 15 Jan 2026 12:00 CET and Wed 15 Jul 2026 12:00 CEST"},
		{"half an hour", "Australia/Lord_Howe", "2026-04-05T01:15:00+11:00", "2026-04-05T01:45:00+10:30", "between Sun 5 Apr 2026 01:15 +11 and 01:45 +1030"},
		{"an abbreviation of digits", "America/Sao_Paulo", "2019-02-16T22:00:00-02:00", "2019-02-17T02:00:00-03:00", "between Sat 16 Feb 2019 22:00 -02 and Sun 17 Feb 2019 02:00 -03"},
		{"digits without a change", "America/Sao_Paulo", "2026-11-02T01:30:00-03:00", "2026-11-02T03:30:00-03:00", "between Mon 2 Nov 2026 01:30 and 03:30 -03"},
		{"three quarters of an hour", "Asia/Kathmandu", "2026-11-02T01:30:00+05:45", "2026-11-02T03:30:00+05:45", "between Mon 2 Nov 2026 01:30 and 03:30 +0545"},
		{"the first zone of a day", "Pacific/Kiritimati", "2026-11-01T22:00:00-10:00", "2026-11-02T01:00:00-10:00", "between Mon 2 Nov 2026 22:00 and Tue 3 Nov 2026 01:00 +14"},
		{"over the dateline", "Pacific/Apia", "2011-12-29T22:00:00-10:00", "2011-12-31T02:00:00+14:00", "between Thu 29 Dec 2011 22:00 -10 and Sat 31 Dec 2011 02:00 +14"},
		{"up to the day that was left out", "Pacific/Apia", "2011-12-29T22:00:00-10:00", "2011-12-31T00:00:00+14:00", "between Thu 29 Dec 2011 22:00 and 24:00 -10"},
		{"put back to midnight", "America/Havana", "2025-11-02T00:30:00-04:00", "2025-11-02T00:00:00-05:00", "between Sun 2 Nov 2025 00:30 CDT and 00:00 CST"},
		{"put back at midnight", "Africa/Cairo", "2025-10-30T22:00:00+03:00", "2025-10-31T00:00:00+02:00", "between Thu 30 Oct 2025 22:00 EEST and 24:00 EET"},
		{"put forward at midnight", "Africa/Cairo", "2026-04-23T22:00:00+02:00", "2026-04-24T01:00:00+03:00", "between Thu 23 Apr 2026 22:00 EET and Fri 24 Apr 2026 01:00 EEST"},
		{"another offset, the same abbreviation", "Europe/Moscow", "2014-10-26T01:30:00+04:00", "2014-10-26T03:30:00+03:00", "between Sun 26 Oct 2014 01:30 MSK (UTC+4) and 03:30 MSK (UTC+3)"},
		{"another abbreviation, the same offset", "America/Indiana/Indianapolis", "2006-04-01T12:00:00-05:00", "2006-04-02T12:00:00-04:00", "between Sat 1 Apr 2006 12:00 EST and Sun 2 Apr 2006 12:00 EDT"},
		{"not before, in the second hour", "America/New_York", "2025-11-02T01:30:00-05:00", "", "not before Sun 2 Nov 2025 01:30 EST"},
		{"before, in the first hour", "America/New_York", "", "2025-11-02T01:30:00-04:00", "before Sun 2 Nov 2025 01:30 EDT"},
	} {
		m := events.Moment{Earliest: at(t, c.earliest), Latest: at(t, c.latest), Phase: events.PhasePlanned}
		if got := (Clock{Zone: zone(t, c.zone)}).Moment(&m); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestOnAPageEachEndHasItsOffsetAndItsDayAtTheVenue(t *testing.T) {
	for _, c := range []struct{ zone, venue, earliest, latest, want string }{
		{"America/New_York", "America/New_York", "2025-11-02T01:30:00-04:00", "2025-11-02T03:30:00-05:00", "between Sun 2 Nov 2025 01:30 EDT (UTC−4) and 03:30 EST (UTC−5)"},
		{"America/New_York", "America/New_York", "2026-03-08T01:00:00-05:00", "2026-03-08T03:00:00-04:00", "between Sun 8 Mar 2026 01:00 EST (UTC−5) and 03:00 EDT (UTC−4)"},
		{"Australia/Lord_Howe", "UTC", "2026-04-05T01:15:00+11:00", "2026-04-05T01:45:00+10:30", "between Sun 5 Apr 2026 01:15 +11 (UTC+11), Sat 4 Apr at the venue, and 01:45 +1030 (UTC+10:30), Sat 4 Apr at the venue"},
		{"Asia/Tokyo", "America/Anchorage", "2025-08-15T06:00:00+09:00", "2025-08-15T20:00:00+09:00", "between Fri 15 Aug 2025 06:00 JST (UTC+9), Thu 14 Aug at the venue, and 20:00 JST (UTC+9)"},
		{"Pacific/Kiritimati", "Pacific/Honolulu", "2026-11-02T09:00:00+14:00", "2026-11-02T11:00:00+14:00", "between Mon 2 Nov 2026 09:00 and 11:00 +14 (UTC+14), Sun 1 Nov at the venue"},
		{"Asia/Kathmandu", "Asia/Kathmandu", "2026-11-02T09:00:00+05:45", "2026-11-03T00:00:00+05:45", "between Mon 2 Nov 2026 09:00 and 24:00 +0545 (UTC+5:45)"},
	} {
		m := events.Moment{Earliest: at(t, c.earliest), Latest: at(t, c.latest)}
		if _, got := (Clock{Zone: zone(t, c.zone), Venue: zone(t, c.venue)}).Parts(&m); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.zone, got, c.want)
		}
	}
}

// TestBothEndsOfAnyIntervalCanBeReadBack reads the words of an interval with
// time.Parse and checks that both ends are the minutes they were.
func TestBothEndsOfAnyIntervalCanBeReadBack(t *testing.T) {
	names := []string{
		"America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo", "Pacific/Kiritimati", "Pacific/Apia",
		"America/Havana", "Africa/Cairo", "Africa/Casablanca", "Pacific/Chatham", "America/St_Johns", "America/Anchorage", "UTC", "Europe/Moscow",
	}
	from := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	rapid.Check(t, func(r *rapid.T) {
		z := zone(t, rapid.SampledFrom(names).Draw(r, "zone"))
		a := from.Add(time.Duration(rapid.IntRange(0, 30*366*24*60).Draw(r, "minute")) * time.Minute)
		b := a.Add(time.Duration(rapid.IntRange(1, 3*24*60).Draw(r, "minutes")) * time.Minute)
		said := Clock{Zone: z}.Moment(&events.Moment{Earliest: events.Instant{Time: a}, Latest: events.Instant{Time: b}})
		first, last, ok := readInterval(said, z)
		if !ok || !first(a) || !last(b) {
			r.Fatalf("%s: from %s to %s is told as %q", z, a.In(z), b.In(z), said)
		}
	})
}

// readInterval reads the two ends of an interval in words, each as a test of
// whether it names an instant.
func readInterval(said string, z *time.Location) (first, last func(time.Time) bool, ok bool) {
	a, b, ok := strings.Cut(strings.TrimPrefix(said, "between "), " and ")
	x, y := strings.Fields(a), strings.Fields(b)
	if len(x) < 5 {
		return nil, nil, false
	}
	if len(y) < 5 {
		y = append(append([]string(nil), x[:4]...), y...) // the same day
	}
	if len(x) == 5 {
		x = append(x, y[5:]...) // the same zone
	}
	return names(x, z), names(y, z), ok && len(x) >= 6 && len(y) >= 6
}

// names reports whether the words "Sun 2 Nov 2025 01:30 EDT" name an instant.
func names(words []string, z *time.Location) func(time.Time) bool {
	return func(t time.Time) bool {
		local := t.In(z)
		if words[4] == "24:00" {
			local = t.Add(-time.Nanosecond).In(z)
			words = append([]string(nil), words...)
			words[4] = local.Format("15:04")
			if t.In(z).Format("15:04") != "00:00" {
				return false
			}
		}
		form := "Mon 2 Jan 2006 15:04 MST"
		if len(words) > 6 && words[6] != "("+offset(local)+")" {
			return false
		}
		return local.Format(form) == strings.Join(words[:6], " ")
	}
}
