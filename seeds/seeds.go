// Package seeds holds the stories that are shipped with the program, as events with fixed
// ids.
//
// [Load] returns one.
package seeds

import (
	"bytes"
	"embed"
	"fmt"
	"strings"

	"github.com/summit-timeline/summit/events"
)

//go:embed *.ndjson
var files embed.FS

const ending = ".ndjson"

// Names lists the stories.
func Names() ([]string, error) {
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil, fmt.Errorf("list the stories: %w", err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ending))
	}
	return names, nil
}

// Load reads a story: its opening, then its facts in the order of recording.
// The ids are fixed, so that recording it again changes nothing.
func Load(name string) ([]events.Event, error) {
	raw, err := files.ReadFile(name + ending)
	if err != nil {
		return nil, fmt.Errorf("load the story %s: %w", name, err)
	}
	return parse(name, raw)
}

func parse(name string, raw []byte) ([]events.Event, error) {
	var list []events.Event
	for line := range bytes.Lines(raw) {
		e, err := events.Submit(bytes.TrimSpace(line), name)
		if err != nil {
			return nil, fmt.Errorf("load the story %s: line %d: %w", name, len(list)+1, err)
		}
		list = append(list, e)
	}
	return list, nil
}
