package item

import (
	"bytes"
	"fmt"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/message"
)

// Rows keep on whose word something is in English. In other languages it is told from
// the sources, which rows keep as well.

// The members round an attribution. They are found by their first coming: in the
// texts before them quotes are escaped.
var (
	deskMember        = []byte(`,"desk":`)
	attributionMember = []byte(`,"attribution":`)
	sourcesMember     = []byte(`,"sources":`)
	rootsMember       = []byte(`,"roots":`)
	changesMember     = []byte(`,"changes":`)
)

// originsOf returns the origins of sources, and after them those who corroborate it.
// Where there are no sources, the desk speaks for itself.
func originsOf(sources events.Sources, desk string, corroborators ...string) []message.Origin {
	list := sources.Origins()
	if len(list) == 0 {
		list = append(list, message.Origin{Name: desk})
	}
	for _, c := range corroborators {
		list = append(list, message.Origin{Name: c})
	}
	return list
}

// english reports whether rows have the words of a language.
func english(in *message.Language) bool { return in.Tag == message.English().Tag }

// teller is what an attribution needs of a source.
type teller struct {
	ID   string   `json:"id"`
	Name string   `json:"name"`
	Via  []string `json:"via"`
}

// origins returns on whose word the fact of the row is.
func (r Row) origins() ([]message.Origin, error) {
	_, rest, _ := bytes.Cut(r.Core, deskMember)
	desk, rest, _ := bytes.Cut(rest, attributionMember)
	_, rest, _ = bytes.Cut(rest, sourcesMember)
	list, _, _ := bytes.Cut(rest, rootsMember)
	var name string
	if err := json.Unmarshal(desk, &name); err != nil {
		return nil, fmt.Errorf("read the desk of an item: %w", err)
	}
	var tellers []teller
	if err := json.Unmarshal(list, &tellers); err != nil {
		return nil, fmt.Errorf("read the sources of an item: %w", err)
	}
	sources := make(events.Sources, len(tellers))
	for i, t := range tellers {
		sources[i] = events.Source{ID: t.ID, Name: t.Name, Via: t.Via}
	}
	return originsOf(sources, name, r.voices...), nil
}

// appendAttributed appends a stored object, or the rest of one, with its attribution in
// the words of a language. Next is the member after it.
func appendAttributed(b, object, next []byte, in *message.Language, origins []message.Origin) []byte {
	before, rest, _ := bytes.Cut(object, attributionMember)
	_, after, _ := bytes.Cut(rest, next)
	b = append(append(append(b, before...), attributionMember...), '"')
	b = append(in.AppendSources(b, origins), '"')
	return append(append(b, next...), after...)
}
