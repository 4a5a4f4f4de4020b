package ingest

import (
	"fmt"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
)

// weightless are the fields whose change alone does not matter: feeds touch dates
// and links of items that say what they said.
var weightless = []string{"sources", "grade"}

// change is the merge patch from what the source said last to what it says now;
// {} if it has changed nothing, or nothing but a counter that was told.
func (k known) change(f Fact, data []byte) (jsontext.Value, error) {
	if same, err := f.unchanged(k); err != nil || same {
		return jsontext.Value("{}"), err
	}
	now, err := k.dated(f, data)
	if err != nil {
		return nil, err
	}
	if now, err = settled(k.said(), now); err != nil {
		return nil, err
	}
	patch, err := difference(k.said(), now)
	if err != nil {
		return nil, err
	}
	if k.counted(sayingOf(now)) {
		return jsontext.Value("{}"), nil
	}
	return patch, nil
}

// dated is what the source says now with the date that the fact has. The time
// of an event stays as it was recorded, so that a date that the source adds or
// repairs later becomes "when"; once there is one, dates that feeds touch are
// no news.
func (k known) dated(f Fact, data []byte) ([]byte, error) {
	said := sayingOf(k.said())
	members := map[string]any{}
	switch {
	case f.Data.Base().When != nil:
		return data, nil
	case said.When != nil:
		members["when"] = said.When
	case !k.at.IsZero():
	case !f.Time.IsZero():
		members["when"] = events.Moment{Best: f.Time}
	default:
		return data, nil
	}
	members["note"] = nil
	if note := dateless(f.Data.Base().Note); note != "" {
		members["note"] = note
	}
	patch, err := json.Marshal(members)
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	now, err := jsonpatch.MergePatch(data, patch)
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	return now, nil
}

// settled is what the source says now, with texts that differ from what it said
// in what is not seen alone as they were: programs that write feeds break lines
// again.
func settled(was, now []byte) ([]byte, error) {
	before, after := sayingOf(was), sayingOf(now)
	members := map[string]string{}
	for name, texts := range map[string][2]string{
		"headline": {before.Headline, after.Headline}, "text": {before.Text, after.Text}, "note": {before.Note, after.Note},
	} {
		if texts[0] != texts[1] && key(texts[0]) == key(texts[1]) {
			members[name] = texts[0]
		}
	}
	patch, err := json.Marshal(members)
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	merged, err := jsonpatch.MergePatch(now, patch)
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	return merged, nil
}

// difference is the merge patch from what was said to what is said now.
func difference(was, now []byte) (jsontext.Value, error) {
	before, err := weighty(was)
	if err != nil {
		return nil, err
	}
	after, err := weighty(now)
	if err != nil {
		return nil, err
	}
	patch, err := jsonpatch.CreateMergePatch(before, after)
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	return patch, nil
}

// weighty is data without the fields that do not matter.
func weighty(data []byte) ([]byte, error) {
	var members map[string]jsontext.Value
	if err := json.Unmarshal(data, &members); err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	for _, name := range weightless {
		delete(members, name)
	}
	b, err := json.Marshal(members)
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	return b, nil
}
