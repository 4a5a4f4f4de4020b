package ingest

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// zoneNames are the abbreviations that mean one thing: those of RFC 822, which
// dates of RSS follow, and those that only one zone bears. Of any other, such
// as IST, nobody can tell which is meant.
var zoneNames = map[string]string{
	"GMT": "+0000", "UT": "+0000", "UTC": "+0000", "Z": "+0000",
	"EST": "-0500", "EDT": "-0400", "CST": "-0600", "CDT": "-0500", "MST": "-0700", "MDT": "-0600", "PST": "-0800", "PDT": "-0700",
	"AKST": "-0900", "AKDT": "-0800", "HST": "-1000",
	"WET": "+0000", "WEST": "+0100", "CET": "+0100", "CEST": "+0200", "MEZ": "+0100", "MESZ": "+0200", "EET": "+0200", "EEST": "+0300",
	"MSK": "Europe/Moscow", "MSD": "+0400", "JST": "+0900", "KST": "+0900", "HKT": "+0800", "SGT": "+0800",
	"AEST": "+1000", "AEDT": "+1100", "ACST": "+0930", "ACDT": "+1030", "AWST": "+0800", "NZST": "+1200", "NZDT": "+1300",
}

// offsetForm is an offset, which may follow a name for the prime meridian.
var offsetForm = regexp.MustCompile(`^(?:GMT|UTC|UT)?([+-])(\d{1,2})(?::?(\d{2}))?$`)

// zoneOf returns the zone that a text names.
func zoneOf(s string) (*time.Location, error) {
	s = strings.ToUpper(s)
	if name := zoneNames[s]; strings.Contains(name, "/") {
		loc, err := time.LoadLocation(name)
		if err != nil {
			return nil, fmt.Errorf("look up the zone %s: %w", name, err)
		}
		return loc, nil
	} else if name != "" {
		s = name
	}
	m := offsetForm.FindStringSubmatch(s)
	if m == nil {
		return nil, fmt.Errorf("has an unclear time zone: %s is unknown or ambiguous", s)
	}
	hours, _ := strconv.Atoi(m[2]) // the form has digits alone
	minutes, _ := strconv.Atoi("0" + m[3])
	if hours > 23 || minutes > 59 {
		return nil, fmt.Errorf("has an unclear time zone: there is no offset %s", s)
	}
	offset := (hours*60 + minutes) * 60
	if m[1] == "-" {
		offset = -offset
	}
	if offset == 0 {
		return time.UTC, nil
	}
	return time.FixedZone("", offset), nil
}
