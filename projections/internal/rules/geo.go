package rules

import (
	"math"

	"github.com/summit-timeline/summit/events"
)

// earthRadiusKm is the mean radius of the Earth (IUGG, R1).
const earthRadiusKm = 6371.0088

// apartKm returns how far two places are apart at least: the great-circle distance
// (haversine formula) less the radii within which each lies. False where it
// cannot be known.
func apartKm(a, b *events.Place) (float64, bool) {
	if a == nil || b == nil {
		return 0, false
	}
	if (a.ICAO != "" && a.ICAO == b.ICAO) || (a.Name != "" && events.SameName(a.Name, b.Name)) {
		return 0, true
	}
	if !a.Known() || !b.Known() {
		return 0, false
	}
	rad := func(deg float64) float64 { return deg * math.Pi / 180 }
	lat1, lat2 := rad(*a.Lat), rad(*b.Lat)
	h := hav(lat2-lat1) + math.Cos(lat1)*math.Cos(lat2)*hav(rad(*b.Lon-*a.Lon))
	km := 2 * earthRadiusKm * math.Asin(math.Sqrt(min(1, h)))
	return max(0, km-(accuracyM(a)+accuracyM(b))/1000), true
}

func hav(x float64) float64 { return (1 - math.Cos(x)) / 2 }

func accuracyM(p *events.Place) float64 {
	if p.AccuracyM == nil {
		return 0
	}
	return *p.AccuracyM
}

// SamePlace reports whether two places are known to be the same: by their names or
// indicators, or by coordinates that are within each other's accuracy.
func SamePlace(a, b *events.Place) bool {
	km, known := apartKm(a, b)
	return known && km == 0
}

func rounded(x float64) int { return int(math.Round(x)) }
