package events

import "github.com/summit-timeline/summit/events/message"

// The English words for the values that facts and answers have.
func init() {
	for of, words := range map[string]map[string]string{
		"aspect":   {"security": "security", "logistics": "logistics", "reception": "reception"},
		"level":    {"normal": "normal", "raised": "raised", "high": "high", "leaders": "leaders", "ministers": "ministers", "officials": "officials"},
		"site":     {"open": "open", "closed": "closed", "cordoned": "cordoned off", "evacuated": "evacuated"},
		"place":    {"unknown": "a place not given"},
		"stance":   {"for": "for", "against": "against", "open": "open", "conditional": "conditional", "unclear": "unclear", "no-comment": "no comment"},
		"meeting":  {"talks": "talks", "call": "call", "press-conference": "press conference", "signing": "signing", "ceremony": "ceremony", "meal": "meal", "photo": "photo call", "other": "meeting"},
		"vehicle":  {"motorcade": "motorcade", "train": "train", "ship": "ship", "helicopter": "helicopter", "other": "vehicle"},
		"document": {"joint-statement": "joint statement", "agreement": "agreement", "treaty": "treaty", "communique": "communiqué", "letter": "letter", "order": "order", "other": "document"},
		"measure":  {"ceasefire": "ceasefire", "sanctions": "sanctions", "tariffs": "tariffs", "airspace": "airspace", "visa": "visas", "military": "military", "humanitarian": "humanitarian", "other": "measure"},
		"incident": {"protest": "protest", "attack": "attack", "accident": "accident", "security": "security", "cyber": "cyber attack", "medical": "medical", "weather": "weather", "other": "incident"},
		"state": {
			"expected": "expected", "en_route": "en route", "landed": "landed", "arrived": "arrived", "departed": "departed",
			"scheduled": "scheduled", "under_way": "under way", "paused": "paused", "ended": "ended", "cancelled": "called off",
			"announced": "announced", "signed": "signed", "published": "published", "rejected": "rejected", "in_force": "in force",
		},
		"phase":    {"opened": "opened", "scheduled": "scheduled", "under_way": "under way", "concluded": "concluded", "cancelled": "called off", "closed": "closed"},
		"standing": {"unverified": "unverified", "corroborated": "corroborated", "disputed": "disputed", "corrected": "corrected", "retracted": "retracted", "superseded": "superseded", "overdue": "overdue"},
		"kind": {
			"summit": "summit", "aircraft": "aircraft", "vehicle": "vehicle", "person": "person", "delegation": "delegation", "site": "site", "meeting": "meeting",
			"topic": "topic", "document": "document", "measure": "measure", "incident": "incident", "note": "note",
		},
		"type": {
			"agenda.set":          "agenda",
			"aircraft.departed":   "take-off",
			"aircraft.landed":     "landing",
			"aircraft.tracked":    "flight tracking",
			"delegate.arrived":    "arrival of a delegate",
			"delegate.departed":   "departure of a delegate",
			"delegation.arrived":  "arrival of a delegation",
			"delegation.departed": "departure of a delegation",
			"document.announced":  "document announced",
			"document.published":  "document published",
			"document.rejected":   "document rejected",
			"document.signed":     "document signed",
			"fact.corrected":      "correction",
			"fact.corroborated":   "corroboration",
			"fact.disputed":       "dispute",
			"fact.graded":         "grade",
			"fact.retracted":      "retraction",
			"incident.reported":   "incident",
			"measure.announced":   "measure announced",
			"measure.began":       "measure takes effect",
			"measure.ended":       "end of a measure",
			"meeting.cancelled":   "meeting called off",
			"meeting.ended":       "end of a meeting",
			"meeting.paused":      "break in a meeting",
			"meeting.rescheduled": "meeting rescheduled",
			"meeting.resumed":     "meeting resumed",
			"meeting.scheduled":   "meeting scheduled",
			"meeting.started":     "start of a meeting",
			"note.added":          "note",
			"position.stated":     "position",
			"site.changed":        "change at a site",
			"site.prepared":       "preparation of a site",
			"statement.made":      "statement",
			"summit.closed":       "summit closed",
			"summit.opened":       "summit opened",
			"vehicle.arrived":     "arrival of a vehicle",
			"vehicle.departed":    "departure of a vehicle",
		},
		"source": {"official": "official", "agency": "agency", "outlet": "outlet", "social": "social media", "sensor": "sensor", "witness": "witness", "document": "document"},
		"role":   {"originator": "originator", "relay": "relay", "witness": "witness", "sensor": "sensor", "official": "official"},
	} {
		message.DefineLabels(of, words)
	}
}
