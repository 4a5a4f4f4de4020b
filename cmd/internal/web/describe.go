package web

// The groups of operations, in the order in which the manual describes them.
const (
	groupSummits = "Opening and listing summits"
	groupRecord  = "Recording"
	groupRead    = "Reading"
	groupFeeds   = "Feeds"
	groupFollow  = "Following"
	groupProve   = "Proving"
	groupServer  = "The server"
	groupPages   = "Pages"
)

// about is what people are told of an operation besides its summary.
type about struct{ group, text string }

// operations describes every route of the table, by its method and path.
var operations = map[string]about{
	"GET /v1/summits": {groupSummits, "Returns only those that you may read."},
	"POST /v1/summits": {groupSummits, "Send a `summit.opened` event, or only its `data` with an `id`. The answer is 201. The same opening again is 200, " +
		"another opening of the same id 409."},
	"GET /v1/summits/{s}": {groupSummits, "Returns title, zones, place, phase, counts and the time of the last event."},
	"POST /v1/summits/{s}/facts": {groupRecord, "Send one event, or a batch of up to 1,000 of which all or none are recorded. " +
		"201 means recorded, and 200 that this event was recorded before, with its first position. 409 means that its id belongs to another event, " +
		"422 that it is invalid: `errors` names every fault by JSON pointer. An event has at most 60 KiB, a batch 16 MiB. " +
		"With `If-Match: \"POSITION\"` an amendment is recorded only if its entity has not changed since that position, else the answer is 412."},
	"GET /v1/summits/{s}/timeline": {groupRead, "Returns facts as they stand, each with its amendments, in pages."},
	"GET /v1/summits/{s}/status":   {groupRead, "Returns what stands, now or at a past moment. Each value names the facts that it rests on."},
	"GET /v1/summits/{s}/changes": {groupRead, "Returns what was added, corrected, retracted and restored between two positions, " +
		"whose standing changed, and which values of the status."},
	"GET /v1/summits/{s}/conflicts":         {groupRead, "Returns facts that contradict each other, the rule that found them, and what was compared."},
	"GET /v1/summits/{s}/facts/{id}":        {groupRead, "Returns one item of the timeline, and in `history` every event that touches it, oldest first, as it was recorded."},
	"GET /v1/summits/{s}/log":               {groupProve, "Streams the stored bytes in order, one event a line (NDJSON). Without `to` it goes to the end of the log."},
	"GET /v1/summits/{s}/timeline.atom":     {groupFeeds, "RFC 4287. Without parameters it has the 100 facts that became known last, and links to earlier ones (RFC 5005). Retractions are tombstones (RFC 6721)."},
	"GET /v1/summits/{s}/timeline.csv":      {groupFeeds, "RFC 4180. A text that a spreadsheet could take for a formula begins with an apostrophe."},
	"GET /v1/summits/{s}/timeline.ics":      {groupFeeds, "RFC 5545. It has meetings, arrivals and departures."},
	"GET /v1/summits/{s}/timeline.jsonld":   {groupFeeds, "A schema.org LiveBlogPosting with a CorrectionComment for each correction."},
	"GET /v1/summits/{s}/timeline.ndjson":   {groupFeeds, "One item of the timeline a line."},
	"GET /v1/summits/{s}/live":              {groupFollow, "Streams what is new as Server-Sent Events. The `id` of a frame is its position: send it back as `Last-Event-ID` to resume. The frames are in `/asyncapi.json`."},
	"GET /asyncapi.json":                    {groupFollow, "Describes live streams and NATS subjects (AsyncAPI 3.0)."},
	"GET /v1/summits/{s}/checkpoint":        {groupProve, "Returns a signed note: C2SP tlog-checkpoint, Ed25519."},
	"GET /v1/summits/{s}/key":               {groupProve, "Returns the server's key under the name of this log. Public C2SP tools take it."},
	"GET /v1/summits/{s}/tile/{tile...}":    {groupProve, "Returns hashes of the Merkle tree, or the events below them."},
	"GET /v1/summits/{s}/proof/inclusion":   {groupProve, "Proves that the log of a size has an event (RFC 6962). Hashes are in base64."},
	"GET /v1/summits/{s}/proof/consistency": {groupProve, "Proves that a larger log begins with a smaller one (RFC 6962). Hashes are in base64."},
	"GET /v1/summits/{s}/archive":           {groupProve, "Returns what `summit export` writes and `summit verify` reads."},
	"GET /v1/summits/{s}/snapshot":          {groupProve, "Returns what `summit snapshot` writes. A new replica begins from it (`--snapshot-from`)."},
	"GET /v1/summits/{s}/digests":           {groupProve, "Returns the version of the views, a digest of each of their tables, and the root of the tree."},
	"GET /v1/summits/{s}/views/{table}":     {groupProve, "Returns up to 1,000 rows as they are stored, one a line, key and value in base64. The header `Summit-More` says that more follow."},
	"GET /v1/key":                           {groupProve, "Returns the key that verifies what this server signs. Compare it with the one that the operator publishes elsewhere."},
	"GET /schemas/{type}/{version}":         {groupRecord, "Returns the schema of the `data` of one type and version. A schema that was served never changes."},
	"GET /openapi.json":                     {groupServer, "Returns what this chapter is made from (OpenAPI 3.1)."},
	"GET /v1/doctor":                        {groupServer, "Returns what `summit doctor` prints: positions, lag, durability, disk, doubts."},
	"GET /healthz":                          {groupServer, "Answers 200 as long as the process answers at all."},
	"GET /readyz":                           {groupServer, "Answers 200 if the server can serve and record, else 503. An operator is told why."},
	"GET /metrics":                          {groupServer, "Returns the figures of the server and of each summit."},
	"GET /{$}":                              {groupPages, "Lists the summits that you may read."},
	"GET /summits/{s}":                      {groupPages, "Shows what stands, what changed, what happened and on whose word. It is whole without JavaScript."},
	"GET /summits/{s}/map.svg":              {groupPages, "Returns the map alone, as an SVG file. 404 if no place has coordinates."},
	"GET /docs":                             {groupPages, "Lists the topics of the manual."},
	"GET /docs/{topic}":                     {groupPages, "Shows one topic of the manual."},
	"GET /assets/{name}":                    {groupPages, "Returns the style sheet, the script or the icon of the pages."},
}

const (
	saysKnown = "Answers as the log was then: a position such as `3f9a1c20-27`, `@27` for its number alone, or an instant of RFC 3339. " +
		"The present if left out. An instant in the future is refused."
	saysLimit = "The most entries of a page. A page can have fewer, or none, while `next` is there: " +
		"it ends early where finding its entries takes much work. Go on until `next` is null."
	saysMoment = "a position, `@27` for its number alone, or an instant of RFC 3339"
)

// paramSays describes each parameter by its name, or by path and name for one
// route alone.
var paramSays = map[string]string{
	"s":       "The id of the summit, such as `alaska-2025`.",
	"id":      "The id of the fact, as recording returned it.",
	"type":    "Types of facts, separated by commas. `aircraft.*` is every type of that kind.",
	"types":   "Types of facts, separated by commas, amendments too. `aircraft.*` is every type of that kind.",
	"version": "The version of the schema, from 1.",
	"table":   "The name of a table, as the digests list them.",
	"tile":    "`<L>/<N>` or `entries/<N>`, with `.p/<W>` for a partial one (C2SP tlog-tiles).",
	"name":    "The name of the file.",
	"topic":   "The name of the topic, such as `recording`.",

	"known": saysKnown,
	"at":    "Answers what stood at this instant of RFC 3339, by when things happened. The present if left out.",
	"min":   "Waits up to 5 seconds until this position is served, else the answer is 503. Give the position that recording returned, and what you recorded is in the answer.",
	"from":  "Only facts that can have happened at or after this instant of RFC 3339.",
	"to":    "Only facts that can have happened before this instant of RFC 3339.",

	"entity":    "Only facts about this entity, as `KIND/ID`.",
	"actor":     "Only facts in which this person or body acts or speaks. A part of the name is enough, in any case.",
	"party":     "Only facts of this party: its id.",
	"place":     "Only facts at this place: a part of its name, or its ICAO code.",
	"source":    "Only facts that have this source in their chain: a part of its name.",
	"standing":  "Only facts of this standing: `unverified`, `corroborated`, `disputed`, `corrected`, `retracted`, `superseded` or `overdue`.",
	"min_grade": "Only facts with at least this grade, such as `B2`.",
	"q":         "Only facts in which all of these words stand: in the headline, the note, the detail or the text.",
	"order":     "`occurred` (by when it happened; the default) or `recorded` (by when it became known).",
	"dir":       "`asc` (the default) or `desc`.",
	"limit":     saysLimit + " From 1 to 500, 100 if left out.",
	"cursor":    "The `next` of the page before. Leave the other parameters as they were.",
	"bom":       "`true` puts a byte order mark first, for spreadsheets that need one.",

	"kind":          "Only these lists of the status, separated by commas: their names, or the kinds of entities in them.",
	"until":         "Where the comparison ends: " + saysMoment + ". The present if left out.",
	"since":         "Where to begin: " + saysMoment + ".",
	"last_event_id": "The position of the last frame that you have; the header `Last-Event-ID` comes first. The stream goes on with the next.",
	"after":         "The key of the last row that you have, in base64url without padding.",
	"size":          "The number of events of the log that is meant. All that are served if left out.",
	"seq":           "The number of the event in the log, from 1. It is needed.",
	"name[]":        "Only the figure of this name.",

	"zone": "The IANA zone in which times are shown. The venue's if left out.",
	"fact": "Only this fact.",

	"/v1/summits q":                          "Only summits whose id or title holds all of these words.",
	"/v1/summits limit":                      saysLimit + " From 1 to 1,000, 100 if left out.",
	"/v1/summits/{s}/status limit":           "The most entries of each list, from 1 to 1,000, 500 if left out. Go on with `next` until it is null.",
	"/v1/summits/{s}/changes limit":          saysLimit + " From 1 to 1,000, 500 if left out.",
	"/v1/summits/{s}/log from":               "The number of the first event, 1 if left out.",
	"/v1/summits/{s}/log to":                 "The number of the last event. With it the answer never changes, and may be kept.",
	"/v1/summits/{s}/proof/consistency from": "The size of the smaller log. It is needed.",
	"/v1/summits/{s}/proof/consistency to":   "The size of the larger log. All events that are served if left out.",
	"/v1/summits/{s}/changes since":          "Where the comparison begins: " + saysMoment + ". It is needed.",
	"/v1/summits/{s}/live since":             "Sends what came after this first: " + saysMoment + ". Only what is new if left out.",
	"/summits/{s} since":                     "Shows what changed since then: " + saysMoment + ".",
	"/summits/{s}/map.svg since":             "Is taken and changes nothing, so that the parameters of the page fit.",
	"/schemas/{type}/{version} type":         "The name of a type, such as `aircraft.landed`.",
}

// paramDoc describes a parameter of a route.
func paramDoc(path, name string) string {
	if says := paramSays[path+" "+name]; says != "" {
		return says
	}
	return paramSays[name]
}
