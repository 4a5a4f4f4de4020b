package atlas

import (
	"math"
	"strconv"

	"github.com/golang/geo/r2"
)

// frame is the box with a little round it, so that the edges that cutting
// leaves are out of sight.
var frame = r2.RectFromPoints(r2.Point{X: -9, Y: -9}, r2.Point{X: width + 9, Y: height + 9})

// cut cuts a closed outline to the frame, one side after the other (Sutherland
// and Hodgman 1974).
func cut(outline []r2.Point) []r2.Point {
	for side := range 4 {
		inside := func(p r2.Point) bool {
			switch side {
			case 0:
				return p.X >= frame.X.Lo
			case 1:
				return p.X <= frame.X.Hi
			case 2:
				return p.Y >= frame.Y.Lo
			}
			return p.Y <= frame.Y.Hi
		}
		var out []r2.Point
		for i, p := range outline {
			q := outline[(i+1)%len(outline)]
			if inside(p) {
				out = append(out, p)
			}
			if inside(p) != inside(q) {
				out = append(out, crossing(p, q, side))
			}
		}
		outline = out
	}
	return outline
}

// crossing is where the line from p to q meets a side of the frame.
func crossing(p, q r2.Point, side int) r2.Point {
	switch side {
	case 0, 1:
		x := [2]float64{frame.X.Lo, frame.X.Hi}[side]
		return r2.Point{X: x, Y: p.Y + (q.Y-p.Y)*(x-p.X)/(q.X-p.X)}
	}
	y := [2]float64{frame.Y.Lo, frame.Y.Hi}[side-2]
	return r2.Point{X: p.X + (q.X-p.X)*(y-p.Y)/(q.Y-p.Y), Y: y}
}

// pen writes path data in whole units, each point as the way from the one
// before.
type pen struct {
	b    []byte
	x, y int
}

func (p *pen) move(to r2.Point) {
	p.x, p.y = round(to.X), round(to.Y)
	p.b = append(p.b, 'M')
	p.pair(p.x, p.y)
	p.b = append(p.b, 'l')
}

func (p *pen) line(to r2.Point) {
	x, y := round(to.X), round(to.Y)
	if x == p.x && y == p.y {
		return
	}
	if p.b[len(p.b)-1] != 'l' {
		p.b = append(p.b, ' ')
	}
	p.pair(x-p.x, y-p.y)
	p.x, p.y = x, y
}

func (p *pen) pair(x, y int) {
	p.b = strconv.AppendInt(p.b, int64(x), 10)
	if y >= 0 {
		p.b = append(p.b, ' ')
	}
	p.b = strconv.AppendInt(p.b, int64(y), 10)
}

// open draws a chain of points.
func (p *pen) open(chain []r2.Point) {
	if len(chain) < 2 {
		return
	}
	p.move(chain[0])
	for _, q := range chain[1:] {
		p.line(q)
	}
	if p.b[len(p.b)-1] == 'l' { // it comes to one point
		p.b = append(p.b, "0 0"...)
	}
}

// closed draws an outline. An empty one is left out.
func (p *pen) closed(outline []r2.Point) {
	if len(outline) < 3 {
		return
	}
	p.open(outline)
	p.b = append(p.b, 'z')
}

func round(x float64) int { return int(math.Round(x)) }
