package atlas

import "testing"

func TestTry(t *testing.T) {
	v, a := Spot{"Vnukovo", 55.5915, 37.2615}, Spot{"JBER", 61.251, -149.807}
	m, ok, err := Draw(Scene{Spots: []Spot{v, a}, Legs: []Leg{{From: v, To: a, Inferred: true}}})
	t.Log(ok, err, len(m.Land), len(m.Graticule), m.Parallels, m.Poles, m.Marks, m.Routes[0].Facts, m.Routes[0].NX, m.Routes[0].NY)
}
