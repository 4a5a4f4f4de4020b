package describe

import (
	"maps"
	"slices"
)

const (
	knownDoc = "Answers as the log was then: a position such as `3f9a1c20-27`, `@27` for its number alone, or an instant of RFC 3339. " +
		"The present if omitted. An instant in the future is refused."
	limitDoc = "The most entries of a page. A page can have fewer, or none, while `next` is there: " +
		"it ends early if finding its entries takes much work. Continue until `next` is null."
	momentDoc = "a position, `@27` for its number alone, or an instant of RFC 3339"
)

// paramDocs describes each parameter by its name, or by path and name for a single
// route.
var paramDocs = map[string]string{
	"s":       "The id of the summit, such as `alaska-2025`.",
	"id":      "The id of the fact, as recording returned it.",
	"type":    "Types of facts, separated by commas. `aircraft.*` is every type of that kind.",
	"types":   "Types of facts, separated by commas, amendments too. `aircraft.*` is every type of that kind.",
	"version": "The version of the schema, from 1.",
	"table":   "The name of a table, as the digests list them.",
	"tile":    "`<L>/<N>` or `entries/<N>`, with `.p/<W>` for a partial one (C2SP tlog-tiles).",
	"name":    "The name of the file.",
	"topic":   "The name of the topic, such as `recording`.",

	"known": knownDoc,
	"at":    "Answers what stood at this instant of RFC 3339, by when things happened. The present if omitted.",
	"min":   "Waits up to 5 seconds until this position is served, else the answer is 503. Give the position that recording returned, and what you recorded is in the answer.",
	"from":  "Only facts that can have happened at or after this instant of RFC 3339.",
	"to":    "Only facts that can have happened before this instant of RFC 3339.",

	"entity":    "Only facts about this entity, as `KIND/ID`.",
	"actor":     "Only facts in which this person or body acts or speaks. Part of the name is enough, in upper or lower case.",
	"party":     "Only facts of this party: its id.",
	"place":     "Only facts at this place: a part of its name, or its ICAO code.",
	"source":    "Only facts that have this source in their chain: a part of its name.",
	"standing":  "Only facts of this standing: `unverified`, `corroborated`, `disputed`, `corrected`, `retracted`, `superseded` or `overdue`.",
	"min_grade": "Only facts with at least this grade, such as `B2`.",
	"q":         "Only facts in which all of these words stand, in any script and case: in a headline that was given, in the names of a generated one, in text, quote, note and detail, in the names of speakers, actors, participants, places and sources. `\"a phrase\"` stands as one.",
	"order":     "`occurred` (by when it happened; the default) or `recorded` (by when it became known).",
	"dir":       "`asc` (the default) or `desc`.",
	"limit":     limitDoc + " From 1 to 500, 100 if omitted.",
	"cursor":    "The `next` of the previous page. Keep the other parameters unchanged.",
	"bom":       "`true` puts a byte order mark first, for spreadsheets that need one.",

	"kind":          "Only these lists of the status, separated by commas: their names, or the kinds of entities in them.",
	"until":         "Where the comparison ends: " + momentDoc + ". The present if omitted.",
	"since":         "Where to begin: " + momentDoc + ".",
	"last_event_id": "The position of the last frame that you have; the header `Last-Event-ID` comes first. The stream continues with the next.",
	"after":         "The key of the last row that you have, in base64url without padding.",
	"size":          "The number of events of the log that is meant. All that are served if omitted.",
	"seq":           "The number of the event in the log, from 1. Required.",
	"name[]":        "Only the figure of this name.",

	"lang": "The language of pages, generated headlines, attributions and the sentences about contradictions: `en`, `de`, `es`, `fr`, `ru`, `uk` or `ar`. Another falls back to `en`. The header `Accept-Language` if omitted. Facts' own words stay as they are.",
	"zone": "The IANA zone in which times are shown. The venue's if omitted.",
	"fact": "Only this fact.",

	"/v1/summits q":                          "Only summits whose id or title contains all of these words.",
	"/v1/summits limit":                      limitDoc + " From 1 to 1,000, 100 if omitted.",
	"/v1/summits/{s}/entities q":             "Only entities of which a name, or a word of one, begins so. Any case, script and romanization; the id counts as a name.",
	"/v1/summits/{s}/entities kind":          "Only entities of this kind.",
	"/v1/summits/{s}/entities limit":         "The most entities, from 1 to 500, 20 if omitted.",
	"/v1/summits/{s}/status limit":           "The most entries of each list, from 1 to 1,000, 500 if omitted. Continue with `next` until it is null.",
	"/v1/summits/{s}/changes limit":          limitDoc + " From 1 to 1,000, 500 if omitted.",
	"/v1/summits/{s}/log from":               "The number of the first event, 1 if omitted.",
	"/v1/summits/{s}/log to":                 "The number of the last event. With it the answer never changes, and may be kept.",
	"/v1/summits/{s}/proof/consistency from": "The size of the smaller log. Required.",
	"/v1/summits/{s}/proof/consistency to":   "The size of the larger log. All events that are served if omitted.",
	"/v1/summits/{s}/changes since":          "Where the comparison begins: " + momentDoc + ". Required.",
	"/v1/summits/{s}/live since":             "Sends what came after this first: " + momentDoc + ". Only what is new if omitted.",
	"/summits/{s} since":                     "Shows what changed since then: " + momentDoc + ".",
	"/summits/{s}/map.svg since":             "Accepted so that the parameters of the page fit; it has no effect.",
	"/schemas/{type}/{version} type":         "The name of a type, such as `aircraft.landed`.",
}

// paramDoc returns the description of a parameter of a route.
func paramDoc(path, name string) string {
	if doc := paramDocs[path+" "+name]; doc != "" {
		return doc
	}
	return paramDocs[name]
}

// ParamDocs returns the names under which parameters are described.
func ParamDocs() []string { return slices.Sorted(maps.Keys(paramDocs)) }
