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
			"summit.opened": "opening", "summit.closed": "closing",
			"aircraft.departed": "departure", "aircraft.tracked": "tracking", "aircraft.landed": "landing",
			"vehicle.departed": "departure", "vehicle.arrived": "arrival", "delegate.arrived": "arrival", "delegate.departed": "departure",
			"delegation.arrived": "arrival", "delegation.departed": "departure", "site.prepared": "preparation", "site.changed": "change of a site",
			"meeting.scheduled": "schedule", "meeting.rescheduled": "change of schedule", "meeting.started": "beginning", "meeting.paused": "pause",
			"meeting.resumed": "resumption", "meeting.ended": "end", "meeting.cancelled": "cancellation",
			"agenda.set": "agenda", "position.stated": "position", "statement.made": "statement",
			"document.announced": "announcement", "document.signed": "signing", "document.published": "publication", "document.rejected": "rejection",
			"measure.announced": "announcement", "measure.began": "entry into force", "measure.ended": "end",
			"incident.reported": "incident", "note.added": "note",
			"fact.corrected": "correction", "fact.retracted": "retraction", "fact.corroborated": "corroboration", "fact.disputed": "dispute", "fact.graded": "grading",
		},
		"source": {"official": "official", "agency": "agency", "outlet": "outlet", "social": "social media", "sensor": "sensor", "witness": "witness", "document": "document"},
		"role":   {"originator": "originator", "relay": "relay", "witness": "witness", "sensor": "sensor", "official": "official"},
	} {
		message.DefineLabels(of, words)
	}
}
