package feeds

import (
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
)

// subject is the part of the data of a fact that describes its entity.
type subject struct {
	named
	Kind   string          `json:"kind"`
	URL    string          `json:"url"`
	From   *events.Place   `json:"from"`
	To     *events.Place   `json:"to"`
	Places []*events.Place `json:"places"`
	Aboard aboard          `json:"aboard"`
}

// named is an entity with the members that can name it.
type named struct {
	Name         string `json:"name"`
	Title        string `json:"title"`
	Model        string `json:"model"`
	Registration string `json:"registration"`
	Speaker      string `json:"speaker"`
	Callsign     string `json:"callsign"`
}

func (n named) name() string {
	return events.DisplayName(map[string]string{
		"name": n.Name, "title": n.Title, "model": n.Model, "registration": n.Registration, "speaker": n.Speaker, "callsign": n.Callsign,
	})
}

// aboard is the list of those who are aboard, or the one carrier that somebody is aboard.
type aboard []string

// UnmarshalJSON reads a list, or one entity.
func (a *aboard) UnmarshalJSON(b []byte) error {
	if jsontext.Value(b).Kind() != '"' {
		return json.Unmarshal(b, (*[]string)(a)) //nolint:wrapcheck // the caller leaves out what it cannot read
	}
	*a = aboard{""}
	return json.Unmarshal(b, &(*a)[0]) //nolint:wrapcheck // as above
}

func (it item) subject() subject {
	var s subject
	if err := json.Unmarshal(it.Data, &s); err != nil {
		return subject{} // data of another shape stand in their own column
	}
	return s
}

// kind is that of the entity.
func (it item) kind() events.Kind {
	kind, _, _ := strings.Cut(it.Entity, "/")
	return events.Kind(kind)
}
