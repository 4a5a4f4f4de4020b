package web

import "github.com/summit-timeline/summit/cmd/internal/summits"

// Routes returns every route of the table.
func Routes() []Route { return routes((&server{}).table()) }

// ServedBy returns a summit as the handlers see it.
func ServedBy(reg *summits.Registry, s *summits.Summit) CurrentViews {
	return (&server{registry: reg}).served(s)
}
