package when

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestWordsAreTimesInTheZone(t *testing.T) {
	zone, err := time.LoadLocation("America/Anchorage")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2025, 8, 16, 9, 30, 0, 0, zone) // a Saturday
	for text, want := range map[string][2]string{
		"now":                       {"2025-08-16T09:30:00-08:00", ""},
		"2h ago":                    {"2025-08-16T07:30:00-08:00", ""},
		"2 hours 30 minutes ago":    {"2025-08-16T07:00:00-08:00", ""},
		"in 3 days":                 {"2025-08-19T09:30:00-08:00", ""},
		"today 10:00":               {"2025-08-16T10:00:00-08:00", ""},
		"10:00 today":               {"2025-08-16T10:00:00-08:00", ""},
		"10:00":                     {"2025-08-16T10:00:00-08:00", ""},
		"yesterday at 3pm":          {"2025-08-15T15:00:00-08:00", ""},
		"2026-11-28 10:00":          {"2026-11-28T10:00:00-09:00", ""},
		"2026-11-28T10:00":          {"2026-11-28T10:00:00-09:00", ""},
		"2025-08-14T22:00:00-08:00": {"2025-08-14T22:00:00-08:00", ""},
		"14 Aug 2024, 12am":         {"2024-08-14T00:00:00-08:00", ""},
		"noon on friday":            {"2025-08-15T12:00:00-08:00", ""},
		"late thursday":             {"2025-08-14T18:00:00-08:00", "2025-08-15T00:00:00-08:00"},
		"early saturday":            {"2025-08-16T00:00:00-08:00", "2025-08-16T06:00:00-08:00"},
		"last sat":                  {"2025-08-09T00:00:00-08:00", "2025-08-10T00:00:00-08:00"},
		"next saturday morning":     {"2025-08-23T06:00:00-08:00", "2025-08-23T12:00:00-08:00"},
		"yesterday":                 {"2025-08-15T00:00:00-08:00", "2025-08-16T00:00:00-08:00"},
		"aug 14":                    {"2025-08-14T00:00:00-08:00", "2025-08-15T00:00:00-08:00"},
		"this evening":              {"2025-08-16T18:00:00-08:00", "2025-08-17T00:00:00-08:00"},
		"this friday":               {"2025-08-15T00:00:00-08:00", "2025-08-16T00:00:00-08:00"},
		"tonight":                   {"2025-08-16T18:00:00-08:00", "2025-08-17T00:00:00-08:00"},
		"nonsense":                  {"", ""},
		"":                          {"", ""},
		"25:00":                     {"", ""},
		"31 feb":                    {"", ""},
		"today yesterday":           {"", ""},
		"evening 10:00":             {"", ""},
		"13pm":                      {"", ""},
		"ago":                       {"", ""},
		"two days ago":              {"", ""},
		"aug 14 1030":               {"", ""}, // no year, and no time without a colon
		"14 aug 1999":               {"1999-08-14T00:00:00-08:00", "1999-08-15T00:00:00-08:00"},
		"14 aug 0999":               {"", ""},
		"12:60":                     {"", ""},
		"0am":                       {"", ""},
		"12pm":                      {"2025-08-16T12:00:00-08:00", ""},
		"9.30":                      {"2025-08-16T09:30:00-08:00", ""},
		"10:00:30 on the 2025-8-1":  {"2025-08-01T10:00:30-08:00", ""},
		"10:00 11:00":               {"", ""},
		"morning evening":           {"", ""},
		"last":                      {"", ""},
		"next week":                 {"", ""},
		"in the morning":            {"2025-08-16T06:00:00-08:00", "2025-08-16T12:00:00-08:00"},
		"in 10 aug":                 {"2025-08-10T00:00:00-08:00", "2025-08-11T00:00:00-08:00"},
		"1w 2d 3h 4m 5s ago":        {"2025-08-07T06:25:55-08:00", ""},
	} {
		if want[1] == "" {
			want[1] = want[0]
		}
		s, err := Parse(text, now)
		got := [2]string{}
		if err == nil {
			got = [2]string{s.Earliest.Format(time.RFC3339), s.Latest.Format(time.RFC3339)}
		}
		if got != want {
			t.Errorf("%q: %v, %v, want %v", text, got, err, want)
		}
	}
}

// someNow draws a moment in a zone whose clocks change, some of them at midnight.
func someNow() *rapid.Generator[time.Time] {
	return rapid.Custom(func(t *rapid.T) time.Time {
		name := rapid.SampledFrom([]string{"UTC", "America/Anchorage", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Beirut", "Pacific/Apia"}).Draw(t, "zone")
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		return time.Unix(rapid.Int64Range(1_000_000_000, 1_900_000_000).Draw(t, "now"), 0).In(zone)
	})
}

// The time that words stand for never ends before it begins, and is at most a day of 25
// hours.
func TestWordsStandForATimeThatCanBe(t *testing.T) {
	vocabulary := []string{"today", "yesterday", "tomorrow", "tonight", "last", "next", "this", "fri", "sunday", "aug", "14", "2025", "2025-02-29", "10:00", "3pm", "noon", "late", "night", "ago", "in", "2h", "3", "days", "at", "now", "1030", "x"}
	rapid.Check(t, func(t *rapid.T) {
		now := someNow().Draw(t, "now")
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(vocabulary), 0, 4).Draw(t, "words"), " ")
		s, err := Parse(text, now)
		if err != nil {
			return
		}
		if s.Latest.Before(s.Earliest) || s.Latest.Sub(s.Earliest) > 25*time.Hour || s.Exact() != s.Earliest.Equal(s.Latest) {
			t.Fatalf("%q at %s is %s to %s", text, now, s.Earliest, s.Latest)
		}
		upper, errUpper := Parse(" "+strings.ToUpper(text)+",", now)
		if errUpper != nil || upper != s {
			t.Fatalf("%q is %v, in capitals %v, %v", text, s, upper, errUpper)
		}
	})
}

// "2h ago" and "in 2h" are exactly two hours away. A day and a time are read in either
// order, on the clocks of the zone.
func TestAmountsAndDaysAreThoseOfTheZone(t *testing.T) {
	units := map[string]time.Duration{"s": time.Second, "minutes": time.Minute, "h": time.Hour}
	rapid.Check(t, func(t *rapid.T) {
		now, n := someNow().Draw(t, "now"), rapid.IntRange(0, 99_999).Draw(t, "n")
		unit := rapid.SampledFrom([]string{"s", "minutes", "h"}).Draw(t, "unit")
		ago, errAgo := Parse(fmt.Sprint(n, unit, " ago"), now)
		in, errIn := Parse(fmt.Sprint("in ", n, " ", unit), now)
		if far := time.Duration(n) * units[unit]; errAgo != nil || errIn != nil || now.Sub(ago.Earliest) != far || in.Latest.Sub(now) != far || !ago.Exact() {
			t.Fatalf("%d %s at %s: %v, %v; %v, %v", n, unit, now, ago, errAgo, in, errIn)
		}
		day := now.AddDate(0, 0, -rapid.IntRange(0, 400).Draw(t, "days")).Format("2006-01-02")
		clock := fmt.Sprintf("%02d:%02d", rapid.IntRange(3, 23).Draw(t, "hour"), rapid.IntRange(0, 59).Draw(t, "minute")) // when no clocks change
		a, errA := Parse(day+" "+clock, now)
		b, errB := Parse(clock+" on "+day, now)
		if errA != nil || errB != nil || a != b || a.Earliest.Format("2006-01-02 15:04") != day+" "+clock {
			t.Fatalf("%s %s: %v, %v; %v, %v", day, clock, a, errA, b, errB)
		}
	})
}

// In zones whose clocks go forward at midnight, a date is that day, which begins at
// one.
func TestADayThatBeginsAtOne(t *testing.T) {
	for zone, day := range map[string]string{"Africa/Cairo": "2025-04-25", "Asia/Beirut": "2025-03-30", "America/Sao_Paulo": "2011-10-16"} {
		l, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		date, err := time.Parse("2006-01-02", day)
		if err != nil {
			t.Fatal(err)
		}
		for _, now := range []time.Time{time.Date(date.Year(), date.Month(), date.Day(), 15, 0, 0, 0, l), time.Date(date.Year(), date.Month(), date.Day()+1, 0, 30, 0, 0, l)} {
			for _, text := range []string{day, strings.ToLower(date.Format("2 Jan 2006")), strings.ToLower(date.Weekday().String())} {
				whole, err := Parse(text, now)
				if err != nil || whole.Earliest.Format("2006-01-02 15:04") != day+" 01:00" || whole.Latest.Sub(whole.Earliest) != 23*time.Hour {
					t.Errorf("%s, %s: %v, %v", zone, text, whole, err)
				}
				ten, err := Parse(text+" 10:00", now)
				if err != nil || ten.Earliest.Format("2006-01-02 15:04") != day+" 10:00" {
					t.Errorf("%s, %s 10:00: %v, %v", zone, text, ten, err)
				}
				half, err := Parse("0:30 "+text, now) // which the clocks pass over
				if err != nil || half.Earliest.Format("2006-01-02 15:04") != day+" 01:30" {
					t.Errorf("%s, %s 0:30: %v, %v", zone, text, half, err)
				}
			}
		}
	}
}
