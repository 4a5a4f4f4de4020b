// Package feeds writes a timeline in the formats of other programs: feed readers, calendars,
// search engines, spreadsheets.
//
// [Formats] lists the formats, each in a file of its own. Every format shows what was retracted
// and corrected, and takes all it says from the log: the same reading returns the same bytes.
package feeds

import (
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/cmd/internal/humanize"
	"github.com/summit-timeline/summit/projections"
)

// Items are timeline items as finished JSON, one after another: a feed never
// holds them all.
type Items = iter.Seq2[jsontext.Value, error]

// Feed is a timeline to be written.
type Feed struct {
	ID      string              // an IRI of its own, wherever it is served
	Summary projections.Summary // as of the reading
	Updated time.Time           // the knowledge time of the reading
	Self    string              // where this feed is
	Page    string              // where people read the same
	Clock   humanize.Clock      // tells times in the summit's zone, in the reader's language
	BOM     bool                // whether a table begins with the mark of its encoding
	Items   Items
	// Next and First are where the next and the first page of a feed in pages
	// are, or "" if there is none (RFC 5005).
	Next, First string
	// Entity returns every item of an entity, or those of some types, whatever the
	// feed leaves out.
	Entity func(entity string, types ...string) Items
	// Meetings are the meetings of the status, by id.
	Meetings func() (map[string]Meeting, error)
}

// Format is one way to write a timeline.
type Format struct {
	Ending string   // of the path: timeline.ENDING
	Media  string   // the media type
	Saved  bool     // whether it is a file to be saved rather than read
	Doc    string   // what it is, for the description of the API
	Types  []string // of the facts that it is made of; nil is all
	Write  func(io.Writer, Feed) error
}

// Formats returns all formats.
func Formats() []Format {
	return []Format{formatNDJSON, formatCSV, formatAtom, formatICS, formatJSONLD}
}

// decoded reads the items.
func decoded(items Items) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		for raw, err := range items {
			var it item
			if err == nil {
				if err = json.Unmarshal(raw, &it.Item); err != nil {
					err = fmt.Errorf("read an item: %w", err)
				}
			}
			if !yield(it, err) || err != nil {
				return
			}
		}
	}
}

// permalink is where people read one fact.
func (f Feed) permalink(it item) string { return f.Page + "#f-" + it.Fact }

// title is that of the summit; before it was opened, its id.
func (f Feed) title() string {
	if t := line(f.Summary.Title); t != "" {
		return t
	}
	return f.Summary.ID
}
