// Package atlas draws a part of the Earth in an azimuthal equidistant projection, which can show
// a flight over the pole and across the antimeridian where Mercator's cannot.
//
// [Draw] returns numbers, paths and words, not markup: the caller escapes the words.
package atlas

import (
	"math"

	"github.com/golang/geo/s1"
	"github.com/golang/geo/s2"
)

// Place is a named point in degrees.
type Place struct {
	Name     string
	Lat, Lon float64
}

// Leg is a way between two points along the great circle.
type Leg struct {
	From, To Place
	// Inferred reports whether only the ends are known, not the way.
	Inferred bool
}

// Scene is what a map has to show. It is cut so that everything is on it.
type Scene struct {
	Spots []Place
	Legs  []Leg
}

// Map is a drawing, in units of a box of Width by Height.
type Map struct {
	Width, Height int
	Land          string // path data
	Graticule     string
	Antimeridian  string // path data; "" where it is not in sight
	Parallels     []Label
	Poles         []Label
	Routes        []Route
	Marks         []Label
}

// Label is a word at a point.
type Label struct {
	Text   string
	X, Y   int // the point
	TX, TY int // where the word begins, or ends
	End    bool
}

// Route is a leg as drawn, and its description.
type Route struct {
	Leg
	Path string
	Facts
	// NX and NY are where it is nearest a pole.
	NX, NY int
}

// Inner reports whether the leg is farthest from the equator between its ends, not
// at one of them.
func (r Route) Inner() bool {
	return math.Abs(r.Farthest.Lat) > max(math.Abs(r.From.Lat), math.Abs(r.To.Lat))+1
}

// Facts are the measures of the great circle of a leg.
type Facts struct {
	Km           float64
	Farthest     Place // the point of the greatest latitude, north or south
	Antimeridian bool  // whether it crosses 180°
}

// earthRadiusKm is the mean radius of the Earth (IUGG, R1).
const earthRadiusKm = 6371.0088

func point(s Place) s2.Point { return s2.PointFromLatLng(s2.LatLngFromDegrees(s.Lat, s.Lon)) }

// steps is in how many pieces a great circle is drawn.
const steps = 256

// way is the great circle of a leg as a chain of points.
func way(l Leg) []s2.Point {
	a, b := point(l.From), point(l.To)
	out := make([]s2.Point, steps+1)
	for i := range out {
		out[i] = s2.Interpolate(float64(i)/steps, a, b)
	}
	return out
}

// Measure computes the great circle of a leg.
func Measure(l Leg) Facts {
	f := Facts{Km: s1.Angle(point(l.From).Distance(point(l.To))).Radians() * earthRadiusKm}
	best := -1.0
	var before s2.LatLng
	for i, p := range way(l) {
		ll := s2.LatLngFromPoint(p)
		if lat := math.Abs(ll.Lat.Degrees()); lat > best {
			best = lat
			f.Farthest = Place{Lat: ll.Lat.Degrees(), Lon: ll.Lng.Degrees()}
		}
		if i > 0 && math.Abs((ll.Lng-before.Lng).Degrees()) > 180 {
			f.Antimeridian = true
		}
		before = ll
	}
	return f
}
