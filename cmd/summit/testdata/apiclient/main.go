// Command apiclient uses a client that was made out of /openapi.json: it opens a
// summit, records a fact and reads it back.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	if err := run(context.Background(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, server string) error {
	c, err := NewClientWithResponses(server)
	if err != nil {
		return err
	}
	var opening Opening
	if err := json.Unmarshal([]byte(`{"id":"made","title":"A made client","zone":"Europe/Zurich","parties":[{"id":"ch","name":"Switzerland"}]}`), &opening); err != nil {
		return err
	}
	opened, err := c.PostSummitsWithResponse(ctx, opening)
	if err != nil || opened.JSON201 == nil {
		return fmt.Errorf("open: %v %s", err, opened.Body)
	}
	source, note := "/desks/made", map[string]any{"text": "Fog", "sources": []any{map[string]any{"id": "s", "name": "The tower"}}}
	event := Event{Source: source, Type: "note.added", Subject: "note/fog", Data: note}
	answer, err := c.PostSummitFactsWithApplicationCloudeventsPlusJSONBodyWithResponse(ctx, "made", event)
	if err != nil || answer.JSON201 == nil {
		return fmt.Errorf("record: %v %s", err, answer.Body)
	}
	recorded, err := answer.JSON201.AsRecorded()
	if err != nil {
		return err
	}
	timeline, err := c.GetSummitTimelineWithResponse(ctx, "made", &GetSummitTimelineParams{Min: &recorded.Position})
	if err != nil || timeline.JSON200 == nil || len(timeline.JSON200.Items) != 1 {
		return fmt.Errorf("timeline: %v %s", err, timeline.Body)
	}
	status, err := c.GetSummitStatusWithResponse(ctx, "made", nil)
	if err != nil || status.JSON200 == nil || status.JSON200.Position != recorded.Position {
		return fmt.Errorf("status: %v %s", err, status.Body)
	}
	fact, err := c.GetSummitFactWithResponse(ctx, "made", recorded.Id, nil)
	if err != nil || fact.JSON200 == nil || len(fact.JSON200.History) != 1 {
		return fmt.Errorf("fact: %v %s", err, fact.Body)
	}
	refused, err := c.GetSummitStatusWithResponse(ctx, "nowhere", nil)
	if err != nil || refused.ApplicationproblemJSONDefault == nil {
		return fmt.Errorf("a summit that is not there: %v %s", err, refused.Body)
	}
	item := timeline.JSON200.Items[0]
	fmt.Println(item.Headline, item.Attribution, item.Standing, status.JSON200.Phase, fact.JSON200.Entity, refused.ApplicationproblemJSONDefault.Status)
	return nil
}
