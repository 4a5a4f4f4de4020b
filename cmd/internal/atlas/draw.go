package atlas

import (
	"fmt"
	"math"
	"slices"

	"github.com/golang/geo/r2"
	"github.com/golang/geo/s2"
)

// Draw draws a scene, or false if it has nothing to show.
func Draw(s Scene) (Map, bool, error) {
	var all []s2.Point
	for _, x := range s.Spots {
		all = append(all, point(x))
	}
	var left *s2.Point
	for _, x := range s.Legs {
		all = append(all, way(x)...)
	}
	if len(all) == 0 {
		return Map{}, false, nil
	}
	if len(s.Legs) > 0 {
		p := point(longest(s.Legs).From)
		left = &p
	}
	rings, err := land()
	if err != nil {
		return Map{}, false, err
	}
	l := newLens(all, left)
	m := Map{Width: width, Height: height, Land: l.land(rings)}
	l.graticule(&m)
	l.poles(&m)
	for _, x := range s.Legs {
		m.Routes = append(m.Routes, l.route(x))
	}
	l.marks(&m, s.Spots)
	m.Parallels = slices.DeleteFunc(m.Parallels, m.covered)
	return m, true, nil
}

func longest(legs []Leg) (best Leg) {
	far := -1.0
	for _, x := range legs {
		if d := point(x.From).Distance(point(x.To)).Radians(); d > far {
			best, far = x, d
		}
	}
	return best
}

func (l *lens) land(rings [][]s2.Point) string {
	var p pen
	for _, r := range rings {
		for _, outline := range l.ring(r) {
			p.closed(cut(outline))
		}
	}
	return string(p.b)
}

// trace draws a line on the sphere, in as many pieces as are in sight.
func (l *lens) trace(p *pen, points []s2.Point) {
	var chain []r2.Point
	var before r2.Point
	beforeIn := false
	for i, x := range points {
		at, near := l.see(x)
		in := near && frame.ContainsPoint(at)
		if in && !beforeIn && i > 0 {
			chain = append(chain, before)
		}
		if in || beforeIn {
			chain = append(chain, at)
		}
		if !in && beforeIn {
			p.open(chain)
			chain = nil
		}
		before, beforeIn = at, in
	}
	p.open(chain)
}

func (l *lens) route(leg Leg) Route {
	r := Route{Leg: leg, Facts: Measure(leg)}
	var p pen
	l.trace(&p, way(leg))
	at, _ := l.see(point(r.Farthest))
	r.Path, r.NX, r.NY = string(p.b), round(at.X), round(at.Y)
	return r
}

// spacing of the graticule in degrees, for what the map shows from side to
// side.
func (l *lens) spacing() (parallels, meridians int) {
	switch span := width / l.scale * 180 / math.Pi; {
	case span > 45:
		return 10, 30
	case span > 20:
		return 5, 15
	}
	return 2, 5
}

func (l *lens) graticule(m *Map) {
	parallels, meridians := l.spacing()
	var p, anti pen
	for lat := -90 + parallels; lat < 90; lat += parallels {
		l.trace(&p, arc(func(t float64) s2.LatLng { return s2.LatLngFromDegrees(float64(lat), -180+360*t) }))
	}
	for lon := -180; lon < 180; lon += meridians {
		to := &p
		if lon == -180 {
			to = &anti
		}
		l.trace(to, meridian(float64(lon)))
	}
	m.Graticule, m.Antimeridian = string(p.b), string(anti.b)
	l.parallelLabels(m, parallels)
}

func arc(at func(float64) s2.LatLng) []s2.Point {
	const pieces = 120
	out := make([]s2.Point, pieces+1)
	for i := range out {
		out[i] = s2.PointFromLatLng(at(float64(i) / pieces))
	}
	return out
}

func meridian(lon float64) []s2.Point {
	return arc(func(t float64) s2.LatLng { return s2.LatLngFromDegrees(-90+180*t, lon) })
}

// parallelLabels writes the latitudes along the antimeridian if it is in
// sight, else along the meridian through the middle.
func (l *lens) parallelLabels(m *Map, every int) {
	lon := 180.0
	if m.Antimeridian == "" {
		_, meridians := l.spacing()
		ll := s2.LatLngFromPoint(s2.Point{Vector: l.middle})
		lon = math.Round(ll.Lng.Degrees()/float64(meridians)) * float64(meridians)
	}
	for lat := -90 + every; lat < 90; lat += every {
		at, near := l.see(s2.PointFromLatLng(s2.LatLngFromDegrees(float64(lat), lon)))
		if !near || at.X < 12 || at.X > width-50 || at.Y < 16 || at.Y > height-8 {
			continue
		}
		m.Parallels = append(m.Parallels, Label{Text: degrees(float64(lat)), X: round(at.X), Y: round(at.Y), TX: round(at.X) + 4, TY: round(at.Y) - 4})
	}
}

// degrees formats a latitude, such as 60° N.
func degrees(lat float64) string {
	half := " N"
	if lat < 0 {
		half = " S"
	}
	return fmt.Sprintf("%.0f°", math.Abs(lat)) + half
}

func (l *lens) poles(m *Map) {
	for name, lat := range map[string]float64{"North Pole": 90, "South Pole": -90} {
		at, near := l.see(s2.PointFromLatLng(s2.LatLngFromDegrees(lat, 0)))
		if near && inSight(at) {
			m.Poles = append(m.Poles, Label{Text: name, X: round(at.X), Y: round(at.Y), TX: round(at.X) + 9, TY: round(at.Y) - 9})
		}
	}
}

// marks puts the spots on the map, their words below: those on the left half
// begin a little before their spot, those on the right end a little after it, so
// that long names stay on the map.
func (l *lens) marks(m *Map, spots []Place) {
	for _, s := range spots {
		at, _ := l.see(point(s))
		x, y := round(at.X), round(at.Y)
		placed := Label{Text: s.Name, X: x, Y: y, TX: max(10, x-beside), TY: y + below, End: x > width/2}
		if placed.End {
			placed.TX = min(width-10, x+beside)
		}
		for again := true; again; {
			again = false
			for _, o := range m.Marks {
				if abs(o.TX-placed.TX) < 260 && abs(o.TY-placed.TY) < line {
					placed.TY += line
					again = true
				}
			}
		}
		m.Marks = append(m.Marks, placed)
	}
}

// covered reports whether the name of a place lies over a label.
func (m *Map) covered(x Label) bool {
	for _, o := range m.Marks {
		from, to := o.TX, o.TX+letter*len(o.Text)
		if o.End {
			from, to = o.TX-letter*len(o.Text), o.TX
		}
		if x.TX > from-3*letter && x.TX < to && abs(x.TY-o.TY) < line {
			return true
		}
	}
	return false
}

// Where words stand beside their spots, and how high a line of them is.
const (
	beside = 60
	below  = 26
	line   = 18
	letter = 9
)

func abs(x int) int { return max(x, -x) }
