package atlas

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/golang/geo/r2"
	"github.com/golang/geo/s2"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	vnukovo = Place{"Vnukovo", 55.5915, 37.2615}
	paed    = Place{"Elmendorf", 61.251, -149.807}
)

func TestTheLandIsAsPublished(t *testing.T) {
	licence, err := os.ReadFile("land-110m.LICENSE")
	if err != nil {
		t.Fatal(err)
	}
	for content, want := range map[string]string{
		string(landFile): "ead5f68119c49a9250902e7da303bcb209341bbb8fefe7369a439b48b704658a", string(licence): "8048290dfdb6e83fbed17e8985c8cfc4ce9da9b842642f3d3e497280790cfa31",
	} {
		if sum := sha256.Sum256([]byte(content)); hex.EncodeToString(sum[:]) != want {
			t.Errorf("%.40q has the hash %x, want %s", content, sum, want)
		}
	}
	rings, err := land()
	if err != nil || len(rings) < 100 {
		t.Errorf("%d rings, %v", len(rings), err)
	}
}

func TestTheFlightPassesByThePole(t *testing.T) {
	f := Measure(Leg{From: vnukovo, To: paed})
	if math.Abs(f.Km-7008) > 3 || math.Abs(f.Farthest.Lat-87.8) > 0.1 || !f.Antimeridian {
		t.Errorf("%+v", f)
	}
	for _, c := range []struct {
		from, to Place
		km       float64
		crosses  bool
	}{
		{Place{"", 0, 0}, Place{"", 0, 90}, 10007.6, false},
		{Place{"", 0, 170}, Place{"", 0, -170}, 2223.9, true},
		{Place{"", 10, 20}, Place{"", 10, 20}, 0, false},
		{Place{"", -90, 0}, Place{"", 90, 0}, 20015.1, false},
	} {
		if f := Measure(Leg{From: c.from, To: c.to}); math.Abs(f.Km-c.km) > 0.1 || f.Antimeridian != c.crosses {
			t.Errorf("%v to %v: %+v, want %v km", c.from, c.to, f, c.km)
		}
	}
}

// lensOf is the lens of the flight.
func lensOf(t *testing.T, spots ...Place) lens {
	t.Helper()
	var all []s2.Point
	for _, s := range spots {
		all = append(all, point(s))
	}
	left := all[0]
	return newLens(all, &left)
}

func TestDistancesFromTheMiddleAreTrue(t *testing.T) {
	l := lensOf(t, vnukovo, paed)
	middle, _ := l.see(s2.Point{Vector: l.middle})
	for _, s := range []Place{vnukovo, paed, {"", 90, 0}, {"", 70, 100}, {"", 65, -20}} {
		at, _ := l.see(point(s))
		want := s2.Point{Vector: l.middle}.Distance(point(s)).Radians() * l.scale
		if got := at.Sub(middle).Norm(); math.Abs(got-want) > 1e-6 {
			t.Errorf("%v is %f from the middle, want %f", s, got, want)
		}
	}
	a, _ := l.see(point(vnukovo))
	b, _ := l.see(point(paed))
	if a.X >= b.X || math.Abs(a.Y-b.Y) > 1 {
		t.Errorf("the journey does not run from left to right: %v, %v", a, b)
	}
}

func TestEverythingIsInSight(t *testing.T) {
	for name, s := range map[string]Scene{
		"over the pole": {Spots: []Place{vnukovo, paed}, Legs: []Leg{{From: vnukovo, To: paed, Inferred: true}}},
		"a town":        {Spots: []Place{{"Geneva", 46.2, 6.14}}}, "the pole": {Spots: []Place{{"Pole", 90, 0}}}, "the other": {Spots: []Place{{"Pole", -90, 0}}},
		"the antimeridian": {Spots: []Place{{"Suva", -18.1, 178.4}, {"Apia", -13.8, -171.8}}},
		"round the world":  {Spots: []Place{{"A", 0, 0}, {"B", 0, 120}, {"C", 0, -120}}},
		"opposite":         {Spots: []Place{{"A", 10, 20}, {"B", -10, -160}}, Legs: []Leg{{From: Place{"A", 10, 20}, To: Place{"B", -10, -160}}}},
		"the same twice":   {Spots: []Place{paed, paed}, Legs: []Leg{{From: paed, To: paed}}},
	} {
		m, drawn, err := Draw(s)
		if err != nil || !drawn || len(m.Marks) != len(s.Spots) || len(m.Routes) != len(s.Legs) {
			t.Errorf("%s: %t %v %+v", name, drawn, err, m.Marks)
			continue
		}
		for _, x := range m.Marks {
			if !inSight(r2.Point{X: float64(x.X), Y: float64(x.Y)}) || x.TX < 0 || x.TX > width {
				t.Errorf("%s: %+v is out of sight", name, x)
			}
		}
		for _, path := range append([]string{m.Land, m.Graticule, m.Antimeridian}, paths(m)...) {
			if strings.Contains(path, "NaN") || !wellFormed.MatchString(path) {
				t.Errorf("%s: no path: %.200s", name, path)
			}
		}
	}
	if _, drawn, err := Draw(Scene{}); drawn || err != nil {
		t.Errorf("nothing: %t %v", drawn, err)
	}
}

var wellFormed = regexp.MustCompile(`^(M-?\d+[ -]\d+l(-?\d+[ -]\d+ ?)+z?)*$`)

func paths(m Map) (list []string) {
	for _, r := range m.Routes {
		list = append(list, r.Path)
	}
	return list
}

// isLand reads the drawing as a browser does: a point is in the land where a
// line from it crosses the outlines an odd number of times.
func isLand(t *testing.T, path string, at r2.Point) bool {
	t.Helper()
	odd := false
	for _, outline := range strings.Split(strings.Trim(path, "Mz"), "zM") {
		var points []r2.Point
		x, y := 0.0, 0.0
		numbers := regexp.MustCompile(`-?\d+`).FindAllString(outline, -1)
		for i := 0; i+1 < len(numbers); i += 2 {
			dx, _ := strconv.Atoi(numbers[i])
			dy, _ := strconv.Atoi(numbers[i+1])
			x, y = x+float64(dx), y+float64(dy)
			points = append(points, r2.Point{X: x, Y: y})
		}
		for i, p := range points {
			q := points[(i+1)%len(points)]
			if (p.Y > at.Y) != (q.Y > at.Y) && at.X < p.X+(at.Y-p.Y)*(q.X-p.X)/(q.Y-p.Y) {
				odd = !odd
			}
		}
	}
	return odd
}

func TestLandIsLandAndSeaIsSea(t *testing.T) {
	rings, err := land()
	if err != nil {
		t.Fatal(err)
	}
	ground := []Place{
		{"Moscow", 55.7, 37.6},
		{"Fairbanks", 64.8, -147.7},
		{"Yakutsk", 62, 129.7},
		{"Denver", 39.7, -105},
		{"Kinshasa", -4.3, 15.3},
		{"Alice Springs", -23.7, 133.9},
		{"Greenland", 72, -40},
		{"Brasilia", -15.8, -47.9},
		{"the South Pole", -89, 10},
		{"Chukotka", 67, 179},
		{"Chukotka, beyond 180°", 66.5, -175},
		{"Delhi", 28.6, 77.2},
	}
	sea := []Place{{"the North Pole", 89, 10}, {"the Atlantic", 30, -45}, {"the Pacific", 0, -150}, {"the Indian Ocean", -30, 80}, {"the Southern Ocean", -58, 100}, {"the Bering Sea", 58, -178}}
	for _, middle := range []Place{
		{"the pole", 85, 0}, {"the Pacific", 10, -160}, {"Europe", 50, 10}, {"Antarctica", -80, 60}, {"Australia", -25, 135}, {"Africa", 2, 20}, {"the antipode of Asia", -60, -90},
	} {
		center := point(middle)
		l := newLens([]s2.Point{center}, nil)
		l.scale = 165 // a radian: most of the Earth is in sight
		l.reach = math.Min(math.Pi, math.Hypot(width, height)/2/l.scale)
		path := l.land(rings)
		for _, c := range []struct {
			spots []Place
			want  bool
		}{{ground, true}, {sea, false}} {
			for _, s := range c.spots {
				at, near := l.see(point(s))
				if near && inSight(at) && isLand(t, path, at) != c.want {
					t.Errorf("from above %s: %s is land: %t", middle.Name, s.Name, !c.want)
				}
			}
		}
	}
}
