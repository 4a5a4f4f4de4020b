package reading

import (
	"cmp"
	"context"
	"encoding/base64"
	"net/http"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/cmd/internal/access"
	"github.com/summit-timeline/summit/cmd/internal/http/middleware"
	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// ListedViews are the views of a summit in the list of summits.
type ListedViews interface {
	CurrentViews
	LastKnown() (events.Position, time.Time)
	Latest() projections.AsOf
	Summary(ctx context.Context, at projections.AsOf) (projections.Summary, error)
}

// DefaultSummits is the length of a page of the list of summits.
const DefaultSummits = 100

// Active is a summit and the time of its last event. The list of summits is in
// this order, the latest first.
type Active struct {
	Last int64  `json:"l"` // Unix nanoseconds
	ID   string `json:"i"`
	// Views are nil in an Active that was read from a cursor.
	Views ListedViews `json:"-"`
}

// Compare orders summits as in the list.
func (a Active) Compare(b Active) int {
	return cmp.Or(cmp.Compare(b.Last, a.Last), cmp.Compare(a.ID, b.ID))
}

// ByActivity returns the summits that the sender of a request may read, in the order
// of the list, after the place that the parameter cursor names. It leaves out those
// without a first event.
func (x *Reader) ByActivity(r *http.Request, all []ListedViews) ([]Active, error) {
	after, err := activeAfter(r.FormValue("cursor"))
	if err != nil {
		return nil, err
	}
	var list []Active
	for _, s := range all {
		if s.Summit() == summits.Canary || !middleware.Identity(r).Can(access.Read, s.Summit()) {
			continue
		}
		if err := x.Current(r.Context(), s); err != nil {
			return nil, err
		}
		head, last := s.LastKnown()
		if head.Seq == 0 {
			continue
		}
		a := Active{last.UnixNano(), s.Summit(), s}
		if after == nil || a.Compare(*after) > 0 {
			list = append(list, a)
		}
	}
	slices.SortFunc(list, Active.Compare)
	return list, nil
}

// Cursor returns the cursor of the page after a summit.
func (a Active) Cursor() (string, error) {
	b, err := json.Marshal(a)
	return base64.RawURLEncoding.EncodeToString(b), err
}

// activeAfter reads a cursor. It returns nil for the beginning of the list.
func activeAfter(cursor string) (*Active, error) {
	if cursor == "" {
		return nil, nil
	}
	var a Active
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || json.Unmarshal(b, &a) != nil || a.ID == "" {
		return nil, respond.BadParams(respond.Fault{Pointer: "cursor", Detail: "is not a cursor of this list: use next from the previous page"})
	}
	return &a, nil
}
