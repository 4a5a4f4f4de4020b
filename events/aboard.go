package events

// Aboard returns who is aboard what, as a fact about an entity says it: KIND/ID of
// those aboard by KIND/ID of what carries them.
func Aboard(p Payload, of Entity) map[string][]string {
	carries := func(list []string) map[string][]string {
		if len(list) == 0 {
			return nil
		}
		return map[string][]string{of.String(): list}
	}
	switch d := p.(type) {
	case *AircraftDeparted:
		return carries(d.Aboard)
	case *AircraftLanded:
		return carries(d.Aboard)
	case *VehicleDeparted:
		return carries(d.Aboard)
	case *VehicleArrived:
		return carries(d.Aboard)
	}
	if carrier := CarrierOf(p); carrier != "" {
		return map[string][]string{carrier: {of.String()}}
	}
	return nil
}
