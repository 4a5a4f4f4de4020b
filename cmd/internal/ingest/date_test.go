package ingest

import (
	"strings"
	"testing"

	"github.com/summit-timeline/summit/events"
)

func TestDatesOfFeedsAreRead(t *testing.T) {
	for want, list := range map[string][]string{
		"2024-12-15T12:15:00Z": {
			// RFC 3339 and ISO 8601, extended and basic, with and without seconds.
			"2024-12-15T12:15:00Z", "2024-12-15t12:15:00z", "2024-12-15T12:15:00+00:00", "2024-12-15T12:15:00-00:00", "2024-12-15T12:15:00+0000", "2024-12-15T12:15:00+00",
			"2024-12-15T12:15Z", "2024-12-15T12:15+0000", "20241215T121500Z", "20241215T1215Z", "20241215T121500+0000", "2024-12-15 12:15:00Z", "2024-12-15 12:15:00 UTC",
			"2024-12-15 12:15:00 +0000", "2024-12-15 12:15 GMT", "2024-12-15T12:15:00 Z", "2024-12-15T12:15:00.000Z", "2024-12-15T12:15:00,000Z", "2024-350T12:15:00Z",
			"2024-W50-7T12:15:00Z", "2024W507T121500Z", "2024350T1215Z", "2024-12-15T12:15:00UTC", "2024-12-15 at 12:15:00 UTC",
			// RFC 822, 1123, 2822, 850, asctime, and what programs write.
			"Sun, 15 Dec 2024 12:15:00 GMT", "Sun, 15 Dec 2024 12:15 GMT", "15 Dec 24 12:15 UT", "15 Dec 2024 12:15:00 Z", "Sun, 15 Dec 2024 12:15:00 +0000 (UTC)",
			"Sun, 15 Dec 2024 12:15:00 -0000", "Sunday, 15-Dec-24 12:15:00 GMT", "Sun Dec 15 12:15:00 UTC 2024", "Sun Dec 15 12:15:00 +0000 2024",
			"Sun, 15 Dec 2024 12:15:00+0000", "Sun, 15 Dec 2024 12:15:00 +00:00", "Sun,15 Dec 2024 12:15:00 GMT", "sun, 15 dec 2024 12:15:00 gmt", "Sun, 15 December 2024 12:15:00 GMT",
			"December 15, 2024 12:15 PM UTC", "Dec 15, 2024, 12:15 p.m. UTC", "Dec. 15th 2024 at 12:15 UTC", "Sun, 15 Dec 2024 12:15:00 GMT+0000",
			"Sun Dec 15 2024 12:15:00 GMT+0000 (Coordinated Universal Time)", "Sun, 15 Dec 2024 12:15:00GMT", "  Sun,  15 Dec\t2024\n12:15:00  GMT ", "Sunday, December 15, 2024 12:15:00 UTC",
		},
		"2024-12-15T12:15:00+05:30": {"2024-12-15T12:15:00+0530", "2024-12-15T12:15+05:30", "Sun, 15 Dec 2024 12:15:00 +0530", "20241215T1215+0530", "Sun, 15 Dec 2024 12:15:00 +0530 (IST)", "Sun, 15 Dec 2024 12:15:00 GMT+05:30"},
		"2024-12-15T12:15:00-05:00": {"Sun, 15 Dec 2024 12:15:00 EST", "15 Dec 24 12:15 est", "Sun, 15 Dec 2024 12:15:00 -0500", "2024-12-15 12:15:00-05", "2024-12-15T12:15:00 EST", "Dec 15, 2024 12:15:00 PM EST"},
		"2024-12-15T12:15:00+03:00": {"Sun, 15 Dec 2024 12:15:00 MSK", "2024-12-15 12:15:00 UTC+3", "Sun, 15 Dec 2024 12:15:00 GMT +0300"},
		"2012-12-15T12:15:00+04:00": {"Sat, 15 Dec 2012 12:15:00 MSK"},
		"2024-07-15T12:15:00+02:00": {"Mon, 15 Jul 2024 12:15:00 CEST", "2024-07-15T12:15:00+02:00[Europe/Berlin]"},
		"2024-12-15T12:15:00.25Z":   {"2024-12-15T12:15:00.25Z", "2024-12-15T12:15:00,250Z", "20241215T121500.25Z"},
		"2024-12-16T00:00:00Z":      {"2024-12-15T24:00:00Z", "2024-12-15T24:00Z", "Mon, 16 Dec 2024 12:00 AM UTC"},
		"2024-12-15T12:00:00Z":      {"2024-12-15T12Z"},
		"1999-12-15T12:15:00Z":      {"Wed, 15 Dec 99 12:15:00 GMT"},
	} {
		for _, given := range list {
			if got, err := date(given); err != nil || got.String() != want {
				t.Errorf("%q is %q (%v), want %s", given, got, err, want)
			}
		}
	}
}

func TestADateThatNamesNoInstantIsToldWhy(t *testing.T) {
	for reason, list := range map[string][]string{
		"it names none":                              {"2024-12-15T12:15:00", "2024-12-15 12:15", "20241215T121500", "Sun, 15 Dec 2024 12:15:00", "December 15, 2024 12:15 PM", "Sun Dec 15 12:15:00 2024"},
		"is unknown or ambiguous":                    {"Sun, 15 Dec 2024 12:15:00 IST", "Sun, 15 Dec 2024 12:15:00 BST", "2024-12-15 12:15:00 AST", "Sun, 15 Dec 2024 12:15:00 A", "Sun, 15 Dec 2024 12:15:00 LOCAL"},
		"there is no offset":                         {"2024-12-15T12:15:00+24:00", "2024-12-15T12:15:00-00:60", "Sun, 15 Dec 2024 12:15:00 +9900"},
		"and no time of day":                         {"2024-12-15", "20241215", "15 Dec 2024", "December 15, 2024", "Sun, 15 Dec 2024", "2024-W50-7", "15 Dec 2024 UTC"},
		"its day and its month cannot be told apart": {"05/06/2024 12:15 GMT", "5.6.2024 12:15:00 +0000", "05-06-24 12:15 GMT"},
		"that does not exist":                        {"2024-02-30T12:15:00Z", "2023-02-29T12:15:00Z", "2024-12-15T25:00:00Z", "2024-12-15T12:60:00Z", "Fri, 31 Nov 2024 12:15:00 GMT", "2024-13-01T00:00:00Z"},
		"outside the years":                          {"0024-12-15T12:15:00Z", "9999-12-15T12:15:00Z"},
		"cannot be read":                             {"yesterday", "2024", "1734264900", "15 Dec 12:15 GMT", "Sun, 15 Dec 2024 13:15 PM GMT", "15 Foo 2024 12:15 GMT", "-", "2024-12-15Tnoon", "2024-12-15T1:15:00Z"},
	} {
		for _, given := range list {
			got, err := date(given)
			if !got.IsZero() || err == nil || !strings.HasSuffix(err.Error(), reason) && !strings.Contains(err.Error(), reason) || !strings.Contains(err.Error(), given) {
				t.Errorf("%q is %q: %v, want %s", given, got, err, reason)
			}
		}
	}
}

func FuzzDate(f *testing.F) {
	for _, s := range []string{"2024-12-15T12:15:00+0000", "Sun, 15 Dec 2024 12:15:00 EST", "20241215T1215Z", "Dec 15, 2024 1:15 pm MSK", "2024-W50-7T24:00Z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := date(s)
		if got.IsZero() == (err == nil) {
			t.Fatalf("%q: %v, %v", s, got, err)
		}
		if err != nil {
			return
		}
		if again, err := events.ParseInstant(got.String()); err != nil || !again.Equal(got.Time) {
			t.Fatalf("%q is %s, which is no instant: %v", s, got, err)
		}
	})
}
