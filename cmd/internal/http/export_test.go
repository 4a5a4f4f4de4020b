package httpserver

import (
	"github.com/summit-timeline/summit/cmd/internal/http/reading"
	"github.com/summit-timeline/summit/cmd/internal/summits"

	"github.com/summit-timeline/summit/cmd/internal/http/middleware"
)

// Routes returns every route of the table.
func Routes() []middleware.Route { return routes((&server{}).table()) }

// ServedBy returns a summit as the handlers see it.
func ServedBy(reg *summits.Registry, s *summits.Summit) reading.CurrentViews {
	return (&server{registry: reg}).served(s)
}
