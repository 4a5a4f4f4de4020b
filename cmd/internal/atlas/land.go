package atlas

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/golang/geo/s2"
)

// landFile is land-110m.json of the npm package world-atlas 2.0.2 (ISC, see
// land-110m.LICENSE), as published: the land of Natural Earth at 1:110 million,
// which is in the public domain. A test holds its hash.
//
//go:embed land-110m.json
var landFile []byte

// topology is a TopoJSON file: rings are made of arcs that neighbours share,
// and each arc is a chain of differences on a grid.
type topology struct {
	Transform struct{ Scale, Translate [2]float64 }
	Arcs      [][][2]float64
	Objects   map[string]struct {
		Geometries []struct{ Arcs [][][]int }
	}
}

// land returns the rings of the land, decoded once. An outer ring runs clockwise
// round its land, as seen from above.
var land = sync.OnceValues(func() ([][]s2.Point, error) {
	var t topology
	if err := json.Unmarshal(landFile, &t); err != nil {
		return nil, fmt.Errorf("read the land: %w", err)
	}
	arcs := make([][]s2.Point, len(t.Arcs))
	for i, a := range t.Arcs {
		arcs[i] = t.points(a)
	}
	var rings [][]s2.Point
	for _, g := range t.Objects["land"].Geometries {
		for _, polygon := range g.Arcs {
			for _, ring := range polygon {
				rings = append(rings, joined(arcs, ring))
			}
		}
	}
	if len(rings) == 0 {
		return nil, fmt.Errorf("read the land: there is none in the file")
	}
	return rings, nil
})

// points undoes the differences and the grid of an arc.
func (t *topology) points(arc [][2]float64) []s2.Point {
	var x, y float64
	out := make([]s2.Point, len(arc))
	for i, d := range arc {
		x, y = x+d[0], y+d[1]
		lon := x*t.Transform.Scale[0] + t.Transform.Translate[0]
		lat := y*t.Transform.Scale[1] + t.Transform.Translate[1]
		out[i] = s2.PointFromLatLng(s2.LatLngFromDegrees(lat, lon))
	}
	return out
}

// joined follows the arcs of a ring; the number ^n means arc n backwards, and
// the last point of an arc is the first of the next.
func joined(arcs [][]s2.Point, ring []int) []s2.Point {
	var out []s2.Point
	for _, n := range ring {
		back := n < 0
		if back {
			n = ^n
		}
		arc := arcs[n]
		for i := range arc[:len(arc)-1] {
			if back {
				i = len(arc) - 1 - i
			}
			out = append(out, arc[i])
		}
	}
	return out
}
