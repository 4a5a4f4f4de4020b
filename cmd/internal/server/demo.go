package server

import (
	"context"
	"fmt"

	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/seeds"
)

// demoStory is the summit that the demo opens.
const demoStory = "alaska-2025"

// demo records the shipped story: what already exists is left alone.
func demo(ctx context.Context, h *summits.Registry) error {
	story, err := seeds.Load(demoStory)
	if err != nil {
		return err
	}
	s, _, err := h.OpenSummit(ctx, story[0])
	if err != nil {
		return fmt.Errorf("open the demo: %w", err)
	}
	outcomes, err := s.Record(ctx, append([]events.Event(nil), story[1:]...), nil)
	if err != nil {
		return fmt.Errorf("record the demo: %w", err)
	}
	return s.Views.Wait(ctx, outcomes[len(outcomes)-1].Seq)
}
