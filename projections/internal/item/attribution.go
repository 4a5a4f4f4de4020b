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

// appendCore appends the rest of the core of a row with its attribution in the words of the
// language.
func (w *Words) appendCore(b []byte, r Row, core []byte) ([]byte, error) {
	before, rest, _ := bytes.Cut(core, attributionMember)
	english, rest, _ := bytes.Cut(rest, sourcesMember)
	list, after, _ := bytes.Cut(rest, rootsMember)
	b = append(append(append(b, before...), attributionMember...), '"')
	b, err := w.appendAttribution(b, before, english, list, r.voices)
	if err != nil {
		return nil, err
	}
	b = append(append(append(b, '"'), sourcesMember...), list...)
	return r.appendRest(append(b, rootsMember...), after), nil
}

// appendAttribution appends an attribution as the inside of a JSON string, from what is
// stored before it, from its English, and from the sources.
func (w *Words) appendAttribution(b, before, english, list []byte, voices []string) ([]byte, error) {
	made := func() (t told, err error) {
		origins, err := originsIn(before, list, voices)
		return told{attribution: w.In.AppendSources(nil, origins)}, err
	}
	switch {
	case len(voices) > 0:
		t, err := made()
		return append(b, t.attribution...), err
	case len(english) >= 2 && !bytes.Contains(list, nextSource):
		return w.In.AppendName(b, english[1:len(english)-1]), nil
	default:
		t, err := w.Told.of(w.In, list, made)
		return append(b, t.attribution...), err
	}
}

// nextSource is in the JSON of any two sources. Of one, and of none, an attribution is a
// name and nothing else.
var nextSource = []byte("},{")

// originsIn returns on whose word a fact is, from its sources as stored, and from what
// is stored before them.
func originsIn(before, list []byte, voices []string) ([]message.Origin, error) {
	var tellers []teller
	if err := json.Unmarshal(list, &tellers); err != nil {
		return nil, fmt.Errorf("read the sources of an item: %w", err)
	}
	sources := make(events.Sources, len(tellers))
	for i, t := range tellers {
		sources[i] = events.Source{ID: t.ID, Name: t.Name, Via: t.Via}
	}
	var name string
	if len(sources) == 0 {
		_, desk, _ := bytes.Cut(before, deskMember)
		if err := json.Unmarshal(desk, &name); err != nil {
			return nil, fmt.Errorf("read the desk of an item: %w", err)
		}
	}
	return originsOf(sources, name, voices...), nil
}

// appendAttributed appends what is stored of an amendment, or the rest of it, with its
// attribution in other words.
func appendAttributed(b, shown, attribution []byte) []byte {
	before, rest, _ := bytes.Cut(shown, attributionMember)
	_, after, _ := bytes.Cut(rest, changesMember)
	b = append(append(append(b, before...), attributionMember...), '"')
	b = append(append(b, attribution...), '"')
	return append(append(b, changesMember...), after...)
}
