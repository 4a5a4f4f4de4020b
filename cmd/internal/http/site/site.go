// Package site serves the pages for people. The templates are in the package pages
// below.
package site

import (
	"context"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/access"
	"github.com/summit-timeline/summit/cmd/internal/http/reading"
	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/cmd/internal/http/site/pages"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/message"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store/merkle"
)

// Site serves the pages for people.
type Site struct {
	*reading.Reader
	// Gate looks up tokens; nil asks for none.
	Gate *access.Gate
	// Summits returns every summit that is open here.
	Summits   func() []reading.ListedViews
	room      *respond.Room
	templates *pages.Templates
	docs      docs
}

// NewSite renders the manual and makes a site, in the languages of the reader. Pages have
// a room of their own: they take long to make, and programs do not wait for them.
func NewSite(rd *reading.Reader, room *respond.Room, gate *access.Gate, all func() []reading.ListedViews) (*Site, error) {
	templates, err := pages.New(rd.Languages.Languages()...)
	if err != nil {
		return nil, err
	}
	manual, err := newDocs()
	if err != nil {
		return nil, err
	}
	return &Site{Reader: rd, Gate: gate, Summits: all, room: room, templates: templates, docs: manual}, nil
}

// StoryViews are what the page of a summit shows.
type StoryViews interface {
	reading.FactViews
	Summary(ctx context.Context, at projections.AsOf) (projections.Summary, error)
	StatusPage(ctx context.Context, q projections.StatusQuery) (projections.StatusAnswer, error)
	FullPage(ctx context.Context, q projections.Query, now time.Time) (projections.Page, error)
	Changes(ctx context.Context, since, until projections.AsOf, now time.Time) (projections.Changes, error)
	Steps(ctx context.Context, most int, in *message.Language) ([]projections.Step, error)
	Seqs(ctx context.Context, ids []string) (map[string]uint64, error)
	KnowledgeTime(seq uint64) (time.Time, error)
	Tree(fn func(head events.Position, tiles merkle.Store) error) error
}
