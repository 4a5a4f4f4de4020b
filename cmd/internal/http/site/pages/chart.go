package pages

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/cmd/internal/atlas"
	"github.com/summit-timeline/summit/cmd/internal/humanize"
	"github.com/summit-timeline/summit/cmd/internal/locale"
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
	// Unplaced are places of which no coordinates were given.
	Unplaced []string
}

// wayRow describes a leg as the map shows it.
type wayRow struct{ Aircraft, From, To, Length, Nearest, Drawn string }

// spotRow describes a place as the map shows it.
type spotRow struct {
	Name, Where string
	what        []string
}

// What lists what is at a place.
func (v *view) What(s spotRow) template.HTML { return v.words.names(s.what) }

// survey gathers what a map has to show.
type survey struct {
	scene     atlas.Scene
	spots     []spotRow
	index     map[string]int // by place
	elsewhere []string
	aircraft  []string // of each leg
	words     words
}

func (v *view) chart() (*chart, error) {
	s := survey{index: map[string]int{}, words: v.words}
	for _, a := range v.Status.Aircraft {
		v.flight(&s, a)
	}
	for _, x := range v.Status.Vehicles {
		v.ride(&s, x)
	}
	s.place(v.Summary.Place, v.words.Say("chart.venue"))
	for _, m := range v.Status.Meetings {
		for _, p := range append([]*events.Place{m.Place}, m.Places...) {
			s.place(p, m.Title)
		}
	}
	for _, i := range v.Status.Incidents {
		s.place(i.Place, i.Title)
	}
	for _, d := range v.Status.Delegations {
		s.place(d.Place, v.words.Say("chart.delegation", "party", v.Party(d.Party)))
	}
	for _, i := range v.Places {
		s.place(i.Where, v.words.Say("chart.site"))
	}
	m, some, err := atlas.Draw(s.scene)
	if err != nil || !some {
		return nil, err
	}
	c := &chart{Map: m, Spots: s.spots, Unplaced: s.elsewhere}
	for n, r := range m.Routes {
		c.Ways = append(c.Ways, v.words.describe(s.aircraft[n], r))
		if r.Inner() {
			c.Nearest = append(c.Nearest, atlas.Label{Text: v.words.latitude(r.Farthest.Lat), X: r.NX, Y: r.NY, TX: r.NX, TY: r.NY + 20})
		}
	}
	v.words.labels(c.Parallels, c.Poles)
	c.Title = v.words.Say("chart.places", "count", len(s.spots))
	if len(c.Ways) > 0 {
		c.Title = v.words.Say("chart.flight", "from", c.Ways[0].From, "to", c.Ways[0].To)
	}
	return c, nil
}

// labels puts what the map itself says into the language: the latitudes and the poles.
func (w words) labels(parallels, poles []atlas.Label) {
	for n := range parallels {
		number, side, _ := strings.Cut(parallels[n].Text, "° ")
		if lat, err := strconv.ParseFloat(number, 64); err == nil {
			if side == "S" {
				lat = -lat
			}
			parallels[n].Text = w.degrees(lat, 0, "chart.north", "chart.south")
		}
	}
	for n := range poles {
		key := "chart.pole.north"
		if strings.HasPrefix(poles[n].Text, "South") {
			key = "chart.pole.south"
		}
		poles[n].Text = w.Say(key)
	}
}

// latitude writes a latitude, such as 87.8° N.
func (w words) latitude(lat float64) string { return w.degrees(lat, 1, "chart.north", "chart.south") }

// describe returns a leg in words.
func (w words) describe(aircraft string, r atlas.Route) wayRow {
	row := wayRow{
		Aircraft: aircraft, From: r.From.Name, To: r.To.Name,
		Length: w.Say("chart.km", "km", int(math.Round(r.Km))), Drawn: w.Say("chart.inferred"), Nearest: w.latitude(r.Farthest.Lat),
	}
	if r.Antimeridian {
		row.Nearest = w.Say("chart.antimeridian", "degrees", locale.Words(row.Nearest))
	}
	if !r.Inferred {
		row.Drawn = w.Say("chart.solid")
	}
	return row
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
			stops = append(stops, stop{Place: v.words.spot(p)})
		}
	}
	add(a.From, v.words.Say("chart.left", "who", name))
	for _, i := range v.Tracks {
		if p, ok := v.trackOf(i, a.ID); ok {
			stops = append(stops, stop{Place: p, tracked: true})
		}
	}
	if a.Place != nil {
		add(a.Place, v.words.Say("chart.landed", "who", name))
	} else {
		add(a.To, v.words.Say("chart.bound", "who", name))
	}
	for n := 1; n < len(stops); n++ {
		s.leg(name, atlas.Leg{From: stops[n-1].Place, To: stops[n].Place, Inferred: !stops[n-1].tracked || !stops[n].tracked})
	}
}

// ride adds the leg of a vehicle: from where it left to where it arrived or is bound.
func (v *view) ride(s *survey, x projections.VehicleStatus) {
	name, to, what := v.VehicleName(x), x.To, "chart.bound"
	if x.Place != nil {
		to, what = x.Place, "chart.arrived"
	}
	from := s.place(x.From, v.words.Say("chart.left", "who", name))
	if s.place(to, v.words.Say(what, "who", name)) && from {
		s.leg(name, atlas.Leg{From: v.words.spot(x.From), To: v.words.spot(to), Inferred: true})
	}
}

// leg adds a leg that is long enough to be seen.
func (s *survey) leg(of string, leg atlas.Leg) {
	if atlas.Measure(leg).Km >= 1 {
		s.scene.Legs, s.aircraft = append(s.scene.Legs, leg), append(s.aircraft, of)
	}
}

// trackOf is where a service showed an aircraft, or false if it did not say,
// or where that was withdrawn.
func (v *view) trackOf(i projections.Item, aircraft string) (atlas.Place, bool) {
	var d struct {
		Service  string                `json:"service"`
		Position *events.TrackPosition `json:"position"`
	}
	if i.Entity != string(events.KindAircraft)+"/"+aircraft || i.Standing == projections.StandingRetracted || json.Unmarshal(i.Data, &d) != nil || d.Position == nil {
		return atlas.Place{}, false
	}
	return atlas.Place{Name: v.words.Say("chart.track", "service", d.Service, "fact", fmt.Sprintf("#%d", i.Seq)), Lat: d.Position.Lat, Lon: d.Position.Lon}, true
}

func (w words) spot(p *events.Place) atlas.Place {
	s := atlas.Place{Name: p.Name, Lat: *p.Lat, Lon: *p.Lon}
	if s.Name == "" {
		s.Name = p.ICAO
	}
	if s.Name == "" {
		s.Name = w.coordinates(p)
	}
	return s
}

// coordinates writes where a place is, such as 61.2° N, 149.8° W.
func (w words) coordinates(p *events.Place) string {
	return w.Say("list.comma", "one", locale.Words(w.latitude(*p.Lat)), "other", locale.Words(w.degrees(*p.Lon, 1, "chart.east", "chart.west")))
}

// place adds a place once, and what it is. It returns false if it has no coordinates.
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
		if !slices.Contains(s.spots[n].what, what) {
			s.spots[n].what = append(s.spots[n].what, what)
		}
		return true
	}
	s.index[key] = len(s.spots)
	x := s.words.spot(p)
	s.scene.Spots = append(s.scene.Spots, x)
	name := x.Name
	if p.ICAO != "" && p.ICAO != name {
		name += " (" + p.ICAO + ")"
	}
	s.spots = append(s.spots, spotRow{Name: name, Where: s.words.coordinates(p), what: []string{what}})
	return true
}
