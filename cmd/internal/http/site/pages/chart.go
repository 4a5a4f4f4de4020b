package pages

import (
	"fmt"
	"math"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/cmd/internal/atlas"
	"github.com/summit-timeline/summit/cmd/internal/humanize"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// chart is the map, and what it shows in words.
type chart struct {
	atlas.Map
	Title string
	Ways  []wayRow
	// Nearest are the points at which the flights are farthest north or south.
	Nearest []atlas.Label
	Spots   []spotRow
	// Elsewhere are places of which no coordinates were given.
	Elsewhere []string
}

// wayRow says of a leg what the map shows of it.
type wayRow struct{ Aircraft, From, To, Length, Nearest, Drawn string }

// spotRow says of a place what the map shows of it.
type spotRow struct{ Name, Where, What string }

// survey gathers what a map has to show.
type survey struct {
	scene     atlas.Scene
	spots     []spotRow
	index     map[string]int // by place
	elsewhere []string
	aircraft  []string // of each leg
}

func (v *view) chart() (*chart, error) {
	s := survey{index: map[string]int{}}
	for _, a := range v.Status.Aircraft {
		v.flight(&s, a)
	}
	s.place(v.Summary.Place, "venue")
	for _, m := range v.Status.Meetings {
		s.place(m.Place, m.Title)
	}
	for _, d := range v.Status.Delegations {
		s.place(d.Place, "delegation: "+v.Party(d.Party))
	}
	for _, i := range v.Places {
		s.place(i.Where, "site")
	}
	m, some, err := atlas.Draw(s.scene)
	if err != nil || !some {
		return nil, err
	}
	c := &chart{Map: m, Spots: s.spots, Elsewhere: s.elsewhere}
	for n, r := range m.Routes {
		c.Ways = append(c.Ways, describe(s.aircraft[n], r))
		if r.Inner() {
			c.Nearest = append(c.Nearest, atlas.Label{Text: atlas.Degrees(r.Farthest.Lat), X: r.NX, Y: r.NY, TX: r.NX, TY: r.NY + 20})
		}
	}
	c.Title = "Map of " + humanize.Count(len(s.spots), "place", "places")
	if len(c.Ways) > 0 {
		c.Title = "Map of the flight: " + c.Ways[0].From + " to " + c.Ways[0].To
	}
	return c, nil
}

// describe tells a leg in words.
func describe(aircraft string, r atlas.Route) wayRow {
	w := wayRow{
		Aircraft: aircraft, From: r.From.Name, To: r.To.Name,
		Length: humanize.Thousands(int(math.Round(r.Km))) + " km", Drawn: "dashed: inferred, only the ends are known",
	}
	w.Nearest = atlas.Degrees(r.Farthest.Lat)
	if r.Antimeridian {
		w.Nearest += ", crosses the antimeridian"
	}
	if !r.Inferred {
		w.Drawn = "solid: between positions that a service showed"
	}
	return w
}

// AircraftName is what an aircraft is called: its model, or its id, in which the
// operator is spelled as its own name is.
func (*view) AircraftName(a projections.AircraftStatus) string {
	if a.Model != "" {
		return a.Model
	}
	return strings.Replace(humanize.Label(a.ID), strings.ToLower(a.Operator), a.Operator, 1)
}

// flight adds the legs of an aircraft: from where it left, by the positions
// that services showed, to where it landed or is bound.
func (v *view) flight(s *survey, a projections.AircraftStatus) {
	name := v.AircraftName(a)
	type stop struct {
		atlas.Place
		tracked bool
	}
	var stops []stop
	add := func(p *events.Place, what string) {
		if s.place(p, what) {
			stops = append(stops, stop{Place: spot(p)})
		}
	}
	add(a.From, name+" left")
	for _, i := range v.Tracks {
		if p, ok := trackOf(i, a.ID); ok {
			stops = append(stops, stop{Place: p, tracked: true})
		}
	}
	if a.Place != nil {
		add(a.Place, name+" landed")
	} else {
		add(a.To, name+" is bound here")
	}
	for n := 1; n < len(stops); n++ {
		leg := atlas.Leg{From: stops[n-1].Place, To: stops[n].Place, Inferred: !stops[n-1].tracked || !stops[n].tracked}
		if atlas.Measure(leg).Km >= 1 {
			s.scene.Legs, s.aircraft = append(s.scene.Legs, leg), append(s.aircraft, name)
		}
	}
}

// trackOf is where a service showed an aircraft; false where it did not say,
// or where that was withdrawn.
func trackOf(i projections.Item, aircraft string) (atlas.Place, bool) {
	var d struct {
		Service  string                `json:"service"`
		Position *events.TrackPosition `json:"position"`
	}
	if i.Entity != string(events.KindAircraft)+"/"+aircraft || i.Standing == projections.StandingRetracted || json.Unmarshal(i.Data, &d) != nil || d.Position == nil {
		return atlas.Place{}, false
	}
	return atlas.Place{Name: fmt.Sprintf("position on %s (#%d)", d.Service, i.Seq), Lat: d.Position.Lat, Lon: d.Position.Lon}, true
}

func spot(p *events.Place) atlas.Place {
	s := atlas.Place{Name: p.Name, Lat: *p.Lat, Lon: *p.Lon}
	if s.Name == "" {
		s.Name = p.ICAO
	}
	if s.Name == "" {
		s.Name = coordinates(p)
	}
	return s
}

func coordinates(p *events.Place) string {
	ew := "E"
	if *p.Lon < 0 {
		ew = "W"
	}
	return fmt.Sprintf("%s, %.1f° %s", atlas.Degrees(*p.Lat), math.Abs(*p.Lon), ew)
}

// place adds a place once, and what it is; false where it has no coordinates.
func (s *survey) place(p *events.Place, what string) bool {
	if p == nil {
		return false
	}
	if !p.Known() {
		if p.Name != "" && !strings.Contains("\x00"+strings.Join(s.elsewhere, "\x00")+"\x00", "\x00"+p.Name+"\x00") {
			s.elsewhere = append(s.elsewhere, p.Name)
		}
		return false
	}
	key := fmt.Sprintf("%.2f %.2f", *p.Lat, *p.Lon)
	if n, have := s.index[key]; have {
		if old := s.spots[n].What; !strings.Contains(", "+old+", ", ", "+what+", ") {
			s.spots[n].What = old + ", " + what
		}
		return true
	}
	s.index[key] = len(s.spots)
	x := spot(p)
	s.scene.Spots = append(s.scene.Spots, x)
	name := x.Name
	if p.ICAO != "" && p.ICAO != name {
		name += " (" + p.ICAO + ")"
	}
	s.spots = append(s.spots, spotRow{Name: name, Where: coordinates(p), What: what})
	return true
}
