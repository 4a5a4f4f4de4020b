package atlas

import (
	"math"

	"github.com/golang/geo/r2"
	"github.com/golang/geo/r3"
	"github.com/golang/geo/s2"
)

// The box of every map.
const (
	width  = 960
	height = 540
)

// lens is the projection of one map: distances and directions from its middle
// are true (azimuthal equidistant), turned so that a journey runs from left to
// right.
type lens struct {
	middle, east, north r3.Vector
	turn                float64
	scale               float64  // units a radian
	shift               r2.Point // of the middle, in radians
	reach               float64  // distance from the middle beyond which nothing is in sight
}

// margin is the room left round what a map has to show, in units: words stand
// there.
const (
	marginX = 110.0
	marginY = 78.0
)

// narrowest is the least a map shows, in radians from side to side: a town is
// shown with the land round it.
const narrowest = 0.25

// newLens is a lens under which every point is in sight. turn, where given, is
// the point that is to be on the left.
func newLens(all []s2.Point, left *s2.Point) lens {
	var sum r3.Vector
	for _, p := range all {
		sum = sum.Add(p.Vector)
	}
	if sum.Norm() < 1e-6 {
		sum = all[0].Vector
	}
	l := lens{middle: sum.Normalize(), scale: 1}
	l.east = r3.Vector{Z: 1}.Cross(l.middle)
	if l.east.Norm() < 1e-9 { // the middle is a pole: any direction is as good
		l.east = r3.Vector{X: -1}
	}
	l.east = l.east.Normalize()
	l.north = l.middle.Cross(l.east)
	if left != nil {
		d, az := l.polar(*left)
		if d > 1e-6 {
			l.turn = math.Pi - az
		}
	}
	l.fit(all)
	return l
}

// fit chooses scale and shift.
func (l *lens) fit(all []s2.Point) {
	box := r2.EmptyRect()
	for _, p := range all {
		d, az := l.polar(p)
		box = box.AddPoint(r2.Point{X: d * math.Cos(az+l.turn), Y: d * math.Sin(az+l.turn)})
	}
	l.shift = box.Center()
	size := box.Size()
	l.scale = min((width-2*marginX)/max(size.X, narrowest), (height-2*marginY)/max(size.Y, narrowest*height/width))
	corner := math.Hypot(width, height) / 2 / l.scale
	l.reach = min(math.Pi, l.shift.Norm()+corner)
}

// polar is the distance of a point from the middle, and its direction from
// east, against the clock.
func (l *lens) polar(p s2.Point) (distance, azimuth float64) {
	x, y := p.Vector.Dot(l.east), p.Vector.Dot(l.north)
	return l.middle.Angle(p.Vector).Radians(), math.Atan2(y, x)
}

// at is where a distance and direction are on the drawing.
func (l *lens) at(distance, azimuth float64) r2.Point {
	x := distance*math.Cos(azimuth+l.turn) - l.shift.X
	y := distance*math.Sin(azimuth+l.turn) - l.shift.Y
	return r2.Point{X: width/2 + x*l.scale, Y: height/2 - y*l.scale}
}

// see is where a point is on the drawing, or false if it is beyond the reach.
func (l *lens) see(p s2.Point) (r2.Point, bool) {
	d, az := l.polar(p)
	return l.at(d, az), d <= l.reach
}

func inSight(p r2.Point) bool { return p.X >= 0 && p.X <= width && p.Y >= 0 && p.Y <= height }

// rimStep is the greatest turn between two points on the rim.
const rimStep = math.Pi / 24

// ring draws a ring on the sphere. What is beyond the reach is drawn along the
// rim, so that no line crosses the map between two points behind it. A ring
// round the middle that has its land outside is turned inside out by a circle
// along the rim.
func (l *lens) ring(points []s2.Point) (outlines [][]r2.Point) {
	var out []r2.Point
	rim, seen, turned := l.reach+0.02, false, 0.0
	lastAz, lastRim := 0.0, false
	for i := range len(points) + 1 {
		d, az := l.polar(points[i%len(points)])
		step := 0.0
		if i > 0 {
			step = math.Remainder(az-lastAz, 2*math.Pi)
			turned += step
		}
		if d < rim {
			seen = true
			out = append(out, l.at(d, az))
			lastAz, lastRim = az, false
			continue
		}
		if lastRim {
			for k := math.Ceil(math.Abs(step) / rimStep); k > 1; k-- {
				out = append(out, l.at(rim, az-step*(k-1)/math.Ceil(math.Abs(step)/rimStep)))
			}
		}
		out = append(out, l.at(rim, az))
		lastAz, lastRim = az, true
	}
	around := math.Abs(turned) > math.Pi
	if !seen && !around {
		return nil
	}
	outlines = append(outlines, out)
	if turned > math.Pi { // against the clock: its land is outside
		outlines = append(outlines, l.circle(rim))
	}
	return outlines
}

func (l *lens) circle(distance float64) []r2.Point {
	var out []r2.Point
	for az := 0.0; az < 2*math.Pi; az += rimStep {
		out = append(out, l.at(distance, az))
	}
	return out
}
