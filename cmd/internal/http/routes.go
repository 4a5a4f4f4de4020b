package httpserver

import (
	"net/http"

	"github.com/summit-timeline/summit/cmd/internal/feeds"
	"github.com/summit-timeline/summit/cmd/internal/http/api"
	"github.com/summit-timeline/summit/cmd/internal/http/describe"
	"github.com/summit-timeline/summit/cmd/internal/http/middleware"
	"github.com/summit-timeline/summit/cmd/internal/http/reading"
	"github.com/summit-timeline/summit/cmd/internal/http/site"
)

// row is a route: a method and path, the right that it requires, the query
// parameters it takes, its handler, and its description. Rows are written without
// the names of their fields, so that one without a right does not compile.
type row struct {
	method, path string
	right        middleware.Right
	params       []string
	serve        middleware.HandlerFunc
	doc          describe.Doc
}

// table returns every route. The server serves it, and /openapi.json describes it.
func (x *server) table() []row {
	var all []row
	for _, part := range [][]row{x.recordingRows(), x.readingRows(), x.feedRows(), x.followingRows(), x.provingRows(), x.serverRows(), x.pageRows(), x.signInRows()} {
		all = append(all, part...)
	}
	return all
}

// recordingRows are the routes that open, list and record.
func (x *server) recordingRows() []row {
	get, post, a, d := http.MethodGet, http.MethodPost, x.api, x.descriptions
	return []row{
		{get, "/v1/summits", middleware.Anybody, api.ListParams, a.ListSummits, describe.Doc{
			Group: describe.Opening, Summary: "The summits there are, the one with the latest event first", Answer: api.Summits{},
			Text: "Returns only those that you may read.",
		}},
		{post, "/v1/summits", middleware.AsksItself, nil, a.OpenSummit, describe.Doc{
			Group: describe.Opening, Summary: "Open a summit", Answer: api.Summary{},
			Text: "Send a `summit.opened` event, in structured mode or in binary mode with `ce-*` headers, or only its `data` with an `id`. The answer is 201. Repeating the same opening answers 200; another opening with the same id answers 409.",
		}},
		{get, "/v1/summits/{s}", middleware.Reads, []string{"known", "min"}, current(x, a.Summary), describe.Doc{
			Group: describe.Opening, Summary: "What a summit says of itself", Answer: api.Summary{},
			Text: "Returns title, zones, place, phase, counts and the time of the last event.",
		}},
		{post, "/v1/summits/{s}/facts", middleware.Records, nil, on(x, a.Record), describe.Doc{
			Group: describe.Recording, Summary: "Record an event or a batch", Answer: api.Recorded{}, Batch: api.RecordedBatch{},
			Text: "Send one event, in structured mode or in binary mode with `ce-*` headers, or a batch of up to 1,000, which is recorded completely or not at all. 201 means recorded, and 200 that this event was recorded before, with its first position. 409 means that its id belongs to another event, 422 that it is invalid: `errors` names every fault by JSON pointer. An event has at most 60 KiB, a batch 16 MiB. With `If-Match: \"POSITION\"` an amendment is recorded only if its entity has not changed since that position, else the answer is 412.",
		}},
		{get, "/schemas/{type}/{version}", middleware.Anybody, nil, d.Schema, describe.Doc{
			Group: describe.Recording, Summary: "JSON Schema of a type's data",
			Text: "Returns the schema of the `data` of one type and version. A schema that was served never changes.",
		}},
	}
}

// readingRows are the routes that read summits.
func (x *server) readingRows() []row {
	get, a := http.MethodGet, x.api
	return []row{
		{get, "/v1/summits/{s}/timeline", middleware.Reads, reading.Filters, current(x, a.Timeline), describe.Doc{
			Group: describe.Reading, Summary: "The timeline", Answer: api.Timeline{},
			Text: "Returns facts as they stand, each with its amendments, in pages.",
		}},
		{get, "/v1/summits/{s}/status", middleware.Reads, []string{"at", "known", "min", "kind", "limit", "cursor", "lang"}, current(x, a.Status), describe.Doc{
			Group: describe.Reading, Summary: "What stands", Answer: api.Status{},
			Text: "Returns what stands, now or at a past moment. Each value names the facts that it rests on.",
		}},
		{get, "/v1/summits/{s}/changes", middleware.Reads, []string{"since", "until", "min", "limit", "cursor", "lang"}, current(x, a.Changes), describe.Doc{
			Group: describe.Reading, Summary: "What knowledge changed between two positions", Answer: api.Changes{},
			Text: "Returns what was added, corrected, retracted and restored between two positions, whose standing changed, and which values of the status.",
		}},
		{get, "/v1/summits/{s}/conflicts", middleware.Reads, []string{"known", "min", "lang"}, current(x, a.Conflicts), describe.Doc{
			Group: describe.Reading, Summary: "Contradictions found", Answer: api.Conflicts{},
			Text: "Returns facts that contradict each other, the rule that found them, and what was compared.",
		}},
		{get, "/v1/summits/{s}/entities", middleware.Reads, api.EntityParams, current(x, a.Entities), describe.Doc{
			Group: describe.Reading, Summary: "Who and what facts are about", Answer: api.Entities{},
			Text: "Returns the entities of which a name, or a word of one, begins with `q`, the best match first: for completion. `kind` is one of the kinds of entities.",
		}},
		{get, "/v1/summits/{s}/facts/{id}", middleware.Reads, []string{"known", "min", "lang"}, current(x, a.Fact), describe.Doc{
			Group: describe.Reading, Summary: "One fact, with its history", Answer: api.Fact{},
			Text: "Returns one item of the timeline, and in `history` every event that touches it, oldest first, as it was recorded.",
		}},
	}
}

// feedRows are the routes of the timeline in other formats, with the filters of
// the timeline.
func (x *server) feedRows() []row {
	var list []row
	for _, format := range feeds.Formats() {
		list = append(list, row{http.MethodGet, "/v1/summits/{s}/timeline." + format.Ending, middleware.Reads, api.FeedParams(format), current(x, x.api.Feed(format)), describe.Doc{
			Group: describe.Feeds, Summary: "The timeline as " + format.Ending, Text: format.Doc, Media: format.Media,
		}})
	}
	return list
}

// followingRows are the routes of live streams and their description.
func (x *server) followingRows() []row {
	get, a, d := http.MethodGet, x.api, x.descriptions
	return []row{
		{get, "/v1/summits/{s}/live", middleware.Reads, []string{"types", "entity", "since", "last_event_id", "lang"}, on(x, a.Live), describe.Doc{
			Group: describe.Following, Summary: "Server-Sent Events",
			Text: "Streams what is new as Server-Sent Events. The `id` of a frame is its position: send it back as `Last-Event-ID` to resume. The frames are in `/asyncapi.json`.",
		}},
		{get, "/asyncapi.json", middleware.Anybody, nil, d.AsyncAPI, describe.Doc{
			Group: describe.Following, Summary: "What comes by itself, over NATS and live",
			Text: "Describes live streams and NATS subjects (AsyncAPI 3.0).",
		}},
	}
}

// provingRows are the routes that prove what the log holds.
func (x *server) provingRows() []row {
	get, a, p := http.MethodGet, x.api, x.proof
	return []row{
		{get, "/v1/summits/{s}/log", middleware.Reads, []string{"from", "to"}, on(x, a.Log), describe.Doc{
			Group: describe.Proving, Summary: "The stored bytes, one event a line",
			Text: "Streams the stored bytes in order, one event per line (NDJSON). Without `to` it goes to the end of the log.",
		}},
		{get, "/v1/summits/{s}/digests", middleware.Audits, nil, current(x, p.Digests), describe.Doc{
			Group: describe.Proving, Summary: "What the views come to, for an audit",
			Text: "Returns the version of the views, a digest of each of their tables, and the root of the tree.",
		}},
		{get, "/v1/summits/{s}/views/{table}", middleware.Audits, []string{"after"}, current(x, p.Rows), describe.Doc{
			Group: describe.Proving, Summary: "The rows of a table of the views, for an audit",
			Text: "Returns up to 1,000 rows as they are stored, one per line, key and value in base64. The header `Summit-More` says that more follow.",
		}},
		{get, "/v1/summits/{s}/checkpoint", middleware.Reads, []string{"size"}, current(x, p.Checkpoint), describe.Doc{
			Group: describe.Proving, Summary: "The signed head of the log, or of its first events",
			Text: "Returns a signed note: C2SP tlog-checkpoint, Ed25519.",
		}},
		{get, "/v1/summits/{s}/key", middleware.Reads, nil, on(x, p.LogKey), describe.Doc{
			Group: describe.Proving, Summary: "The verifier key of the log",
			Text: "Returns the server's key under the name of this log. Public C2SP tools accept it.",
		}},
		{get, "/v1/summits/{s}/tile/{tile...}", middleware.Reads, nil, current(x, p.Tile), describe.Doc{
			Group: describe.Proving, Summary: "A tile of hashes or a bundle of entries (C2SP tlog-tiles)",
			Text: "Returns hashes of the Merkle tree, or the events below them.",
		}},
		{get, "/v1/summits/{s}/proof/inclusion", middleware.Reads, []string{"seq", "size"}, current(x, p.Inclusion), describe.Doc{
			Group: describe.Proving, Summary: "Proof that an event is in the log",
			Text: "Proves that the log of a size has an event (RFC 6962). Hashes are in base64.",
		}},
		{get, "/v1/summits/{s}/proof/consistency", middleware.Reads, []string{"from", "to"}, current(x, p.Consistency), describe.Doc{
			Group: describe.Proving, Summary: "Proof that the log only grew",
			Text: "Proves that a larger log begins with a smaller one (RFC 6962). Hashes are in base64.",
		}},
		{get, "/v1/summits/{s}/archive", middleware.Audits, nil, current(x, p.Archive), describe.Doc{
			Group: describe.Proving, Summary: "The whole log in one file that is verifiable offline",
			Text: "Returns what `summit export` writes and `summit verify` reads.",
		}},
		{get, "/v1/summits/{s}/snapshot", middleware.Audits, nil, current(x, p.Snapshot), describe.Doc{
			Group: describe.Proving, Summary: "The views of one moment, signed, for another replica to begin from",
			Text: "Returns what `summit snapshot` writes. A new replica starts from it (`--snapshot-from`).",
		}},
		{get, "/v1/key", middleware.Anybody, nil, p.Key, describe.Doc{
			Group: describe.Proving, Summary: "The verifier key of the server",
			Text: "Returns the key that verifies what this server signs. Compare it with the one that the operator publishes elsewhere.",
		}},
	}
}

// serverRows are the routes about the server itself.
func (x *server) serverRows() []row {
	get, d, o := http.MethodGet, x.descriptions, x.operator
	return []row{
		{get, "/openapi.json", middleware.Anybody, nil, d.OpenAPI, describe.Doc{
			Group: describe.Server, Summary: "This description",
			Text: "Returns the description from which this chapter is generated (OpenAPI 3.1).",
		}},
		{get, "/v1/doctor", middleware.Operates, nil, o.Doctor, describe.Doc{
			Group: describe.Server, Summary: "How the server and its logs do",
			Text: "Returns what `summit doctor` prints: positions, lag, durability, disk, doubts.",
		}},
		{get, "/healthz", middleware.Anybody, nil, o.Healthz, describe.Doc{
			Group: describe.Server, Summary: "Whether the process lives",
			Text: "Answers 200 as long as the process runs.",
		}},
		{get, "/readyz", middleware.Anybody, nil, o.Readyz, describe.Doc{
			Group: describe.Server, Summary: "Whether it can serve and record",
			Text: "Answers 200 if the server can serve and record, else 503. Operators also get the reason.",
		}},
		{get, "/metrics", middleware.Operates, []string{"name[]"}, x.metrics, describe.Doc{
			Group: describe.Server, Summary: "Figures in the text format of Prometheus",
			Text: "Returns the metrics of the server and of each summit.",
		}},
	}
}

// pageRows are the routes for people.
func (x *server) pageRows() []row {
	get, s := http.MethodGet, x.site
	return []row{
		{get, "/{$}", middleware.Anybody | middleware.OrSignIn, []string{"cursor", "lang"}, s.Index, describe.Doc{
			Group: describe.Pages, Summary: "The summits, for people",
			Text: "Lists the summits that you may read.",
		}},
		{get, "/summits/{s}", middleware.Reads | middleware.OrSignIn, site.PageParams, current(x, s.Summit), describe.Doc{
			Group: describe.Pages, Summary: "A summit, for people",
			Text: "Shows what stands, what changed, what happened and who says so. It works without JavaScript.",
		}},
		{get, "/summits/{s}/map.svg", middleware.Reads, site.PageParams, current(x, s.Map), describe.Doc{
			Group: describe.Pages, Summary: "The map of that page",
			Text: "Returns the map alone, as an SVG file. 404 if no place has coordinates.",
		}},
		{get, "/docs", middleware.Anybody, []string{"lang"}, s.Docs, describe.Doc{
			Group: describe.Pages, Summary: "The manual, for people",
			Text: "Lists the topics of the manual.",
		}},
		{get, "/docs/{topic}", middleware.Anybody, []string{"lang"}, s.Docs, describe.Doc{
			Group: describe.Pages, Summary: "A topic of the manual, for people",
			Text: "Shows one topic of the manual.",
		}},
		{get, "/assets/{name}", middleware.Anybody, nil, s.Asset, describe.Doc{
			Group: describe.Pages, Summary: "What the pages need",
			Text: "Returns the style sheet, the script or the icon of the pages.",
		}},
	}
}

// signInRows are the pages that sign a browser in and out. They admit everybody
// with any token, and are not in the description.
func (x *server) signInRows() []row {
	return []row{
		{http.MethodGet, site.SignInPath, middleware.Unchecked, []string{"next", "lang"}, x.site.SignInPage, describe.Doc{}},
		{http.MethodPost, site.SignInPath, middleware.Unchecked, nil, x.site.SignIn, describe.Doc{}},
		{http.MethodPost, site.SignOutPath, middleware.Unchecked, nil, x.site.SignOut, describe.Doc{}},
	}
}
