package rules

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/message"
)

// givenTimes finds a meeting whose time, as given in several zones, is not one
// instant.
var givenTimes = rule{
	name: "given-times-differ", severity: severityImpossible,
	concerns: func(x *Claim) bool { _, ok := x.Data.(planner); return ok },
	find: func(x *Claim, _ []*Claim) []finding {
		given := x.Data.(planner).Plan().Given
		var found []finding
		for i, g := range given {
			if i > 0 && !g.Instant.Equal(given[0].Instant.Time) {
				found = append(found, finding{facts: []string{x.ID}, detail: saysGivenApart.With(
					message.Text(g.Text), message.Text(g.Zone), instant(g.Instant),
					message.Text(given[0].Text), message.Text(given[0].Zone), instant(given[0].Instant))})
			}
			if m, bad := misread(g); bad {
				found = append(found, finding{facts: []string{x.ID}, detail: m})
			}
		}
		return found
	},
}

var (
	saysGivenApart = message.Define("rule.given-times-differ", "“{text}” in {zone} is {time}, but “{other}” in {otherzone} is {othertime}")
	saysMisread    = message.Define("rule.given-times-differ.misread", "“{text}” in {zone} is not {time}, which is {clock} there")
)

type planner interface{ Plan() *events.Schedule }

func instant(i events.Instant) message.Arg { return message.Interval(i.Time, i.Time) }

// misread reports whether the one clear clock time in the words is not that of the
// instant.
func misread(g events.Given) (m message.Message, bad bool) {
	zone, err := time.LoadLocation(g.Zone)
	said, rest, one := clockIn(g.Text)
	if err != nil || !one {
		return m, false
	}
	local := g.Instant.In(zone)
	if said.fits(local) || namesZone(rest, g.Zone, local) {
		return m, false
	}
	return saysMisread.With(message.Text(g.Text), message.Text(g.Zone), instant(g.Instant), message.Text(local.Format("15:04"))), true
}

// clock is a time of day. One that is open may be before or after noon.
type clock struct {
	hour, minute int
	open         bool
}

func (c clock) fits(t time.Time) bool {
	if c.minute != t.Minute() {
		return false
	}
	return c.hour == t.Hour() || c.open && c.hour%12 == t.Hour()%12
}

var (
	clockTime = regexp.MustCompile(`(?i)(?:^|[\s(])(\d{1,2})(?:[:.](\d\d))?(?:\s*([ap])\.?m\b\.?)?`)
	// vague are words next to which a time is not the one that is meant, and the
	// names of months, which make a date.
	vague = regexp.MustCompile(`(?i)\b(after|before|around|about|approx\w*|circa|ca|by|until|till|from|since|between|to|and|or|not|no|earlier|later|past|half|quarter|early|late|` +
		`ab|um die|gegen|nach|vor|bis|von|zwischen|nicht|etwa|vers|apr[eè]s|avant|entre|hacia|despu[eé]s|antes|sobre|minutes?|hours?|` +
		`jan(uar\w*|vier)?|ene(ro)?|feb(r\w*)?|f[eé]vr\w*|m[aä]r(ch|z|zo|s)?|apr(il\w*)?|avr(il)?|abr(il)?|may|mai|mayo|jun[eio]*|juin|jul[iyo]*|juillet|` +
		`aug(ust)?|agosto|ao[uû]t|sep(t\w*)?|o[ck]t(ob\w*)?|nov(iemb\w*|emb\w*)?|d[eéi][cz](iemb\w*|emb\w*)?)\b`)
)

// namesZone reports whether words beside a time may name a zone that is not the one of the
// plan: 12:00 GMT in London is 13:00 in summer. Names are written with a capital, but for
// those of places before "time".
func namesZone(words, zone string, local time.Time) bool {
	own := strings.NewReplacer("/", " ", "_", " ").Replace(zone) + " " + local.Format("MST")
	known := strings.Fields(strings.ToLower("Uhr Ortszeit local today tonight at " + own))
	list := strings.FieldsFunc(words, func(c rune) bool { return !unicode.IsLetter(c) })
	for i, w := range list {
		named := unicode.IsUpper([]rune(w)[0]) || i+1 < len(list) && strings.EqualFold(list[i+1], "time")
		if named && !strings.EqualFold(w, "time") && !slices.Contains(known, strings.ToLower(w)) {
			return true
		}
	}
	return false
}

// clockIn reads the clock time in words, and returns the words beside it. It is false
// where they hold no time, more than one, a date besides, or anything that it cannot read.
func clockIn(text string) (c clock, rest string, one bool) {
	m := clockTime.FindStringSubmatchIndex(text)
	if m == nil || m[4] < 0 && m[6] < 0 { // a bare number is no time
		return clock{}, "", false
	}
	rest = text[:m[2]] + " " + text[m[1]:]
	if strings.ContainsFunc(rest, unreadable) || vague.MatchString(rest) || strings.ContainsAny(rest, "–—-/+±~<>≈") {
		return clock{}, "", false
	}
	part := func(i int) string {
		if m[i] < 0 {
			return ""
		}
		return text[m[i]:m[i+1]]
	}
	if strings.Contains(part(0), ".") && strings.HasPrefix(text[m[1]:], ".") {
		return clock{}, "", false // 15.01. is a date
	}
	c, one = clockOf(part(2), part(4), strings.ToLower(part(6)))
	return c, rest, one
}

// clockOf reads the parts of a clock time; half is a, p or "".
func clockOf(hours, minutes, half string) (clock, bool) {
	hour, _ := strconv.Atoi(hours)
	minute, _ := strconv.Atoi(minutes)
	switch {
	case hour > 23 || minute > 59:
		return clock{}, false
	case half == "":
		return clock{hour, minute, hour >= 1 && hour <= 12 && hours[0] != '0'}, true
	case hour < 1 || hour > 12:
		return clock{}, false
	case half == "p":
		return clock{hour%12 + 12, minute, false}, true
	}
	return clock{hour % 12, minute, false}, true
}

// unreadable are further digits, and letters of other scripts, which may say
// before or after noon.
func unreadable(c rune) bool {
	return unicode.IsNumber(c) || unicode.IsLetter(c) && !unicode.Is(unicode.Latin, c)
}
