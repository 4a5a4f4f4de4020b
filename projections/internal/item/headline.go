package item

import (
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/objects"
)

// A headline that was given, not generated, does not follow a correction: whoever
// corrects what the fact says must say what becomes of it.

// common are the members of data that facts of all types have.
var common = map[string]bool{
	"headline": true, "note": true, "lang": true, "when": true, "where": true,
	"sources": true, "grade": true, "evidence": true, "sealed": true, "unseal_at": true,
}

// HeadlineOwed refuses a correction after which the headline that was given may
// say what the fact does not.
func HeadlineOwed(before, after *Item, a Amendment) error {
	p, corrects := a.Data.(*events.FactCorrected)
	if !corrects || p.Class != events.ClassCorrected {
		return nil
	}
	changed, err := outdated(before.Data, after.Data, p.Patch)
	if err != nil || changed == "" {
		return err
	}
	return Fault("/data/patch/headline", "is missing: the correction changes %s, but the headline was written by hand and may no longer fit. "+
		`Give a new "headline", or "headline": null to have one generated`, changed)
}

// dropHeadline has the headline generated again after a correction that was itself
// corrected and says nothing of it.
func dropHeadline(before, after events.Payload, patch []byte) error {
	changed, err := outdated(before, after, patch)
	if changed != "" {
		after.Base().Headline = ""
	}
	return err
}

// outdated names a member of the type that a correction changes without saying
// what becomes of the headline that was given, or "" if it changes none.
func outdated(before, after events.Payload, patch []byte) (string, error) {
	if before.Base().Headline == "" {
		return "", nil
	}
	var said map[string]jsontext.Value
	if err := json.Unmarshal(patch, &said); err != nil {
		return "", err
	}
	if _, named := said["headline"]; named {
		return "", nil
	}
	was, err := events.EncodeData(before)
	if err != nil {
		return "", err
	}
	now, err := events.EncodeData(after)
	if err != nil {
		return "", err
	}
	list, err := objects.Differences("", was, now)
	if err != nil {
		return "", err
	}
	for _, d := range list {
		if name, _, _ := strings.Cut(d.Path[1:], "/"); !common[name] {
			return name, nil
		}
	}
	return "", nil
}
